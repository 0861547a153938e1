//! Idempotent calls: one run, and its answer for every repeat.

use futures_util::future::join_all;

use super::*;
use crate::prelude::*;

/// Pay something.
#[tool(idempotency)]
async fn pay(State(world): State<World>, number: u32) -> String {
    let run = world.work().await;
    format!("paid {number} in run {run}")
}

/// Pay something, one payment at a time.
#[tool(idempotency, max_concurrency = 1)]
async fn pay_alone(State(world): State<World>, number: u32) -> String {
    let run = world.work().await;
    format!("paid {number} in run {run}")
}

async fn two(world: &World) -> [Arc<Service>; 2] {
    let store = Store::memory();
    [replica(&store, world, tools![pay, pay_alone]).await, replica(&store, world, tools![pay, pay_alone]).await]
}

#[tokio::test]
async fn fifty_parallel_repeats_on_two_replicas_are_one_run_with_one_answer() {
    let world = World::new();
    let services = two(&world).await;
    for (tool, key) in [("pay", Some("k")), ("pay", None), ("pay_alone", Some("k"))] {
        let before = world.runs();
        let params = call(tool, 7, key);
        let calls = (0..50).map(|n| ask(&services[n % 2], alice(), &params));
        let opened = async {
            world.wait_for_begin().await;
            world.gate.add_permits(50);
        };
        let (answers, ()) = tokio::join!(join_all(calls), opened);
        assert_eq!(world.runs() - before, 1);
        let paid = format!("paid 7 in run {}", world.runs());
        assert!(answers.iter().all(|answer| text(answer) == paid), "{answers:?}");
        assert_eq!(answers.iter().filter(|answer| !is_replayed(answer)).count(), 1);
        let late = ask(&services[1], alice(), &params).await;
        assert!(text(&late) == paid && is_replayed(&late));
        // The gate is as closed for the next one as it was for this one.
        world.gate.forget_permits(1_000);
    }
}

#[tokio::test]
async fn a_lost_answer_is_found_on_another_replica() {
    let world = World::new();
    let [one, two] = two(&world).await;
    let params = call("pay", 7, Some("k"));
    begin_and_leave(&one, &world, &params).await;
    world.gate.add_permits(1);
    let answer = ask(&two, alice(), &params).await;
    assert_eq!(text(&answer), "paid 7 in run 1");
    assert!(is_replayed(&answer));
    assert_eq!(world.runs(), 1);
}

#[tokio::test]
async fn a_run_that_nobody_waits_for_keeps_its_permits() {
    let world = World::new();
    let [one, _] = two(&world).await;
    begin_and_leave(&one, &world, &call("pay_alone", 1, Some("a"))).await;
    let busy = ask(&one, alice(), &call("pay_alone", 2, Some("b"))).await;
    assert_eq!(error(&busy)["kind"], "overloaded");
    world.gate.add_permits(2);
    assert_eq!(text(&ask(&one, alice(), &call("pay_alone", 1, Some("a"))).await), "paid 1 in run 1");
    assert_eq!(text(&ask(&one, alice(), &call("pay_alone", 2, Some("b"))).await), "paid 2 in run 2", "it was freed");
}

#[tokio::test]
async fn a_key_is_for_one_principal_one_tool_and_the_same_arguments() {
    let world = World::open();
    let [one, two] = two(&world).await;
    assert_eq!(text(&ask(&one, alice(), &call("pay", 7, Some("k"))).await), "paid 7 in run 1");
    let other = ask(&two, alice(), &call("pay", 8, Some("k"))).await;
    assert_eq!(error(&other)["kind"], "conflict");
    assert_eq!(error(&other)["retryable"], false);
    assert_eq!(text(&ask(&two, bob(), &call("pay", 7, Some("k"))).await), "paid 7 in run 2");
    assert_eq!(text(&ask(&two, alice(), &call("pay_alone", 7, Some("k"))).await), "paid 7 in run 3");
    assert_eq!(text(&ask(&two, alice(), &call("pay", 7, Some("l"))).await), "paid 7 in run 4");
    assert_eq!(text(&ask(&two, alice(), &call("pay", 7, None)).await), "paid 7 in run 5", "its arguments are the key");
    assert_eq!(text(&ask(&two, alice(), &call("pay", 8, None)).await), "paid 8 in run 6");
    assert_eq!(text(&ask(&one, alice(), &call("pay", 7, None)).await), "paid 7 in run 5");
}

#[tokio::test]
async fn what_is_no_key_is_refused() {
    let world = World::open();
    let [one, _] = two(&world).await;
    for wrong in [json!(1), json!(""), json!("x".repeat(256)), json!(["k"])] {
        let mut params = call("pay", 7, None);
        params["_meta"] = json!({ "rs.mcp-server/idempotencyKey": wrong });
        assert_eq!(ask(&one, alice(), &params).await["error"]["code"], -32602, "{wrong}");
    }
    assert_eq!(world.runs(), 0);
}
