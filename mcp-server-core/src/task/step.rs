//! The state machine: what may happen to a task, and what comes of it.

use serde_json::Value;

use super::record::{Answer, End, Fence, Input, Record, Status};

/// Something that happens to a task.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Its worker says how far it has come.
    Say(Fence, String),
    /// Its worker asks the client some things, each under its author's name.
    Ask(Fence, Vec<(String, Value)>),
    /// Its worker cannot use the answer that it has under a name.
    Refuse(Fence, String),
    /// Its worker finished a step.
    Remember(Fence, String, Value),
    /// Its client answers, by the keys of the wire.
    Answer(Vec<(String, Answer)>),
    /// Its client gives it up.
    Cancel,
    /// Its work has ended.
    Finish(Fence, End),
    /// Its worker stops before the end, and lets another one go on.
    Release(Fence),
    /// A worker takes it over from one that stopped or died; `died` counts.
    Claim { from: Fence, by: String, died: bool },
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The record is another one now.
    Changed,
    /// It was so already, or means nothing.
    Unchanged,
    /// Whoever did it is not the worker any more.
    Fenced,
    /// The task is over.
    Over,
}

/// Has something happen to a task at a time.
pub(super) fn apply(record: &mut Record, step: &Step, now: u64) -> Verdict {
    let verdict = judge(record, step);
    if verdict != Verdict::Changed {
        return verdict;
    }
    let unseen = matches!(step, Step::Refuse(..) | Step::Remember(..) | Step::Release(_) | Step::Claim { .. });
    if !unseen {
        record.updated = now.max(record.updated);
        record.changes += 1;
    }
    match step {
        Step::Say(_, message) => record.message = Some(message.clone()),
        Step::Ask(_, questions) => questions.iter().for_each(|(name, question)| ask(record, name, question)),
        Step::Refuse(_, name) => {
            let named = record.inputs.iter_mut().filter(|input| input.name == *name);
            named.for_each(|input| input.refused = true);
        }
        Step::Remember(_, name, value) => {
            record.steps.insert(name.clone(), value.clone());
        }
        Step::Answer(answers) => take(record, answers),
        Step::Cancel => record.status = Status::Cancelled,
        Step::Finish(_, end) => finish(record, end),
        Step::Release(_) => record.worker.replica.clear(),
        Step::Claim { by, died, .. } => {
            record.worker = Fence { replica: by.clone(), attempt: record.worker.attempt + 1 };
            record.losses += u32::from(*died);
        }
    }
    verdict
}

fn judge(record: &Record, step: &Step) -> Verdict {
    let by = match step {
        Step::Say(by, _)
        | Step::Ask(by, _)
        | Step::Refuse(by, _)
        | Step::Remember(by, ..)
        | Step::Finish(by, _)
        | Step::Release(by)
        | Step::Claim { from: by, .. } => Some(by),
        Step::Answer(_) | Step::Cancel => None,
    };
    if by.is_some_and(|by| *by != record.worker) {
        return Verdict::Fenced;
    }
    if record.status.is_final() {
        return Verdict::Over;
    }
    let changes = match step {
        Step::Say(_, message) => record.message.as_ref() != Some(message),
        Step::Ask(_, questions) => questions.iter().any(|(name, _)| record.input(name).is_none()),
        Step::Refuse(_, name) => record.input(name).is_some_and(|input| input.answer.is_some()),
        Step::Answer(answers) => record.open().any(|input| answers.iter().any(|(key, _)| *key == input.key)),
        _ => true,
    };
    if changes { Verdict::Changed } else { Verdict::Unchanged }
}

fn ask(record: &mut Record, name: &str, question: &Value) {
    if record.input(name).is_some() {
        return;
    }
    let taken = |key: &str| record.inputs.iter().any(|input| input.key == key);
    let mut key = name.to_owned();
    let mut number = 1;
    while taken(&key) {
        number += 1;
        key = format!("{name}-{number}");
    }
    let input = Input { key, name: name.to_owned(), question: question.clone(), answer: None, refused: false };
    record.inputs.push(input);
    record.status = Status::InputRequired;
}

/// Takes answers to open questions; those to others are passed over (tasks extension, `tasks/update`).
fn take(record: &mut Record, answers: &[(String, Answer)]) {
    for input in record.inputs.iter_mut().filter(|input| input.answer.is_none()) {
        if let Some((_, answer)) = answers.iter().find(|(key, _)| *key == input.key) {
            input.answer = Some(answer.clone());
        }
    }
    if record.open().next().is_none() {
        record.status = Status::Working;
    }
}

fn finish(record: &mut Record, end: &End) {
    // How far the work had come means nothing now.
    record.message = None;
    record.status = match end {
        End::Result { .. } => Status::Completed,
        End::Error(error) => {
            record.message = error.get("message").and_then(Value::as_str).map(str::to_owned);
            Status::Failed
        }
    };
    record.end = Some(end.clone());
}

#[cfg(test)]
mod tests;
