//! The state machine: what holds whoever does what in whichever order.

use proptest::prelude::*;
use serde_json::{Map, json};

use super::*;
use crate::task::record::FORM;

fn fence(replica: &str, attempt: u32) -> Fence {
    Fence { replica: replica.to_owned(), attempt }
}

fn record() -> Record {
    Record {
        form: FORM,
        owner: "me".to_owned(),
        tool: "work".to_owned(),
        created: 1,
        updated: 1,
        changes: 0,
        expires: 1000,
        poll: 10,
        status: Status::Working,
        message: None,
        worker: fence("a", 1),
        losses: 0,
        root: String::new(),
        steps: Map::new(),
        inputs: Vec::new(),
        end: None,
    }
}

fn ask(by: &Fence, name: &str) -> Step {
    Step::Ask(by.clone(), vec![(name.to_owned(), json!({"method": "elicitation/create"}))])
}

fn given(key: &str) -> (String, Answer) {
    (key.to_owned(), Answer::Given(json!({"action": "accept"})))
}

fn done() -> End {
    End::Result { value: json!({"content": []}), is_error: false }
}

/// I06, I10: questions and answers, and a key that is never used twice.
#[test]
fn i09_a_task_waits_until_every_question_is_answered() {
    let (mut task, me) = (record(), fence("a", 1));
    let both = Step::Ask(me.clone(), vec![("x".to_owned(), json!({})), ("y".to_owned(), json!({}))]);
    assert_eq!(apply(&mut task, &both, 2), Verdict::Changed);
    assert_eq!(task.status, Status::InputRequired);
    assert_eq!(apply(&mut task, &both, 2), Verdict::Unchanged, "put again it is the same question");
    assert_eq!(apply(&mut task, &Step::Answer(vec![given("unknown")]), 3), Verdict::Unchanged);
    apply(&mut task, &Step::Answer(vec![given("x"), given("unknown")]), 4);
    assert_eq!(task.status, Status::InputRequired, "a part of the answers leaves it waiting");
    assert_eq!(apply(&mut task, &Step::Answer(vec![given("x")]), 5), Verdict::Unchanged, "it is answered");
    apply(&mut task, &Step::Answer(vec![given("y")]), 6);
    assert_eq!(task.status, Status::Working);

    apply(&mut task, &Step::Refuse(me.clone(), "x".to_owned()), 7);
    apply(&mut task, &ask(&me, "x"), 8);
    let keys: Vec<&str> = task.open().map(|input| input.key.as_str()).collect();
    assert_eq!(keys, ["x-2"], "what did not fit is asked under a new key");
}

/// A worker that lost its task changes nothing any more, and the one that took it goes on with what was known.
#[test]
fn only_the_latest_worker_writes() {
    let (mut task, first) = (record(), fence("a", 1));
    apply(&mut task, &Step::Remember(first.clone(), "sent".to_owned(), json!(1)), 2);
    apply(&mut task, &ask(&first, "x"), 3);
    let claim = Step::Claim { from: first.clone(), by: "b".to_owned(), died: true };
    assert_eq!(apply(&mut task, &claim, 4), Verdict::Changed);
    assert_eq!(apply(&mut task, &claim, 4), Verdict::Fenced, "one of two takes it");
    assert_eq!((task.worker.clone(), task.losses), (fence("b", 2), 1));
    assert_eq!(apply(&mut task, &Step::Finish(first.clone(), done()), 5), Verdict::Fenced);
    assert_eq!(apply(&mut task, &Step::Say(first, "still here".to_owned()), 5), Verdict::Fenced);
    assert_eq!((task.status, task.open().count()), (Status::InputRequired, 1), "its question stands");
    assert_eq!(task.steps["sent"], 1);

    let second = fence("b", 2);
    apply(&mut task, &Step::Release(second), 6);
    let claim = Step::Claim { from: fence("", 2), by: "c".to_owned(), died: false };
    assert_eq!(apply(&mut task, &claim, 7), Verdict::Changed);
    assert_eq!(task.losses, 1, "a task that was handed over was not lost");
}

/// I08, I11: a protocol error alone is a failure, and nothing follows on an end.
#[test]
fn an_end_is_final() {
    let me = fence("a", 1);
    let ends = [
        (Step::Cancel, Status::Cancelled),
        (Step::Finish(me.clone(), End::Result { value: json!({"isError": true}), is_error: true }), Status::Completed),
        (Step::Finish(me.clone(), End::Error(json!({"code": -32603, "message": "no"}))), Status::Failed),
    ];
    for (step, status) in &ends {
        let mut task = record();
        assert_eq!(apply(&mut task, step, 2), Verdict::Changed);
        assert_eq!(task.status, *status);
        for (other, _) in &ends {
            let before = task.clone();
            assert_eq!(apply(&mut task, other, 3), Verdict::Over);
            assert_eq!(task, before);
        }
    }
}

fn fences() -> impl Strategy<Value = Fence> {
    (prop::sample::select(vec!["", "a", "b", "c"]), 1..4u32).prop_map(|(replica, attempt)| fence(replica, attempt))
}

fn steps() -> impl Strategy<Value = Step> {
    let name = || prop::sample::select(vec!["x", "y", "x-2"]).prop_map(str::to_owned);
    prop_oneof![
        (fences(), name()).prop_map(|(by, text)| Step::Say(by, text)),
        (fences(), name()).prop_map(|(by, name)| ask(&by, &name)),
        (fences(), name()).prop_map(|(by, name)| Step::Refuse(by, name)),
        (fences(), name()).prop_map(|(by, name)| Step::Remember(by, name, json!(1))),
        prop::collection::vec(name(), 0..3).prop_map(|keys| Step::Answer(keys.iter().map(|key| given(key)).collect())),
        Just(Step::Cancel),
        fences().prop_map(|by| Step::Finish(by, done())),
        fences().prop_map(Step::Release),
        (fences(), fences(), any::<bool>()).prop_map(|(from, by, died)| Step::Claim { from, by: by.replica, died }),
    ]
}

proptest! {
    /// Whatever happens in whichever order: an end is final, there is one, keys are unique, and only what the task waits
    /// for makes it wait.
    #[test]
    fn what_holds_in_every_order(steps in prop::collection::vec(steps(), 0..60)) {
        let mut task = record();
        let mut ends = 0;
        for (at, step) in steps.iter().enumerate() {
            let before = task.clone();
            let verdict = apply(&mut task, step, at as u64);
            if verdict != Verdict::Changed {
                prop_assert_eq!(&task, &before);
            }
            if before.status.is_final() {
                prop_assert_eq!(&task, &before);
            } else if task.status.is_final() {
                ends += 1;
            } else {
                let waits = task.open().next().is_some();
                prop_assert_eq!(waits, task.status == Status::InputRequired);
            }
            prop_assert!(task.worker.attempt >= before.worker.attempt && task.updated >= before.updated);
            if task.worker.attempt > before.worker.attempt {
                prop_assert_ne!(&task.worker, &before.worker);
            }
            let keys: std::collections::HashSet<_> = task.inputs.iter().map(|input| &input.key).collect();
            prop_assert_eq!(keys.len(), task.inputs.len());
        }
        prop_assert!(ends <= 1);
    }
}
