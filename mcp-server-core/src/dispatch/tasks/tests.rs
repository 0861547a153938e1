//! Tasks on several replicas, which are services that share a store.

use std::cell::RefCell;
use std::collections::HashMap;
use std::future::{pending, poll_fn};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::task::AbortHandle;

use crate::dispatch::{
    Asked, Event, Handled, Identity, Service, Settings, Shared, States, assemble, handle, keep_watch,
};
use crate::prelude::*;
use crate::protocol::jsonrpc::{self, Message};
use crate::protocol::{ClientCapabilities, Params, Revision};
use crate::store::seal::Sealer;
use crate::store::{Replica, Store};
use crate::telemetry::{CallRecord, Telemetry, Wire};
use crate::tool::{Caller, Item};

/// The lease of a replica: short, so that a dead one is soon known to be.
const LIFE: Duration = Duration::from_millis(300);

#[derive(Deserialize, JsonSchema)]
struct Sure {
    sure: bool,
}

/// Ask in the middle.
#[tool(task)]
async fn ask(context: Context) -> ToolResult<String> {
    let Sure { sure } = context.elicit("Sure?").key("sure").await?;
    Ok(format!("sure: {sure}"))
}

static SENT: AtomicU32 = AtomicU32::new(0);
static SENDINGS: AtomicU32 = AtomicU32::new(0);

/// Send something once, and never come to an end when it is begun for the first time.
#[tool(idempotent, task)]
async fn send(context: Context) -> ToolResult<String> {
    context.step("send", || async { Ok(SENT.fetch_add(1, Ordering::SeqCst)) }).await?;
    if SENDINGS.fetch_add(1, Ordering::SeqCst) == 0 {
        pending::<()>().await;
    }
    Ok(format!("by {}", context.principal().id()))
}

/// Never come to an end.
#[tool(destructive, task, max_concurrency = 1)]
async fn destroy() -> String {
    pending().await
}

/// Never come to an end, in many calls at once.
#[tool(destructive, task)]
async fn ruin() -> String {
    pending().await
}

/// Never come to an end, over and over.
#[tool(idempotent, task)]
async fn spin() -> String {
    pending().await
}

/// Tell how far it is.
#[tool(task)]
async fn count(progress: Progress) -> String {
    progress.report(1.0, Some(2.0), "half of it");
    pending().await
}

async fn replica(store: &Store) -> Arc<Service> {
    replica_with(store, tools![ask, send, destroy, ruin, spin, count]).await
}

async fn replica_with(store: &Store, items: Vec<Item>) -> Arc<Service> {
    let shared = Shared {
        store: store.clone(),
        replica: Replica::join(store, LIFE, String::new()).await.unwrap(),
        sealer: Sealer::ephemeral(),
    };
    let identity = Identity::new("tests".to_owned(), "0".to_owned(), None, None);
    let service = assemble(identity, items, States::new(), shared, Settings::default(), Telemetry::default()).unwrap();
    let watch = tokio::spawn(keep_watch(Arc::downgrade(&service))).abort_handle();
    WATCHES.with_borrow_mut(|watches| watches.insert(service.replica().id().to_owned(), watch));
    service
}

thread_local! {
    /// What looks after orphans, by replica.
    static WATCHES: RefCell<HashMap<String, AbortHandle>> = RefCell::default();
}

/// Has a replica do nothing more for others, as if its process were gone.
fn dies(service: &Arc<Service>) {
    service.replica().stop_heart();
    WATCHES.with_borrow_mut(|watches| watches.remove(service.replica().id()).inspect(AbortHandle::abort));
}

fn alice() -> Principal {
    Principal::new("test", "alice", [] as [&str; 0])
}

async fn answer(service: &Arc<Service>, who: Principal, method: &str, params: Value) -> Value {
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let Ok(Message::Request(request)) = jsonrpc::decode(&Bytes::from(message.to_string())) else { panic!("a request") };
    let params = Params::read(request.params.as_deref()).unwrap();
    let meta = params.meta().unwrap();
    let caller = Caller {
        principal: who,
        revision: Revision::V2026_07_28,
        capabilities: ClientCapabilities { tasks: true, elicitation_form: true, ..ClientCapabilities::default() },
        log_level: None,
        session: None,
        link: None,
    };
    let service = Arc::clone(service);
    let asked = Asked { service, request: &request, params: &params, meta: &meta, caller, headers: None };
    let answer = match handle(&asked, CallRecord::start(&Telemetry::default(), Wire::Task, 0)) {
        Handled::Answer(answer) => answer,
        Handled::Exchange(mut exchange) => loop {
            if let Event::Done(answer) = poll_fn(|cx| exchange.poll_event(cx)).await {
                break answer;
            }
        },
    };
    serde_json::from_slice(&answer.bytes).unwrap()
}

async fn call(service: &Arc<Service>, tool: &str) -> String {
    let created = answer(service, alice(), "tools/call", json!({ "name": tool })).await;
    assert_eq!(created["result"]["resultType"], "task", "{created}");
    created["result"]["taskId"].as_str().unwrap().to_owned()
}

async fn about(service: &Arc<Service>, method: &str, id: &str) -> Value {
    answer(service, alice(), method, json!({ "taskId": id })).await
}

/// The task, once something is true of it.
async fn until(service: &Arc<Service>, id: &str, reached: impl Fn(&Value) -> bool) -> Value {
    let watch = service.desk().board().watch(vec![crate::store::seal::hash_id(id)]);
    loop {
        let task = about(service, "tasks/get", id).await["result"].take();
        if reached(&task) {
            return task;
        }
        watch.changed().await;
    }
}

async fn ended(service: &Arc<Service>, id: &str) -> Value {
    until(service, id, |task| !["working", "input_required"].contains(&task["status"].as_str().unwrap())).await
}

/// I05, I09: made here, seen there, answered elsewhere.
#[tokio::test]
async fn a_task_is_everywhere() {
    let store = Store::memory();
    let (a, b, c) = (replica(&store).await, replica(&store).await, replica(&store).await);
    let id = call(&a, "ask").await;
    let waiting = until(&b, &id, |task| task["status"] == "input_required").await;
    assert_eq!(waiting["inputRequests"]["sure"]["method"], "elicitation/create");

    let odd = json!({ "taskId": id, "inputResponses": { "sure": { "action": "accept", "content": { "sure": 7 } } } });
    assert_eq!(answer(&c, alice(), "tasks/update", odd).await["result"]["resultType"], "complete");
    let waiting = until(&b, &id, |task| task["inputRequests"].get("sure-2").is_some()).await;
    assert_eq!(waiting["inputRequests"].as_object().unwrap().len(), 1, "I10: what was answered is not asked again");

    let fit =
        json!({ "taskId": id, "inputResponses": { "sure-2": { "action": "accept", "content": { "sure": true } } } });
    answer(&c, alice(), "tasks/update", fit).await;
    let done = ended(&b, &id).await;
    assert_eq!((&done["status"], &done["result"]["content"][0]["text"]), (&json!("completed"), &json!("sure: true")));
    assert_eq!(done["result"]["resultType"], "complete", "I21");
}

/// I13: another's task is as unknown as none.
#[tokio::test]
async fn a_task_is_its_owners() {
    let store = Store::memory();
    let a = replica(&store).await;
    let id = call(&a, "ask").await;
    let bob = || Principal::new("test", "bob", [] as [&str; 0]);
    for method in ["tasks/get", "tasks/cancel", "tasks/update"] {
        let of = |id: &str| json!({ "taskId": id, "inputResponses": {} });
        let foreign = answer(&a, bob(), method, of(&id)).await;
        assert_eq!(foreign["error"]["code"], -32602);
        assert_eq!(foreign, answer(&a, bob(), method, of("nobody-has-this")).await);
    }
    assert!(about(&a, "tasks/get", &id).await["result"]["taskId"].is_string());
}

/// I11: cancelled from another replica, the function is dropped where it runs.
#[tokio::test]
async fn a_task_is_cancelled_from_anywhere() {
    let store = Store::memory();
    let (a, b) = (replica(&store).await, replica(&store).await);
    let taken = || a.catalogue().tool("destroy").unwrap().permits.as_ref().unwrap().taken();
    let id = call(&a, "destroy").await;
    assert_eq!((taken(), a.in_flight.taken()), (1, 0), "a task is a call of its tool, and no request");
    let done = about(&b, "tasks/cancel", &id).await;
    assert_eq!(done["result"].as_object().unwrap().keys().collect::<Vec<_>>(), ["resultType", "_meta"]);
    assert_eq!(ended(&b, &id).await["status"], "cancelled");
    assert!(about(&b, "tasks/cancel", &id).await["result"].is_object(), "again is as well");
    while taken() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn progress_is_the_message_of_the_status() {
    let store = Store::memory();
    let (a, b) = (replica(&store).await, replica(&store).await);
    let id = call(&a, "count").await;
    until(&b, &id, |task| task["statusMessage"] == "half of it").await;
}

/// A replica that stops gives the task to another one, or ends it: never is one left `working` for ever.
#[test]
fn a_dead_workers_task_goes_on_or_ends() {
    let store = Store::memory();
    let (dies, lives) = (Runtime::new().unwrap(), Runtime::new().unwrap());
    let (repeatable, other) = dies.block_on(async {
        let a = replica(&store).await;
        let ids = (call(&a, "send").await, call(&a, "destroy").await);
        while SENDINGS.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        ids
    });
    // Nothing of it is told that it ends, as with SIGKILL.
    dies.shutdown_background();
    lives.block_on(async {
        let b = replica(&store).await;
        let done = ended(&b, &repeatable).await;
        assert_eq!(done["result"]["content"][0]["text"], "by alice", "I22: it runs under its creator's name: {done}");
        assert_eq!(SENT.load(Ordering::SeqCst), 1, "what a step did is not done again");
        let lost = ended(&b, &other).await;
        assert_eq!((&lost["status"], &lost["error"]["data"]["kind"]), (&json!("failed"), &json!("worker_lost")));
        assert_eq!(lost["error"]["data"]["retryable"], true);
        assert!(lost["statusMessage"].is_string(), "I08");
    });
}

/// The attempts are bounded: what kills its worker does not go on killing.
#[test]
fn a_task_that_loses_its_worker_again_and_again_ends() {
    let store = Store::memory();
    let first = Runtime::new().unwrap();
    let id = first.block_on(async {
        let a = replica(&store).await;
        call(&a, "spin").await
    });
    first.shutdown_background();
    for attempt in 2..=3 {
        let next = Runtime::new().unwrap();
        next.block_on(async {
            let service = replica(&store).await;
            let key = crate::store::seal::hash_id(&id);
            let watch = service.desk().board().watch(vec![key.clone()]);
            while service.desk().board().load(&key).await.unwrap().unwrap().worker.attempt < attempt {
                watch.changed().await;
            }
        });
        next.shutdown_background();
    }
    let finally = Runtime::new().unwrap();
    let lost = finally.block_on(async { ended(&replica(&store).await, &id).await });
    assert_eq!(lost["error"]["data"]["kind"], "worker_lost");
}

/// A process that is asked to stop hands over what may be repeated and ends the rest, and does not wait for ever.
#[tokio::test]
async fn a_stopping_replica_leaves_no_task_behind() {
    let store = Store::memory();
    let (a, b) = (replica(&store).await, replica(&store).await);
    let (repeatable, other) = (call(&a, "spin").await, call(&a, "destroy").await);
    a.desk().close(Duration::ZERO).await;
    let lost = about(&b, "tasks/get", &other).await;
    assert_eq!(lost["result"]["error"]["data"]["kind"], "worker_lost");
    a.replica().leave().await.unwrap();
    let key = crate::store::seal::hash_id(&repeatable);
    let watch = b.desk().board().watch(vec![key.clone()]);
    loop {
        let record = b.desk().board().load(&key).await.unwrap().unwrap();
        if record.worker.replica == b.replica().id() {
            assert_eq!(record.losses, 0, "it was handed over, not lost");
            break;
        }
        watch.changed().await;
    }
}

/// The replica that works on a task now.
async fn worker(service: &Arc<Service>, id: &str) -> String {
    let key = crate::store::seal::hash_id(id);
    service.desk().board().load(&key).await.unwrap().map(|record| record.worker.replica).unwrap_or_default()
}

/// A replica that was paused for longer than its lease wakes, accepts tasks at once, and dies before its next heartbeat.
#[tokio::test(start_paused = true)]
async fn what_a_woken_replica_accepted_before_it_died_goes_on() {
    let store = Store::memory();
    let (a, b) = (replica(&store).await, replica(&store).await);
    let first = call(&a, "ask").await;
    about(&a, "tasks/cancel", &first).await;
    a.replica().stop_heart();
    tokio::time::sleep(LIFE * 50).await;
    let accepted = [call(&a, "spin").await, call(&a, "spin").await, call(&a, "spin").await];
    tokio::time::sleep(LIFE * 5).await;
    for id in &accepted {
        assert_eq!(worker(&b, id).await, b.replica().id());
    }
}

/// The same at every moment: however long the pause was, each accepted task goes on or ends.
#[tokio::test(start_paused = true)]
async fn no_accepted_task_is_left_behind_whenever_its_worker_dies() {
    for pause in 0..40 {
        let store = Store::memory();
        let (a, b) = (replica(&store).await, replica(&store).await);
        call(&a, "spin").await;
        a.replica().stop_heart();
        let mut accepted = Vec::new();
        for _ in 0..4 {
            tokio::time::sleep(LIFE * pause / 16).await;
            accepted.push(call(&a, "spin").await);
            accepted.push(call(&a, "ruin").await);
        }
        tokio::time::sleep(LIFE * 5).await;
        for id in &accepted {
            let task = about(&b, "tasks/get", id).await["result"].take();
            let goes_on = worker(&b, id).await == b.replica().id();
            assert!(goes_on || task["status"] == "failed", "after a pause of {pause}: {task}");
        }
    }
}

/// Only the new version has this.
#[tool(idempotent, task)]
async fn novel(rounds: u32) -> String {
    if rounds == 0 { "done".to_owned() } else { pending().await }
}

/// The old version takes other arguments.
#[tool(idempotent, task, name = "novel")]
async fn former(#[arg(range = 0..=1)] rounds: u32) -> String {
    if rounds == 0 { "done".to_owned() } else { pending().await }
}

/// During a deployment a replica leaves what it does not know to one that does.
#[tokio::test(start_paused = true)]
async fn a_replica_of_another_version_leaves_an_orphan_alone() {
    for others in [tools![spin], tools![former]] {
        let store = Store::memory();
        let (new, old) = (replica_with(&store, tools![novel]).await, replica_with(&store, others).await);
        let created =
            answer(&new, alice(), "tools/call", json!({ "name": "novel", "arguments": { "rounds": 9 } })).await;
        let id = created["result"]["taskId"].as_str().unwrap().to_owned();
        dies(&new);
        tokio::time::sleep(LIFE * 200).await;
        assert_eq!(about(&old, "tasks/get", &id).await["result"]["status"], "working");
        let third = replica_with(&store, tools![novel]).await;
        tokio::time::sleep(LIFE * 5).await;
        assert_eq!(worker(&old, &id).await, third.replica().id());
        dies(&third);
        tokio::time::sleep(Duration::from_hours(1)).await;
        let ended = about(&old, "tasks/get", &id).await["result"].take();
        assert_eq!(ended["error"]["data"]["kind"], "worker_lost", "when its time is over it ends: {ended}");
    }
}

/// A claim that the store made, although it did not say so, is worked on.
#[tokio::test(start_paused = true)]
async fn a_claim_whose_outcome_was_unknown_is_worked_on() {
    let store = Store::memory();
    let a = replica(&store).await;
    let id = call(&a, "spin").await;
    a.replica().stop_heart();
    let b = replica(&store).await;
    let key = crate::store::seal::hash_id(&id);
    let record = b.desk().board().load(&key).await.unwrap().unwrap();
    let claim = crate::task::Step::Claim { from: record.worker, by: b.replica().id().to_owned(), died: true };
    b.desk().board().apply(&key, &claim).await.unwrap();
    assert!(!b.desk().is_in_work(&key));
    tokio::time::sleep(LIFE * 5).await;
    assert!(b.desk().is_in_work(&key));
}

/// It is even if the page that named the task is gone, because another replica saw that the task is no orphan any more.
#[tokio::test(start_paused = true)]
async fn a_claim_whose_outcome_was_unknown_is_worked_on_though_no_page_names_it() {
    let store = Store::memory();
    let a = replica(&store).await;
    let id = call(&a, "spin").await;
    a.replica().stop_heart();
    let b = replica(&store).await;
    let key = crate::store::seal::hash_id(&id);
    let record = b.desk().board().load(&key).await.unwrap().unwrap();
    b.desk().doubt(&key, crate::task::Doubt { worker: record.worker.replica.clone(), expires: record.expires });
    let claim = crate::task::Step::Claim { from: record.worker, by: b.replica().id().to_owned(), died: true };
    b.desk().board().apply(&key, &claim).await.unwrap();
    assert!(store.delete("tasks/pages", None).await.unwrap());
    tokio::time::sleep(LIFE * 5).await;
    assert!(b.desk().is_in_work(&key));
    assert!(b.desk().doubts().is_empty());
}

/// Tell the key of a step, and never come to an end when it is begun for the first time.
#[tool(idempotent, task)]
async fn pay(context: Context, progress: Progress) -> ToolResult<String> {
    let key = context.step_key("pay").await?;
    progress.report(1.0, Some(2.0), &key);
    if key.is_empty() { Ok(key) } else { pending().await }
}

/// Another replica that goes on with a task has the same keys for its steps.
#[tokio::test(start_paused = true)]
async fn the_key_of_a_step_is_the_same_on_every_replica() {
    let store = Store::memory();
    let (a, b) = (replica_with(&store, tools![pay]).await, replica_with(&store, tools![pay]).await);
    let id = call(&a, "pay").await;
    let first = until(&b, &id, |task| task["statusMessage"].is_string()).await["statusMessage"].take();
    let hidden = crate::task::Step::Say(
        b.desk().board().load(&crate::store::seal::hash_id(&id)).await.unwrap().unwrap().worker,
        "forgotten".to_owned(),
    );
    b.desk().board().apply(&crate::store::seal::hash_id(&id), &hidden).await.unwrap();
    a.replica().stop_heart();
    let second = until(&b, &id, |task| task["statusMessage"] != "forgotten").await["statusMessage"].take();
    assert_eq!(worker(&b, &id).await, b.replica().id());
    assert_eq!(first, second);
    assert_eq!(first.as_str().unwrap().len(), 43);
}
