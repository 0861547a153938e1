//! Locks and slots: held through any replica.
//!
//! Rules: two calls are never in one lock, as long as each keeps to its time; a lock whose holder died is free when its
//! time is over; a quota never has more holders than slots, and all of its slots come back.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, timeout};

use super::run::{self, Run};
use super::servers::{Servers, context};
use super::world::{Replicas, World};
use super::{Broken, Rng, rule};
use crate::dispatch::Settings;
use crate::prelude::*;
use crate::session::SessionLimits;
use crate::store::Seats;

const OPERATIONS: u64 = 15;

#[test]
fn locks() {
    run::domain("locks", |world| -> Run { Box::pin(lock_run(world)) });
}

#[test]
fn quotas() {
    run::domain("quotas", |world| -> Run { Box::pin(quota_run(world)) });
}

/// When something was held: from when it was confirmed until it was given back, or its time was over.
type Held = Arc<Mutex<Vec<(Instant, Instant)>>>;

async fn lock_run(world: Arc<World>) -> Result<(), Broken> {
    let mut rng = world.rng();
    let replicas =
        Replicas::start(&world, rng.between(2, 4), SessionLimits { max: 4, ..SessionLimits::default() }).await;
    let servers = Servers::new(&world, &replicas, Settings::default(), |_| tools![]);
    let held = Held::default();
    let clients = join_all((0..rng.between(2, 6)).map(|_| {
        let (world, replicas, servers, held, mut rng) = (&world, &replicas, &servers, &held, world.rng());
        async move {
            for _ in 0..OPERATIONS {
                world.pass(rng.below(3_000)).await;
                in_lock(world, replicas, servers, held, &mut rng).await?;
            }
            Ok::<_, Broken>(())
        }
    }));
    tokio::select! {
        biased;
        done = clients => done.into_iter().collect::<Result<(), _>>()?,
        () = replicas.disturb(world.rng(), |_| false) => unreachable!("it never ends"),
    }
    let mut all = held.lock().unwrap().clone();
    all.sort();
    for pair in all.windows(2) {
        rule!(pair[0].1 <= pair[1].0, "two calls were in one lock for {:?}", pair[0].1.duration_since(pair[1].0));
    }
    replicas.settle().await;
    world.pass(15_000).await;
    for node in replicas.all() {
        let me = Principal::new("model", "alice", ["all"]);
        let context = context(&servers.on(&node), &me, world.units(30));
        let taken = context.lock("x").hold(world.units(1)).await;
        rule!(taken.is_ok(), "a lock is not free when the time of everybody is over: {taken:?}");
    }
    Ok(())
}

async fn in_lock(
    world: &Arc<World>,
    replicas: &Arc<Replicas>,
    servers: &Servers,
    held: &Held,
    rng: &mut Rng,
) -> Result<(), Broken> {
    let node = replicas.any(rng);
    let me = Principal::new("model", "alice", ["all"]);
    let context = context(&servers.on(&node), &me, world.units(20));
    #[expect(clippy::cast_precision_loss, reason = "a few thousandths")]
    let duration = world.unit.mul_f64(rng.between(500, 10_000) as f64 / 1000.0);
    // Asked at the latest: the time of a lock is counted from when it was asked for.
    let asked = timeout(world.units(60), context.lock("x").hold(duration)).await;
    let Ok(taken) = asked else {
        rule!(!node.link.is_working(), "asking for a lock does not end");
        return Ok(());
    };
    let Ok(lock) = taken else { return Ok(()) };
    let (began, end) = (Instant::now(), lock.until());
    let work = if rng.permille(200) { rng.below(15_000) } else { rng.below(2_000) };
    world.pass(work).await;
    // The answer may have come when the time was over: then nothing was held, and another may have it.
    if began < end {
        held.lock().unwrap().push((began, Instant::now().min(end)));
    }
    if Instant::now() < end && node.link.is_working() {
        let is_held = timeout(world.units(20), lock.is_held()).await;
        // It may have ended while this was asked.
        if let Ok(Ok(false)) = is_held {
            rule!(Instant::now() >= end, "a lock is lost before its time");
        }
    }
    drop(lock);
    Ok(())
}

async fn quota_run(world: Arc<World>) -> Result<(), Broken> {
    let mut rng = world.rng();
    let replicas =
        Replicas::start(&world, rng.between(2, 4), SessionLimits { max: 4, ..SessionLimits::default() }).await;
    let (cap, ttl) = (u32::try_from(rng.between(1, 6)).unwrap(), world.units(rng.between(8, 20)));
    let holders: Arc<Mutex<Vec<(Instant, Instant)>>> = Arc::default();
    let clients = join_all((0..rng.between(3, 10)).map(|_| {
        let (world, replicas, holders, mut rng) = (&world, &replicas, &holders, world.rng());
        async move {
            for _ in 0..OPERATIONS {
                world.pass(rng.below(3_000)).await;
                hold(world, replicas, holders, &mut rng, cap, ttl).await;
            }
        }
    }));
    tokio::select! {
        biased;
        _ = clients => {}
        () = replicas.disturb(world.rng(), |_| false) => unreachable!("it never ends"),
    }
    let all = holders.lock().unwrap().clone();
    for (began, _) in &all {
        let at_once = all.iter().filter(|(from, to)| from <= began && began < to).count();
        rule!(at_once <= cap as usize, "{at_once} hold one of {cap} slots");
    }
    replicas.settle().await;
    tokio::time::sleep(ttl).await;
    let seats = Seats::new(&world.store, "quota", cap);
    for number in 0..=cap {
        let taken = seats.take("x", ttl).await.map_err(|error| error.to_string())?;
        rule!(taken.is_some() == (number < cap), "slot {number} of {cap} is taken: {}", taken.is_none());
    }
    Ok(())
}

/// Takes a slot if there is one, keeps it for a while, and gives it back or lets it expire.
async fn hold(
    world: &Arc<World>,
    replicas: &Arc<Replicas>,
    holders: &Mutex<Vec<(Instant, Instant)>>,
    rng: &mut Rng,
    cap: u32,
    ttl: Duration,
) {
    let node = replicas.any(rng);
    let seats = Seats::new(&node.store, "quota", cap);
    let asked = Instant::now();
    let Ok(Ok(Some(mut seat))) = timeout(world.units(60), seats.take("x", ttl)).await else { return };
    // What it has for certain: the store counts the time from when it was asked or later.
    let (began, mut end) = (Instant::now(), asked + ttl);
    for _ in 0..rng.below(4) {
        world.pass(rng.below(4_000)).await;
        let asked = Instant::now();
        match timeout(world.units(60), seats.keep(seat, "x", ttl)).await {
            Ok(Ok(Some(kept))) if asked < end => (seat, end) = (kept, asked + ttl),
            Ok(Ok(Some(kept))) => seat = kept,
            _ => break,
        }
    }
    let until = Instant::now().min(end);
    holders.lock().unwrap().push((began, until));
    if rng.permille(800) {
        drop(timeout(world.units(60), seats.leave(seat)).await);
    }
}
