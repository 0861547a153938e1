//! Claims: calls under idempotency keys, repeated through any replica.
//!
//! Rules: what may not be repeated is done at most once under one key, whatever dies, is paused or is not answered; what
//! was answered was done; all answers under one key are the same; every call ends.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::run::{self, Run};
use super::servers::{Place, Servers, ask};
use super::world::{Replicas, World};
use super::{Broken, Rng, rule};
use crate::dispatch::Settings;
use crate::prelude::*;
use crate::session::SessionLimits;
use crate::tool::Item;

const OPERATIONS: u64 = 14;

#[test]
fn claims() {
    run::domain("claims", |world| -> Run { Box::pin(claim_run(world)) });
}

/// Do something that must not be done again.
#[tool(idempotency)]
async fn pay(State(place): State<Place>, name: String, pause: u64) -> String {
    place.work(pause).await;
    let times = place.effect(&format!("pay {name}")).await;
    place.work(pause).await;
    format!("{name} for the {times}. time")
}

/// Do something that may be done again.
#[tool(idempotency, idempotent)]
async fn set(State(place): State<Place>, name: String, pause: u64) -> String {
    place.work(pause).await;
    place.effect(&format!("set {name}")).await;
    place.work(pause).await;
    name
}

fn items(_: bool) -> Vec<Item> {
    tools![pay, set]
}

struct Setting {
    world: Arc<World>,
    replicas: Arc<Replicas>,
    servers: Servers,
    /// What was answered under each key.
    answers: Mutex<BTreeMap<String, String>>,
}

async fn claim_run(world: Arc<World>) -> Result<(), Broken> {
    let mut rng = world.rng();
    let replicas =
        Replicas::start(&world, rng.between(2, 4), SessionLimits { max: 4, ..SessionLimits::default() }).await;
    let settings = Settings { timeout: world.units(40), ..Settings::default() };
    let servers = Servers::new(&world, &replicas, settings, items);
    let setting =
        Setting { world: Arc::clone(&world), replicas: Arc::clone(&replicas), servers, answers: Mutex::default() };
    let clients = join_all((0..rng.between(2, 6)).map(|_| client(&setting, world.rng())));
    tokio::select! {
        biased;
        done = clients => done.into_iter().collect::<Result<(), _>>()?,
        () = replicas.disturb(world.rng(), |_| false) => unreachable!("it never ends"),
    }
    replicas.settle().await;
    world.pass(60_000).await;
    // Everything that was begun is known by now: every key has its answer, and it is the same everywhere.
    for number in 0..KEYS {
        for node in replicas.all() {
            call(&setting, &node, "pay", number, 0).await?;
            call(&setting, &node, "set", number, 0).await?;
        }
    }
    for (name, times) in setting.servers.effects.lock().unwrap().iter() {
        rule!(*times <= 1 || name.starts_with("set"), "{name} was done {times} times");
    }
    for node in replicas.all() {
        let (waiting, bytes) = setting.servers.on(&node).unsettled().waiting();
        rule!((waiting, bytes) == (0, 0), "{waiting} ends with {bytes} bytes are not written");
    }
    Ok(())
}

const KEYS: u64 = 5;

async fn client(setting: &Setting, mut rng: Rng) -> Result<(), Broken> {
    for _ in 0..OPERATIONS {
        let think = if rng.permille(100) { rng.between(5_000, 40_000) } else { rng.below(1_500) };
        setting.world.pass(think).await;
        let node = setting.replicas.any(&mut rng);
        let tool = if rng.permille(700) { "pay" } else { "set" };
        let pause = if rng.permille(150) { rng.between(2_000, 15_000) } else { rng.below(1_000) };
        call(setting, &node, tool, rng.below(KEYS), pause).await?;
    }
    Ok(())
}

async fn call(
    setting: &Setting,
    node: &Arc<super::world::Node>,
    tool: &str,
    number: u64,
    pause: u64,
) -> Result<(), Broken> {
    let me = Principal::new("model", "alice", ["all"]);
    // A key goes with its arguments: how long it takes is not one of them for those who repeat it.
    let pause = setting
        .answers
        .lock()
        .unwrap()
        .get(&format!("pause {tool} {number}"))
        .map_or(pause, |known| known.parse().unwrap());
    setting.answers.lock().unwrap().insert(format!("pause {tool} {number}"), pause.to_string());
    let key = format!("{tool} {number}");
    let meta = json!({ "rs.mcp-server/idempotencyKey": key });
    let params = json!({ "name": tool, "arguments": { "name": number.to_string(), "pause": pause }, "_meta": meta });
    let service = setting.servers.on(node);
    let Ok(answer) = timeout(setting.world.units(120), ask(&service, &me, "tools/call", &params)).await else {
        rule!(!node.link.is_working(), "{key} does not end");
        return Ok(());
    };
    judge(setting, &key, &answer)
}

fn judge(setting: &Setting, key: &str, answer: &Value) -> Result<(), Broken> {
    let result = &answer["result"];
    rule!(result.is_object(), "{key} ended in {answer}");
    if result["isError"] == true {
        let error = &result["_meta"]["rs.mcp-server/error"];
        let is_unknown = key.starts_with("pay") && error["kind"] == "worker_lost";
        let is_stopped = error["kind"] == "timeout";
        rule!(error["retryable"] == true || is_unknown || is_stopped, "{key} ended in {error}");
        return Ok(());
    }
    let text = result["content"][0]["text"].as_str().unwrap_or_default().to_owned();
    let times = setting.servers.effects.lock().unwrap().get(key).copied().unwrap_or_default();
    rule!(times >= 1, "{key} was answered, and not done");
    let mut answers = setting.answers.lock().unwrap();
    let before = answers.entry(key.to_owned()).or_insert_with(|| text.clone());
    rule!(*before == text, "{key} was answered with {before}, and now with {text}");
    Ok(())
}
