//! How a run can end, and what its key is worth then.

use super::*;
use crate::prelude::*;

/// Fail in a way of the first try, then work.
#[tool(idempotency)]
async fn fail(State(world): State<World>, number: u32) -> ToolResult<String> {
    match (world.begin(), number) {
        (1, 0) => Err(ToolError::upstream_unavailable("not now")),
        (1, 1) => Err(ToolError::conflict("it is closed").cause("for the log")),
        (1, 2) => Err(ToolError::upstream_unavailable("never").do_not_retry()),
        (1, 3) => panic!("broken"),
        (1, 4) => Ok(String::new()),
        (1, 5) => std::future::pending().await,
        (1, 6) => Ok("x".repeat(2_000)),
        _ => Ok("it worked".to_owned()),
    }
}

/// The same, and doing it twice does no harm.
#[tool(idempotency, idempotent, timeout = "100ms")]
async fn harmless(State(world): State<World>, number: u32) -> ToolResult<String> {
    fail(State(world), number).await
}

/// The same, in less time and with less to say.
#[tool(idempotency, timeout = "100ms", max_result = "1KiB")]
async fn limited(State(world): State<World>, number: u32) -> ToolResult<String> {
    fail(State(world), number).await
}

/// Works until it is let go.
#[tool(idempotency)]
async fn slow(State(world): State<World>, number: u32) -> String {
    format!("done {number} in run {}", world.work().await)
}

/// Works until it is let go, and doing it twice does no harm.
#[tool(idempotency, idempotent)]
async fn slow_harmless(State(world): State<World>, number: u32) -> String {
    format!("done {number} in run {}", world.work().await)
}

async fn twice(tool: &str, number: u32, key: Option<&str>) -> ([Value; 2], u32) {
    let (world, store) = (World::new(), Store::memory());
    let one = replica(&store, &world, tools![fail, harmless, limited]).await;
    let two = replica(&store, &world, tools![fail, harmless, limited]).await;
    let first = ask(&one, alice(), &call(tool, number, key)).await;
    let second = ask(&two, alice(), &call(tool, number, key)).await;
    ([first, second], world.runs())
}

#[tokio::test]
async fn a_failure_worth_a_retry_frees_the_key() {
    for key in [Some("k"), None] {
        let ([first, second], runs) = twice("fail", 0, key).await;
        assert_eq!(error(&first)["kind"], "upstream_unavailable");
        assert_eq!(text(&second), "it worked");
        assert_eq!(runs, 2);
    }
}

#[tokio::test]
async fn any_other_failure_is_remembered_with_the_very_words_and_reference() {
    for number in [1, 2] {
        let ([first, second], runs) = twice("fail", number, Some("k")).await;
        assert_eq!(error(&first), error(&second));
        assert_eq!(text(&first), text(&second));
        assert!(is_replayed(&second) && !is_replayed(&first));
        assert_eq!(runs, 1);
    }
}

#[tokio::test]
async fn without_a_key_the_same_arguments_may_work_later() {
    let ([first, second], runs) = twice("fail", 1, None).await;
    assert_eq!(error(&first)["kind"], "conflict");
    assert_eq!((text(&second), runs), ("it worked", 2));
}

#[tokio::test]
async fn what_was_done_is_not_done_again_because_its_answer_was_bad() {
    for (tool, number, kind) in [("fail", 4, "unexplained_empty"), ("limited", 6, "result_too_large")] {
        for key in [Some("k"), None] {
            let ([first, second], runs) = twice(tool, number, key).await;
            assert_eq!(error(&first)["kind"], kind);
            assert_eq!(error(&second)["kind"], kind);
            assert_eq!(runs, 1);
        }
    }
}

#[tokio::test]
async fn what_was_interrupted_is_not_run_again() {
    for (tool, number, kind) in [("fail", 3, "internal"), ("limited", 5, "timeout")] {
        for key in [Some("k"), None] {
            let ([first, second], runs) = twice(tool, number, key).await;
            assert_eq!(error(&first)["kind"], kind);
            assert_eq!(error(&first)["retryable"], false, "{first}");
            assert_eq!(error(&first), error(&second));
            assert_eq!(runs, 1);
        }
    }
}

#[tokio::test]
async fn what_does_no_harm_is_run_again_after_an_interruption() {
    for (number, kind) in [(3, "internal"), (5, "timeout")] {
        let ([first, second], runs) = twice("harmless", number, Some("k")).await;
        assert_eq!(error(&first)["kind"], kind);
        assert_eq!((text(&second), runs), ("it worked", 2));
    }
}

#[tokio::test]
async fn a_lost_worker_is_told_and_what_it_did_after_all_counts() {
    let (world, store) = (World::new(), Store::memory());
    let one = replica(&store, &world, tools![slow]).await;
    let two = replica(&store, &world, tools![slow]).await;
    let params = call("slow", 7, Some("k"));
    begin_and_leave(&one, &world, &params).await;
    one.replica().leave().await.unwrap();
    let lost = ask(&two, alice(), &params).await;
    assert_eq!(error(&lost)["kind"], "worker_lost");
    assert_eq!(error(&lost)["retryable"], false);
    assert_eq!(error(&ask(&two, alice(), &params).await)["kind"], "worker_lost");
    assert_eq!(world.runs(), 1);
    // It was only thought to be dead.
    world.gate.add_permits(1);
    one.apart.close();
    one.apart.wait().await;
    let mut answer = ask(&two, alice(), &params).await;
    while answer["result"]["isError"] == true {
        tokio::task::yield_now().await;
        answer = ask(&two, alice(), &params).await;
    }
    assert_eq!(text(&answer), "done 7 in run 1");
    assert_eq!(world.runs(), 1);
}

#[tokio::test]
async fn a_lost_worker_is_replaced_where_that_does_no_harm() {
    let (world, store) = (World::new(), Store::memory());
    let one = replica(&store, &world, tools![slow_harmless]).await;
    let two = replica(&store, &world, tools![slow_harmless]).await;
    let params = call("slow_harmless", 7, Some("k"));
    begin_and_leave(&one, &world, &params).await;
    one.replica().leave().await.unwrap();
    let repeat = ask(&two, alice(), &params);
    let opened = async {
        world.wait_for_begin().await;
        world.gate.add_permits(2);
    };
    let (answer, ()) = tokio::join!(repeat, opened);
    assert_eq!(text(&answer), "done 7 in run 2");
    one.apart.close();
    one.apart.wait().await;
    assert_eq!(text(&ask(&two, alice(), &params).await), "done 7 in run 2", "the lost one changes nothing any more");
}
