//! Calls that ask their client: idempotency across rounds, and state that opens once.

use serde::Deserialize;

use super::*;
use crate::prelude::*;

#[derive(Deserialize, schemars::JsonSchema)]
struct Consent {
    ok: bool,
}

async fn asked(context: &Context, world: &World) -> ToolResult<String> {
    let Consent { ok } = context.elicit("Go on?").key("consent").await?;
    Ok(format!("{ok} in run {}", world.begin()))
}

/// Ask, then do.
#[tool(idempotency)]
async fn once(context: Context, State(world): State<World>, number: u32) -> ToolResult<String> {
    asked(&context, &world).await.map(|done| format!("{number}: {done}"))
}

/// Ask, then do; the answer counts once.
#[tool(single_use)]
async fn single(context: Context, State(world): State<World>, number: u32) -> ToolResult<String> {
    asked(&context, &world).await.map(|done| format!("{number}: {done}"))
}

/// Ask, then do; all of it once.
#[tool(idempotency, single_use)]
async fn both(context: Context, State(world): State<World>, number: u32) -> ToolResult<String> {
    asked(&context, &world).await.map(|done| format!("{number}: {done}"))
}

/// Ask, then do; at times as a task.
#[tool(single_use, task)]
async fn later(context: Context, State(world): State<World>, number: u32) -> ToolResult<String> {
    asked(&context, &world).await.map(|done| format!("{number}: {done}"))
}

/// Ask, then do, as often as somebody agrees.
#[tool]
async fn plain(context: Context, State(world): State<World>, number: u32) -> ToolResult<String> {
    asked(&context, &world).await.map(|done| format!("{number}: {done}"))
}

/// Ask, then tell the keys of two steps.
#[tool]
async fn keyed(context: Context) -> ToolResult<String> {
    let before = context.step_key("before").await?;
    let Consent { ok: _ } = context.elicit("Go on?").key("consent").await?;
    let keys = [before, context.step_key("before").await?, context.step_key("after").await?];
    Ok(keys.join(" "))
}

/// Tell the key of a step, and fail at first.
#[tool(idempotency, idempotent)]
async fn repeated(context: Context, State(world): State<World>, number: u32) -> ToolResult<String> {
    let key = context.step_key("pay").await?;
    if world.begin() == 1 {
        return Err(ToolError::upstream_unavailable(format!("{number} {key}")));
    }
    Ok(format!("{number} {key}"))
}

/// Each step of a call has a key of its own, which is the same in every round and however often a round is sent.
#[tokio::test]
async fn the_key_of_a_step_is_the_same_in_every_round() {
    let (world, store) = (World::open(), Store::memory());
    let [one, two] = [replica(&store, &world, tools![keyed]).await, replica(&store, &world, tools![keyed]).await];
    let params = json!({ "name": "keyed" });
    let mut seen = Vec::new();
    for _ in 0..2 {
        let asked = ask(&one, alice(), &params).await;
        let mut last = params.clone();
        last["requestState"] = asked["result"]["requestState"].clone();
        last["inputResponses"] = json!({ "consent": { "action": "accept", "content": { "ok": true } } });
        let (here, there) = (ask(&one, alice(), &last).await, ask(&two, alice(), &last).await);
        assert_eq!(text(&here), text(&there), "the last retry was sent twice");
        let keys: Vec<String> = text(&here).split(' ').map(str::to_owned).collect();
        assert_eq!(keys[0], keys[1]);
        assert!(keys[0] != keys[2] && keys[0].len() == 43, "{keys:?}");
        seen.extend(keys);
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 4, "another call has other keys");
}

/// Repeats of a call under its key have the same keys of steps, and nobody else has them.
#[tokio::test]
async fn the_key_of_a_step_is_the_same_in_every_repeat() {
    let (world, store) = (World::open(), Store::memory());
    let [one, two] = [replica(&store, &world, tools![repeated]).await, replica(&store, &world, tools![repeated]).await];
    let failed = ask(&one, alice(), &call("repeated", 7, Some("k"))).await;
    assert!(error(&failed)["retryable"].as_bool().unwrap(), "{failed}");
    let again = ask(&two, alice(), &call("repeated", 7, Some("k"))).await;
    let key = text(&again).split(' ').nth(1).unwrap();
    assert!(text(&failed).contains(key), "{failed} and {again}");
    for (who, other) in [(alice(), "other"), (bob(), "k")] {
        let answer = ask(&one, who, &call("repeated", 7, Some(other))).await;
        assert!(!text(&answer).contains(key), "{answer}");
    }
}

async fn two(world: &World) -> [Arc<Service>; 2] {
    let store = Store::memory();
    let items = || tools![once, single, both, later, plain];
    [replica(&store, world, items()).await, replica(&store, world, items()).await]
}

/// The first round of a call, and the second one that answers its question.
async fn rounds(service: &Arc<Service>, first: &Value) -> Value {
    let asked = ask(service, alice(), first).await;
    assert_eq!(asked["result"]["resultType"], "input_required", "{asked}");
    let mut second = first.clone();
    second["requestState"] = asked["result"]["requestState"].clone();
    second["inputResponses"] = json!({ "consent": { "action": "accept", "content": { "ok": true } } });
    second
}

#[tokio::test]
async fn the_rounds_of_a_call_are_one_call_and_its_repeats_get_its_answer() {
    let world = World::new();
    let [one, two] = two(&world).await;
    for (tool, key) in [("once", Some("k")), ("once", None), ("both", Some("k"))] {
        let before = world.runs();
        let first = call(tool, 1, key);
        let (second, other) = (rounds(&one, &first).await, rounds(&two, &first).await);
        let (left, right) = tokio::join!(ask(&two, alice(), &second), ask(&one, alice(), &other));
        assert_eq!(text(&left), text(&right), "{left} {right}");
        for again in [first, second, other] {
            let again = ask(&one, alice(), &again).await;
            assert!(is_replayed(&again) && text(&again) == text(&left), "{again}");
        }
        assert_eq!(world.runs() - before, 1);
    }
}

#[tokio::test]
async fn a_refusal_of_the_user_frees_the_key() {
    let world = World::new();
    let [one, two] = two(&world).await;
    let first = call("once", 1, Some("k"));
    let mut second = rounds(&one, &first).await;
    second["inputResponses"]["consent"] = json!({ "action": "decline" });
    assert_eq!(error(&ask(&two, alice(), &second).await)["kind"], "cancelled");
    let second = rounds(&one, &first).await;
    assert_eq!(text(&ask(&two, alice(), &second).await), "1: true in run 1");
}

#[tokio::test]
async fn a_state_of_single_use_opens_once_on_all_replicas() {
    let world = World::new();
    let [one, two] = two(&world).await;
    let second = rounds(&one, &call("single", 1, None)).await;
    let (left, right) = tokio::join!(ask(&one, alice(), &second), ask(&two, alice(), &second));
    let (done, refused) = if left["error"].is_null() { (left, right) } else { (right, left) };
    assert_eq!(text(&done), "1: true in run 1");
    assert_eq!(refused["error"]["code"], -32602, "{refused}");
    assert!(refused["error"]["message"].as_str().unwrap().contains("used already"));
    assert_eq!(world.runs(), 1);
    let second = rounds(&two, &call("single", 1, None)).await;
    assert_eq!(text(&ask(&one, alice(), &second).await), "1: true in run 2", "another call has another state");
}

#[tokio::test]
async fn a_state_of_single_use_makes_one_task() {
    let world = World::new();
    let [one, two] = two(&world).await;
    let second = rounds(&one, &call("later", 1, None)).await;
    let mut caller = caller(alice());
    caller.capabilities.tasks = true;
    let made = answered(begin_as(&one, caller.clone(), &second)).await;
    assert_eq!(made["result"]["resultType"], "task", "{made}");
    let refused = answered(begin_as(&two, caller, &second)).await;
    assert_eq!(refused["error"]["code"], -32602, "{refused}");
    world.wait_for_begin().await;
    assert_eq!(world.runs(), 1);
}

#[tokio::test]
async fn other_state_opens_as_often_as_it_is_brought() {
    let world = World::new();
    let [one, two] = two(&world).await;
    let second = rounds(&one, &call("plain", 1, None)).await;
    assert_eq!(text(&ask(&one, alice(), &second).await), "1: true in run 1");
    assert_eq!(text(&ask(&two, alice(), &second).await), "1: true in run 2");
}
