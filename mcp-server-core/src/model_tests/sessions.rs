//! Sessions: opened, used, changed and ended through any replica, evicted and expired.
//!
//! Rules: a confirmed change is in the record, and soon on every replica; an error leaves the record with or without the
//! change, and nothing else; a session whose end was confirmed is served by nobody after one and a half leases; a session
//! in use neither ends nor gives way; caps hold; every call ends.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;

use super::faulty::Break;
use super::random::Rng;
use super::run::{self, Run};
use super::world::{LEASE, Node, Replicas, World};
use super::{Broken, rule};
use crate::principal::Principal;
use crate::protocol::{ClientCapabilities, LogLevel, Revision};
use crate::session::{Hello, OpenError, Session, SessionChange, SessionError, SessionLimits, Sessions};

const LEVELS: [LogLevel; 4] = [LogLevel::Debug, LogLevel::Notice, LogLevel::Error, LogLevel::Alert];
const URIS: [&str; 5] = ["x://a", "x://b", "x://c", "x://d", "x://e"];
const SUBSCRIPTIONS: usize = 4;
/// How many operations one client does.
const OPERATIONS: u64 = 20;

#[test]
fn sessions() {
    run::domain("sessions", |world| -> Run { Box::pin(session_run(world)) });
}

#[test]
fn sessions_find_a_store_that_loses_changes() {
    run::finds("sessions", Break::Swaps, |world| -> Run { Box::pin(session_run(world)) });
}

#[test]
fn sessions_find_a_store_that_keeps_what_was_ended() {
    run::finds("sessions", Break::Deletions, |world| -> Run { Box::pin(session_run(world)) });
}

/// What a client knows of its session.
struct Known {
    id: String,
    /// The values that the level may have: one if the last change of it was answered.
    level: Vec<LogLevel>,
    /// Of each resource, whether it may be subscribed to, and whether it may not be.
    subscribed: BTreeMap<&'static str, (bool, bool)>,
    /// Whether a change was confirmed, so that every replica can know that it does more than open.
    is_used: bool,
    last_use: Instant,
    /// When the end was confirmed.
    ended: Option<Instant>,
    /// Whether an end was asked for.
    is_ending: bool,
}

impl Known {
    fn new(id: String) -> Self {
        let subscribed = URIS.into_iter().map(|uri| (uri, (false, true))).collect();
        let (level, last_use) = (vec![LogLevel::Info], Instant::now());
        Self { id, level, subscribed, is_used: false, last_use, ended: None, is_ending: false }
    }

    /// Whether the session may be gone though nobody asked for its end.
    fn may_be_gone(&self, world: &World, limits: &SessionLimits) -> bool {
        // What is under way when a replica breaks off, or while the store fails, may take this long to be written.
        let slack = world.units(10);
        self.is_ending || !self.is_used || self.last_use.elapsed() + slack >= limits.idle_timeout / 30
    }

    fn agrees(&self, session: &Session) -> Result<(), Broken> {
        let (level, uris) = (session.log_level(), session.subscriptions());
        rule!(self.level.contains(&level), "the level is {level:?}, and can only be {:?}", self.level);
        for (uri, (may, may_not)) in &self.subscribed {
            let is = uris.iter().any(|other| other == uri);
            rule!(if is { *may } else { *may_not }, "{uri} is subscribed: {is}, may be: {may}, may not be: {may_not}");
        }
        Ok(())
    }
}

/// What all clients of a run share.
struct Setting {
    world: Arc<World>,
    replicas: Arc<Replicas>,
    limits: SessionLimits,
}

async fn session_run(world: Arc<World>) -> Result<(), Broken> {
    let mut rng = world.rng();
    let limits = SessionLimits {
        max: u32::try_from(rng.between(4, 12)).unwrap(),
        max_per_principal: u32::try_from(rng.between(2, 5)).unwrap(),
        idle_timeout: world.units(rng.between(900, 2_400)),
        uris_per_subscription: SUBSCRIPTIONS,
        ..SessionLimits::default()
    };
    let replicas = Replicas::start(&world, rng.between(2, 4), limits.clone()).await;
    let setting = Setting { world: Arc::clone(&world), replicas: Arc::clone(&replicas), limits };
    let clients = rng.between(2, 5);
    let clients = join_all((0..clients).map(|number| {
        // Two clients are one principal.
        let me = Principal::new("model", &format!("p{}", number / 2), ["all"]);
        client(&setting, world.rng(), me)
    }));
    let known = tokio::select! {
        known = clients => known.into_iter().collect::<Result<Vec<_>, _>>()?,
        () = replicas.disturb(world.rng(), |_| false) => unreachable!("it never ends"),
    };
    replicas.settle().await;
    for (me, known) in known.iter().flat_map(|(me, all)| all.iter().map(move |known| (me, known))) {
        settled(&setting, me, known).await?;
    }
    caps(&setting, &known).await
}

async fn client(setting: &Setting, mut rng: Rng, me: Principal) -> Result<(Principal, Vec<Known>), Broken> {
    let mut all: Vec<Known> = Vec::new();
    for _ in 0..OPERATIONS {
        let think = match rng.below(20) {
            // In real time nobody waits for minutes.
            0 => rng.between(60_000, if setting.world.unit < Duration::from_secs(1) { 61_000 } else { 700_000 }),
            1..=4 => rng.between(5_000, 20_000),
            _ => rng.below(1_500),
        };
        setting.world.pass(think).await;
        let node = setting.replicas.any(&mut rng);
        let live: Vec<usize> = (0..all.len()).filter(|index| !all[*index].is_ending).collect();
        if live.is_empty() || rng.permille(80) {
            all.extend(open(setting, &node, &me).await?);
            continue;
        }
        let index = *rng.pick(&live);
        if rng.permille(150) {
            // Somebody uses a session that has ended, through any replica.
            let ended: Vec<_> = all.iter().filter(|known| known.ended.is_some()).collect();
            if !ended.is_empty() {
                is_gone(setting, &node, &me, rng.pick::<&Known>(&ended)).await?;
            }
        }
        let known = &mut all[index];
        if let Some(session) = find(setting, &node, &me, known).await? {
            act(setting, &mut rng, &node, &session, known).await?;
        }
    }
    Ok((me, all))
}

/// A call that must end, whatever happens to the replica and the store.
async fn ends<T>(setting: &Setting, what: &str, call: impl Future<Output = T>) -> Result<T, Broken> {
    tokio::time::timeout(setting.world.units(60), call).await.map_err(|_| format!("{what} does not end"))
}

async fn open(setting: &Setting, node: &Node, me: &Principal) -> Result<Option<Known>, Broken> {
    let hello = Hello {
        revision: Revision::V2025_11_25,
        capabilities: ClientCapabilities::default(),
        client: "model/1".into(),
    };
    match ends(setting, "open", node.sessions.open(hello, me)).await? {
        Ok(session) => Ok(Some(Known::new(session.id()))),
        Err(OpenError::Full { retry_after, .. }) => {
            let most = setting.limits.idle_timeout * 2;
            rule!(!retry_after.is_zero() && retry_after < most, "told to come back after {retry_after:?}");
            Ok(None)
        }
        Err(OpenError::Store(_)) => Ok(None),
    }
}

/// Finds a session as a request does.
async fn find(
    setting: &Setting,
    node: &Node,
    me: &Principal,
    known: &mut Known,
) -> Result<Option<Arc<Session>>, Broken> {
    let found = match node.sessions.cached(&known.id, me) {
        Some(session) => Ok(Some(session)),
        None => ends(setting, "find", node.sessions.find(&known.id, me)).await?,
    };
    match found {
        Ok(Some(session)) => {
            node.sessions.set_used(&session);
            known.last_use = Instant::now();
            Ok(Some(session))
        }
        Ok(None) => {
            let idle = known.last_use.elapsed();
            rule!(
                known.may_be_gone(&setting.world, &setting.limits),
                "a session that was used {idle:?} ago is gone from {}",
                node.replica.id()
            );
            known.is_ending = true;
            Ok(None)
        }
        Err(_) => Ok(None),
    }
}

async fn act(
    setting: &Setting,
    rng: &mut Rng,
    node: &Node,
    session: &Arc<Session>,
    known: &mut Known,
) -> Result<(), Broken> {
    match rng.below(12) {
        0..=2 => {
            let level = *rng.pick(&LEVELS);
            let change = SessionChange::SetLogLevel(level);
            let changed = ends(setting, "setLevel", node.sessions.apply(session, &change)).await?;
            if confirmed(setting, known, &changed)? {
                known.level = vec![level];
                let here = session.log_level();
                rule!(here == level, "the level was set to {level:?} and is {here:?} where it was set");
            } else {
                known.level.push(level);
            }
        }
        3..=7 => {
            let uri = *rng.pick(&URIS);
            subscribe(setting, node, session, known, uri, rng.permille(700)).await?;
        }
        8 => {
            // Several at once, as a client does that starts.
            let first = usize::try_from(rng.below(3)).unwrap();
            let changes = URIS[first..first + 2].iter().map(|uri| async move {
                (*uri, node.sessions.apply(session, &SessionChange::Subscribe((*uri).into())).await)
            });
            for (uri, changed) in ends(setting, "several changes", join_all(changes)).await? {
                note(setting, known, uri, true, &changed)?;
            }
        }
        9 => {
            known.is_ending = true;
            if ends(setting, "remove", node.sessions.remove(session)).await?.is_ok() {
                known.ended = Some(Instant::now());
            }
        }
        _ => {}
    }
    Ok(())
}

async fn subscribe(
    setting: &Setting,
    node: &Node,
    session: &Arc<Session>,
    known: &mut Known,
    uri: &'static str,
    on: bool,
) -> Result<(), Broken> {
    let change = if on { SessionChange::Subscribe(uri.into()) } else { SessionChange::Unsubscribe(uri.into()) };
    let changed = ends(setting, "subscribe", node.sessions.apply(session, &change)).await?;
    note(setting, known, uri, on, &changed)
}

fn note(
    setting: &Setting,
    known: &mut Known,
    uri: &'static str,
    on: bool,
    changed: &Result<(), SessionError>,
) -> Result<(), Broken> {
    if let Err(SessionError::Refused(_)) = changed {
        let most = known.subscribed.values().filter(|(may, _)| *may).count();
        rule!(on && most >= SUBSCRIPTIONS, "refused with {most} subscriptions at most");
        return Ok(());
    }
    if confirmed(setting, known, changed)? {
        known.subscribed.insert(uri, (on, !on));
    } else {
        let (may, may_not) = known.subscribed[uri];
        known.subscribed.insert(uri, (may || on, may_not || !on));
    }
    Ok(())
}

/// Whether a change is known to be made.
fn confirmed(setting: &Setting, known: &mut Known, changed: &Result<(), SessionError>) -> Result<bool, Broken> {
    match changed {
        Ok(()) => {
            known.is_used = true;
            Ok(true)
        }
        Err(SessionError::Store(_)) => Ok(false),
        Err(SessionError::Ended) => {
            rule!(known.may_be_gone(&setting.world, &setting.limits), "a session in use has ended during a change");
            known.is_ending = true;
            Ok(false)
        }
        Err(SessionError::Refused(error)) => Err(format!("refused: {}", error.message)),
    }
}

/// A session whose end was confirmed is served by nobody after one and a half leases.
async fn is_gone(setting: &Setting, node: &Node, me: &Principal, known: &Known) -> Result<(), Broken> {
    let Some(ended) = known.ended else { return Ok(()) };
    let bound = setting.world.unit * LEASE * 3 / 2;
    let is_late = ended.elapsed() > bound;
    let served = match node.sessions.cached(&known.id, me) {
        Some(_) => true,
        None => matches!(ends(setting, "find", node.sessions.find(&known.id, me)).await?, Ok(Some(_))),
    };
    rule!(!(served && is_late), "a session is served {:?} after its end was confirmed", ended.elapsed());
    Ok(())
}

/// At the end every replica has what was confirmed, and nothing that was ended.
async fn settled(setting: &Setting, me: &Principal, known: &Known) -> Result<(), Broken> {
    for node in setting.replicas.all() {
        let found = ends(setting, "find", node.sessions.find(&known.id, me)).await?;
        let Some(session) = found.map_err(|error| format!("nothing is wrong with the store any more: {error}"))? else {
            rule!(known.may_be_gone(&setting.world, &setting.limits), "a session that was not ended is gone");
            continue;
        };
        rule!(known.ended.is_none(), "a session is served though its end was confirmed");
        known.agrees(&session)?;
    }
    Ok(())
}

/// No principal has more sessions than it may. What a client was never told of is not counted: nobody can use it, and it
/// gives way.
async fn caps(setting: &Setting, all: &[(Principal, Vec<Known>)]) -> Result<(), Broken> {
    let node = &setting.replicas.all()[0];
    let mut of: BTreeMap<&str, u32> = BTreeMap::new();
    for (me, known) in all.iter().flat_map(|(me, all)| all.iter().map(move |known| (me, known))) {
        let found = ends(setting, "find", node.sessions.find(&known.id, me)).await?;
        *of.entry(me.key()).or_default() += u32::from(matches!(found, Ok(Some(_))));
    }
    let most = setting.limits.max_per_principal;
    for (key, count) in of {
        rule!(count <= most, "{key} has {count} sessions and may have {most}");
    }
    room_is_made_in_time(setting).await
}

/// Whoever is told to come back later finds room then, if the sessions are not used until then.
async fn room_is_made_in_time(setting: &Setting) -> Result<(), Broken> {
    let (stranger, node) = (Principal::new("model", "stranger", ["all"]), &setting.replicas.all()[0]);
    let hello = || Hello {
        revision: Revision::V2025_06_18,
        capabilities: ClientCapabilities::default(),
        client: "model/2".into(),
    };
    let sessions: &Arc<Sessions> = &node.sessions;
    if let Err(OpenError::Full { retry_after, .. }) = sessions.open(hello(), &stranger).await {
        tokio::time::sleep(retry_after + Duration::from_millis(1)).await;
        let opened = sessions.open(hello(), &stranger).await;
        rule!(opened.is_ok(), "there is no room after {retry_after:?}, as was promised: {opened:?}");
    }
    Ok(())
}
