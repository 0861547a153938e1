//! Running seeds: a few in every test run, many by `cargo xtask model`, one to see again what it did.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::Broken;
use super::faulty::Break;
use super::world::World;
use crate::store::seal::random;
use crate::store::{Engine, Memory, open};

/// A run of one seed.
pub(super) type Run = Pin<Box<dyn Future<Output = Result<(), Broken>>>>;

/// How long a run may take by its own clock: what takes longer hangs.
const LONGEST: Duration = Duration::from_hours(24);

/// Within how many seeds a broken store is found.
const SEEDS_TO_FIND: u64 = 60;

/// What the environment asks for.
struct Plan {
    first: u64,
    count: u64,
    /// The URL of a store whose time is real; none for memory and a paused clock.
    url: Option<String>,
    threads: u64,
}

impl Plan {
    /// `MODEL_SEEDS` seeds from `MODEL_SEED` on, on the store `MODEL_STORE_URL`, in `MODEL_THREADS` threads.
    fn read() -> Self {
        let number = |name, default| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
        let url = std::env::var("MODEL_STORE_URL").ok();
        let threads = number("MODEL_THREADS", 1).max(1);
        Self { first: number("MODEL_SEED", 1), count: number("MODEL_SEEDS", 40), url, threads }
    }
}

/// Runs a domain; panics if a seed breaks one of its rules, with all that do.
pub(super) fn domain(name: &'static str, run: fn(Arc<World>) -> Run) {
    let plan = Plan::read();
    let (next, since) = (AtomicU64::new(0), Instant::now());
    let mut broken: Vec<(u64, Broken)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..plan.threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut broken = Vec::new();
                    loop {
                        let turn = next.fetch_add(1, Ordering::Relaxed);
                        if turn >= plan.count || broken.len() > 20 {
                            return broken;
                        }
                        let seed = plan.first + turn;
                        if let Err(why) = once(name, seed, plan.url.as_deref(), Break::Nothing, run) {
                            println!("model: {name}: seed {seed} broke a rule: {why}");
                            println!("model: again with: cargo xtask model --domain {name} --seed {seed}");
                            broken.push((seed, why));
                        }
                    }
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    broken.sort();
    let (count, took) = (plan.count, since.elapsed().as_secs_f64());
    println!("model: {name}: {count} seeds from {}, {} broken, {took:.1} s", plan.first, broken.len());
    assert!(broken.is_empty(), "{name}: {} of {count} seeds broke a rule, the first: {:?}", broken.len(), broken[0]);
}

/// Panics unless a domain finds what is wrong with a broken store within a few seeds: a model that finds nothing proves
/// nothing.
pub(super) fn finds(name: &'static str, broken: Break, run: fn(Arc<World>) -> Run) {
    let found = (1..=SEEDS_TO_FIND).find_map(|seed| once(name, seed, None, broken, run).err().map(|why| (seed, why)));
    let (seed, why) =
        found.unwrap_or_else(|| panic!("{name}: {SEEDS_TO_FIND} seeds find nothing wrong with {broken:?}"));
    println!("model: {name}: {broken:?} was found by seed {seed}: {why}");
}

fn once(name: &str, seed: u64, url: Option<&str>, broken: Break, run: fn(Arc<World>) -> Run) -> Result<(), Broken> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().start_paused(url.is_none());
    let runtime = runtime.build().map_err(|error| error.to_string())?;
    let _random = url.is_none().then(|| random::seeded(seed));
    let ran = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            let (engine, unit) = match url {
                None => (Arc::new(Memory::new()) as Arc<dyn Engine>, Duration::from_secs(1)),
                Some(url) => (
                    open(&apart(url, name, seed)).await.map_err(|error| error.to_string())?.engine_behind(),
                    Duration::from_millis(150),
                ),
            };
            let world = World::broken(engine, seed, unit, broken);
            let ran = tokio::time::timeout(LONGEST, run(Arc::clone(&world))).await;
            match (ran, world.observer.broken()) {
                (Err(_), _) => Err("it hangs".to_owned()),
                (Ok(Ok(())), Some(broken)) => Err(broken),
                (Ok(ran), _) => ran,
            }
        })
    }));
    ran.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        Err(text
            .or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string))
            .unwrap_or_else(|| "a panic".to_owned()))
    })
}

/// The URL of a part of the store that no other run uses.
fn apart(url: &str, name: &str, seed: u64) -> String {
    let option = if url.starts_with("postgres") { "schema" } else { "prefix" };
    let part = format!("model_{name}_{seed}_{}", std::process::id());
    format!("{url}{}{option}={part}", if url.contains('?') { '&' } else { '?' })
}
