//! Tasks: created, looked at, given up and listed through any replica, on replicas of two versions.
//!
//! Rules: an accepted task is known to every replica until it expires, and comes to an end; what may not be repeated is
//! done at most once, what may be at most once in each attempt; a task that was given up stays so; a list has exactly the
//! tasks that live, each once, in order, on full pages; caps hold; nothing is left behind.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::run::{self, Run};
use super::servers::{Place, Servers, ask};
use super::world::{Node, Replicas, World};
use super::{Broken, Rng, rule};
use crate::dispatch::Settings;
use crate::prelude::*;
use crate::session::SessionLimits;
use crate::store::seal::hash_id;
use crate::task::TaskLimits;
use crate::tool::Item;

/// How many operations one client does.
const OPERATIONS: u64 = 12;
/// How often work is begun at most.
const ATTEMPTS: u32 = 3;
/// How long a task may take and is kept, in units.
const TIMEOUT: u64 = 120;
const TTL: u64 = 400;
const PAGE: usize = 3;

#[test]
fn tasks() {
    run::domain("tasks", |world| -> Run { Box::pin(task_run(world)) });
}

/// Do one thing after another, as often as it takes.
#[tool(idempotent, task)]
async fn job(context: Context, State(place): State<Place>, name: String, pause: u64) -> ToolResult<String> {
    context.step("first", || async { Ok(place.effect(&format!("first {name}")).await) }).await?;
    place.work(pause).await;
    context.step("second", || async { Ok(place.effect(&format!("second {name}")).await) }).await?;
    Ok(name)
}

/// Do something that must not be done again.
#[tool(destructive, task)]
async fn once(State(place): State<Place>, name: String, pause: u64) -> String {
    place.work(pause).await;
    place.effect(&format!("once {name}")).await;
    name
}

fn items(is_new: bool) -> Vec<Item> {
    if is_new { tools![job, once] } else { tools![once] }
}

/// A task that was accepted.
struct Known {
    id: String,
    name: String,
    created: tokio::time::Instant,
    is_given_up: bool,
}

struct Setting {
    world: Arc<World>,
    replicas: Arc<Replicas>,
    servers: Servers,
}

async fn task_run(world: Arc<World>) -> Result<(), Broken> {
    let mut rng = world.rng();
    let replicas =
        Replicas::start(&world, rng.between(2, 4), SessionLimits { max: 4, ..SessionLimits::default() }).await;
    let tasks = TaskLimits {
        ttl: world.units(TTL),
        max_ttl: world.units(TTL),
        timeout: world.units(TIMEOUT),
        max: u32::try_from(rng.between(6, 40)).unwrap(),
        max_per_principal: u32::try_from(rng.between(3, 20)).unwrap(),
        attempts: ATTEMPTS,
        ..TaskLimits::default()
    };
    let settings = Settings { tasks, ..Settings::default() };
    let servers = Servers::new(&world, &replicas, settings, items);
    let setting = Setting { world: Arc::clone(&world), replicas: Arc::clone(&replicas), servers };
    let clients = join_all((0..rng.between(1, 3)).map(|number| {
        let me = Principal::new("model", &format!("p{number}"), ["all"]);
        client(&setting, world.rng(), me)
    }));
    let known = tokio::select! {
        biased;
        known = clients => known.into_iter().collect::<Result<Vec<_>, _>>()?,
        () = replicas.disturb(world.rng(), |_| false) => unreachable!("it never ends"),
    };
    replicas.settle().await;
    for node in replicas.all() {
        // Each has a server, and so looks after the tasks of those that died.
        setting.servers.on(&node);
    }
    for (me, known) in &known {
        listed(&setting, me, known).await?;
        for task in known {
            ended(&setting, me, task).await?;
        }
    }
    world.pass((TTL + 10) * 1000).await;
    nothing_is_left(&setting, known.iter().map(|(me, _)| me)).await
}

async fn client(setting: &Setting, mut rng: Rng, me: Principal) -> Result<(Principal, Vec<Known>), Broken> {
    let mut all: Vec<Known> = Vec::new();
    for number in 0..OPERATIONS {
        let think = if rng.permille(200) { rng.between(5_000, 30_000) } else { rng.below(2_000) };
        setting.world.pass(think).await;
        let node = setting.replicas.any(&mut rng);
        let live: Vec<usize> = (0..all.len()).filter(|at| all[*at].is_live(&setting.world)).collect();
        match rng.below(10) {
            0..=4 => all.extend(create(setting, &mut rng, &node, &me, number).await?),
            5..=6 if !live.is_empty() => look(setting, &node, &me, &all[*rng.pick(&live)]).await?,
            7 if !live.is_empty() => {
                let at = *rng.pick(&live);
                give_up(setting, &node, &me, &mut all[at]).await?;
            }
            _ => page(setting, &node, &me, &all).await?,
        }
    }
    Ok((me, all))
}

/// A request; `None` if its replica was paused or died, or the store was away.
async fn request(
    setting: &Setting,
    node: &Arc<Node>,
    me: &Principal,
    method: &str,
    params: Value,
) -> Result<Option<Value>, Broken> {
    let service = setting.servers.on(node);
    let asked = timeout(setting.world.units(60), ask(&service, me, method, &params)).await;
    let Ok(answer) = asked else {
        rule!(!node.link.is_working(), "{method} {params} does not end");
        return Ok(None);
    };
    if answer["error"]["code"] == -31503 || answer["error"]["data"]["retryable"] == true {
        return Ok(None);
    }
    Ok(Some(answer))
}

async fn create(
    setting: &Setting,
    rng: &mut Rng,
    node: &Arc<Node>,
    me: &Principal,
    number: u64,
) -> Result<Option<Known>, Broken> {
    let tool = if rng.permille(600) { "job" } else { "once" };
    let name = format!("{} {number}", me.id());
    let pause = if rng.permille(300) { rng.between(10_000, 60_000) } else { rng.below(4_000) };
    let params = json!({ "name": tool, "arguments": { "name": name, "pause": pause } });
    let Some(answer) = request(setting, node, me, "tools/call", params).await? else { return Ok(None) };
    let Some(id) = answer["result"]["taskId"].as_str() else {
        let text = answer.to_string();
        // The old version has no such tool.
        rule!(text.contains("there is no tool"), "a task was not created: {text}");
        return Ok(None);
    };
    let created = tokio::time::Instant::now();
    Ok(Some(Known { id: id.to_owned(), name, created, is_given_up: false }))
}

impl Known {
    /// Whether it has not expired, by any clock.
    fn is_live(&self, world: &World) -> bool {
        self.created.elapsed() < world.units(TTL - 70)
    }
}

async fn look(setting: &Setting, node: &Arc<Node>, me: &Principal, task: &Known) -> Result<(), Broken> {
    let params = json!({ "taskId": task.id });
    let Some(answer) = request(setting, node, me, "tasks/get", params).await? else { return Ok(()) };
    let status = &answer["result"]["status"];
    rule!(status.is_string(), "an accepted task is unknown: {answer}");
    let may_be = !task.is_given_up || status != "working";
    rule!(may_be, "a task that was given up is {status}");
    Ok(())
}

async fn give_up(setting: &Setting, node: &Arc<Node>, me: &Principal, task: &mut Known) -> Result<(), Broken> {
    let params = json!({ "taskId": task.id });
    let Some(answer) = request(setting, node, me, "tasks/cancel", params).await? else { return Ok(()) };
    rule!(answer["result"].is_object(), "a task cannot be given up: {answer}");
    task.is_given_up = true;
    Ok(())
}

/// The list of a principal through a replica: in order, each once, and full but for the last page.
async fn page(setting: &Setting, node: &Arc<Node>, me: &Principal, known: &[Known]) -> Result<(), Broken> {
    let service = setting.servers.on(node);
    let board = service.desk().board();
    let must: Vec<&Known> = known.iter().filter(|task| task.is_live(&setting.world)).collect();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let paged = timeout(setting.world.units(60), board.page(me.key(), after.as_ref(), PAGE)).await;
        let Ok(Ok((tasks, next))) = paged else { return Ok(()) };
        rule!(tasks.len() == PAGE || next.is_none(), "a page has {} tasks, and there are more", tasks.len());
        seen.extend(tasks.into_iter().map(|task| (task.record.created, task.id)));
        if next.is_none() {
            break;
        }
        after = next;
    }
    rule!(seen.is_sorted() && seen.windows(2).all(|pair| pair[0] != pair[1]), "a list is out of order: {seen:?}");
    let ids: BTreeSet<&str> = seen.iter().map(|(_, id)| id.as_str()).collect();
    let missing = must.iter().find(|task| !ids.contains(task.id.as_str()));
    rule!(missing.is_none(), "an accepted task is not on the list");
    let limit = setting.servers.settings.tasks.max_per_principal as usize;
    rule!(seen.len() <= limit, "{} tasks are kept, and {limit} may be", seen.len());
    Ok(())
}

/// After everything, the list on every replica.
async fn listed(setting: &Setting, me: &Principal, known: &[Known]) -> Result<(), Broken> {
    for node in setting.replicas.all() {
        page(setting, &node, me, known).await?;
    }
    Ok(())
}

/// A task has come to its end, or does so in time, and did what it did as often as it may.
async fn ended(setting: &Setting, me: &Principal, task: &Known) -> Result<(), Broken> {
    let mut waited = 0;
    let record = loop {
        let board = setting.servers.on(&setting.replicas.all()[0]).desk().board().clone();
        match board.load(&hash_id(&task.id)).await {
            Ok(Some(record)) if record.status.is_final() => break Some(record),
            Ok(None) => break None,
            Ok(Some(record)) => {
                rule!(waited < TIMEOUT * 2, "{} of {} does not come to its end: {record:?}", task.name, me.id());
            }
            Err(_) => {}
        }
        setting.world.pass(5_000).await;
        waited += 5;
    };
    rule!(record.is_some() || !task.is_live(&setting.world), "an accepted task is gone");
    let Some(record) = record else { return Ok(()) };
    let done = |what: &str| {
        let effects = setting.servers.effects.lock().unwrap();
        effects.get(&format!("{what} {}", task.name)).copied().unwrap_or_default()
    };
    rule!(done("once") <= 1, "{} was done {} times, and may not be repeated", task.name, done("once"));
    for step in ["first", "second"] {
        let (times, attempts) = (done(step), record.worker.attempt);
        rule!(times <= attempts, "{step} of {} was done {times} times in {attempts} attempts", task.name);
    }
    if record.status.as_str() == "completed" {
        let times = done(if record.tool == "job" { "second" } else { "once" });
        rule!(times >= 1, "{} is completed, and was not done", task.name);
    }
    Ok(())
}

/// When everything has expired, nothing of it is left but the pages of replicas that work.
async fn nothing_is_left(setting: &Setting, all: impl Iterator<Item = &Principal>) -> Result<(), Broken> {
    // The replicas look after what is left twice in a lease.
    setting.world.pass(20_000).await;
    for me in all {
        let node = Arc::clone(&setting.replicas.all()[0]);
        let board = setting.servers.on(&node).desk().board().clone();
        let left = board.page(me.key(), None, 100).await.map_err(|error| error.to_string())?.0;
        rule!(left.is_empty(), "{} tasks are listed after their time", left.len());
    }
    let living: Vec<String> = setting.replicas.all().iter().map(|node| node.replica.id().to_owned()).collect();
    let directory = setting.world.store.get("tasks/pages").await.map_err(|error| error.to_string())?;
    let directory = directory.map(|entry| String::from_utf8_lossy(&entry.value).into_owned()).unwrap_or_default();
    let pages: Vec<Value> = serde_json::from_str(&directory).unwrap_or_default();
    let stray = pages.iter().find(|page| !living.iter().any(|id| page["replica"] == *id));
    rule!(stray.is_none(), "a page of a replica that died is left: {directory}");
    Ok(())
}
