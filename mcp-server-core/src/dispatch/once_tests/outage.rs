//! Claims while the store is away, and claims of runs that take long.

use super::*;
use crate::prelude::*;
use crate::store::contract::Interruptible;
use crate::store::{Health, Memory as Engine};

/// Works until it is let go.
#[tool(idempotency)]
async fn slow(State(world): State<World>, number: u32) -> String {
    format!("done {number} in run {}", world.work().await)
}

/// Asks its user, who takes his time, and works until it is let go.
#[tool(idempotency, idempotent, timeout = "1m")]
async fn patient(context: Context, State(world): State<World>, number: u32) -> String {
    // What a question to a legacy client does while it is open.
    context.shared().waiting.fetch_add(1, Ordering::SeqCst);
    format!("done {number} in run {}", world.work().await)
}

/// Never stores a result anybody can read.
#[tool(idempotency = "10s", timeout = "20s")]
async fn forgetful(number: u32) -> String {
    number.to_string()
}

/// Thousands of calls while the store is away leave no task and no command for later.
#[tokio::test(start_paused = true)]
async fn an_outage_leaves_nothing_for_later() {
    let (world, (engine, interruption)) = (World::open(), Interruptible::over(Engine::new()));
    let store = Store::new(engine);
    let service = replica(&store, &world, tools![slow]).await;
    service.replica().stop_heart();
    interruption.fail();
    let before = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    for number in 0..3_000 {
        let answer = ask(&service, alice(), &call("slow", number, None)).await;
        assert!(error(&answer)["kind"].is_string(), "{answer}");
    }
    assert_eq!((world.runs(), store.health()), (0, Health::Down));
    let (waiting, bytes) = service.unsettled.waiting();
    assert!(waiting < 10 && bytes == 0, "{waiting} wait with {bytes} bytes");
    let after = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    assert!(after < before + 10, "{before} tasks before, {after} afterwards");
    interruption.end();
    tokio::time::sleep(Duration::from_mins(2)).await;
    assert_eq!(service.unsettled.waiting(), (0, 0));
    let answer = ask(&service, alice(), &call("slow", 1, None)).await;
    assert_eq!(text(&answer), "done 1 in run 1");
}

/// Ends that the store does not take are written when it is back, and count until then.
#[tokio::test(start_paused = true)]
async fn ends_are_written_when_the_store_is_back() {
    let (world, (engine, interruption)) = (World::new(), Interruptible::over(Engine::new()));
    let store = Store::new(engine);
    let (one, two) = (replica(&store, &world, tools![slow]).await, replica(&store, &world, tools![slow]).await);
    for number in 0..50 {
        begin_and_leave(&one, &world, &call("slow", number, Some(&number.to_string()))).await;
    }
    interruption.fail();
    world.gate.add_permits(50);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(one.unsettled.waiting().0 >= 49, "one of them may be tried at this moment");
    interruption.end();
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert_eq!(one.unsettled.waiting(), (0, 0));
    for number in 0..50 {
        let answer = ask(&two, alice(), &call("slow", number, Some(&number.to_string()))).await;
        assert!(is_replayed(&answer), "{answer}");
    }
    assert_eq!(world.runs(), 50);
}

/// A claim that was made although the store did not say so keeps nobody out: here at once, elsewhere soon.
#[tokio::test(start_paused = true)]
async fn a_claim_of_nobody_keeps_nobody_out() {
    for elsewhere in [false, true] {
        let (world, (engine, interruption)) = (World::open(), Interruptible::over(Engine::new()));
        let store = Store::new(engine).within(Duration::from_millis(100));
        let (one, two) = (replica(&store, &world, tools![slow]).await, replica(&store, &world, tools![slow]).await);
        interruption.hang();
        let refused = ask(&one, alice(), &call("slow", 7, Some("k"))).await;
        assert!(error(&refused)["kind"].is_string(), "{refused}");
        interruption.end();
        let service = if elsewhere { &two } else { &one };
        let answer = ask(service, alice(), &call("slow", 7, Some("k"))).await;
        assert_eq!((text(&answer), world.runs()), ("done 7 in run 1", 1));
    }
}

/// A run that outlives its claim is not joined by a second one: the claim is renewed while it lives.
#[tokio::test(start_paused = true)]
async fn a_claim_is_renewed_while_its_run_lives() {
    let (world, store) = (World::new(), Store::memory());
    let settings = || Settings {
        remember: Duration::from_mins(1),
        remember_unkeyed: Duration::from_mins(1),
        ..Settings::default()
    };
    let one = replica_with(&store, &world, tools![patient], settings()).await.unwrap();
    let two = replica_with(&store, &world, tools![patient], settings()).await.unwrap();
    let params = call("patient", 7, Some("k"));
    begin_and_leave(&one, &world, &params).await;
    for _ in 0..24 {
        tokio::time::sleep(Duration::from_hours(1)).await;
        let answer = ask(&two, alice(), &params).await;
        assert_eq!(error(&answer)["kind"], "timeout", "it runs already: {answer}");
    }
    world.gate.add_permits(1);
    let answer = ask(&two, alice(), &params).await;
    assert_eq!((text(&answer), world.runs()), ("done 7 in run 1", 1));
    tokio::time::sleep(Duration::from_secs(61)).await;
    world.gate.add_permits(1);
    assert_eq!(text(&ask(&two, alice(), &params).await), "done 7 in run 2", "an answer is kept as long as was said");
}

/// An answer that is forgotten before a client may ask for it again is refused at the start.
#[tokio::test]
async fn a_tool_that_outlasts_its_own_answer_is_refused() {
    let (world, store) = (World::new(), Store::memory());
    let faults = replica_with(&store, &world, tools![forgetful], Settings::default()).await.unwrap_err().join("\n");
    for named in ["forgetful", "`keep`", "10 s", "20 s", "tools.forgetful.timeout"] {
        assert!(faults.contains(named), "{named} in {faults}");
    }
    let settings = Settings { remember_unkeyed: Duration::from_secs(3), ..Settings::default() };
    let faults = replica_with(&store, &world, tools![slow], settings).await.unwrap_err().join("\n");
    assert!(faults.contains("idempotency.keep_unkeyed") && faults.contains("tools.slow.timeout"), "{faults}");
}
