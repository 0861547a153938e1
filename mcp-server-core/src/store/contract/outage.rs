//! Rules for engines that can be away: their server stops, and starts again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::subject::{Broken, Outage, Subject, hold, stored, unique};
use crate::store::error::StoreError;
use crate::store::{Entry, Event, Expect, Keep, Offset, Put, Store, StoreErrorKind, Subscription};

/// How long an operation may take to fail.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long it may take until everything works again.
const RECOVERY: Duration = Duration::from_mins(1);
/// How often something is tried that may fail now.
const AGAIN: Duration = Duration::from_millis(20);
const LIFE: Option<Duration> = Some(Duration::from_mins(10));
const KEEP: Keep = Keep { entries: 100_000, bytes: 16 << 20, age: Duration::from_mins(10) };

/// While the engine is away every operation fails as unavailable and none hangs; then all of them work again on the
/// handles that were open.
pub async fn whoever_asks_in_vain_is_told_in_time(subject: &dyn Subject) -> Result<(), Broken> {
    let Some(outage) = subject.outage() else { return Ok(()) };
    let store = subject.open().await?;
    let name = unique("vain");
    let _listener = store.subscribe(&name, 8).await?;
    works(&store, &name).await?;

    outage.stop().await;
    let told = fails(&store, &name).await;
    outage.start().await;
    told?;
    back(&store).await?;
    drop(again(|| store.subscribe(&name, 1)).await?);
    works(&store, &name).await
}

/// What was confirmed before or while the engine went is there when it is back: no value, version, entry or count is
/// lost, versions and offsets go on.
pub async fn what_was_confirmed_is_there_again(subject: &dyn Subject) -> Result<(), Broken> {
    let Some(outage) = subject.outage() else { return Ok(()) };
    let handles = [subject.open().await?, subject.open().await?, subject.open().await?];
    let (key, stream, count) = (unique("confirmed"), unique("confirmed"), unique("count"));
    let version = stored(&handles[0], &key, "kept", Expect::Any, LIFE).await?;
    let first = handles[0].append(&stream, "first", KEEP).await?;
    stored(&handles[0], &count, "0", Expect::Any, LIFE).await?;

    let over = Arc::new(AtomicBool::new(false));
    let counters: Vec<_> = handles
        .iter()
        .map(|store| tokio::spawn(write(store.clone(), stream.clone(), count.clone(), Arc::clone(&over))))
        .collect();
    interrupt(outage, || over.store(true, Ordering::SeqCst), &handles).await?;
    let (mut offsets, mut tried, mut counted) = (vec![first], 0, 0);
    for counter in counters {
        let written = counter.await.map_err(|error| Broken::Rule(format!("a task of the rule died: {error}")))?;
        offsets.extend(written.offsets);
        tried += written.tried;
        counted += written.counted;
    }

    for store in &handles {
        back(store).await?;
    }
    stored(&handles[1], &key, "swapped", Expect::Version(version), LIFE).await?;
    let total = number(handles[2].get(&count).await?);
    hold((counted..=tried).contains(&total), || {
        format!("{counted} of {tried} counts were confirmed, {total} are there")
    })?;
    let found = all(&handles[1], &stream).await?;
    let gone = offsets.iter().filter(|offset| !found.contains(offset)).count();
    hold(gone == 0, || format!("{gone} of {} confirmed entries are gone", offsets.len()))?;
    let next = handles[2].append(&stream, "next", KEEP).await?;
    let last = found.last().copied().unwrap_or(Offset::START);
    hold(next > last, || format!("after the engine was away {next} follows {last}"))
}

/// A subscriber is told that it may have missed messages while the engine was away, then hears new ones; so does whoever
/// subscribes afterwards.
pub async fn subscribers_are_told_and_hear_again(subject: &dyn Subject) -> Result<(), Broken> {
    let Some(outage) = subject.outage() else { return Ok(()) };
    let (here, there) = (subject.open().await?, subject.open().await?);
    let (topic, other) = (unique("told"), unique("told"));
    let mut listeners = [here.subscribe(&topic, 64).await?, here.subscribe(&other, 64).await?];
    there.publish(&topic, "before").await?;
    let event = within(&mut listeners[0]).await?;
    hold(event == Event::Message("before".into()), || format!("before the outage came {event:?}"))?;

    interrupt(outage, || (), &[here.clone(), there.clone()]).await?;
    // Whoever is let in now hears all that comes, and so do the others.
    let later = again(|| here.subscribe(&topic, 64)).await?;
    for topic in [&topic, &other] {
        there.publish(topic, "after").await?;
    }
    for listener in &mut listeners {
        let event = within(listener).await?;
        hold(matches!(event, Event::Missed(_)), || format!("instead of a word on the outage came {event:?}"))?;
    }
    let [first, second] = listeners;
    for mut listener in [first, second, later] {
        // A connection that was lost more than once may be told more than once.
        let mut event = within(&mut listener).await?;
        while matches!(event, Event::Missed(_)) {
            event = within(&mut listener).await?;
        }
        hold(event == Event::Message("after".into()), || format!("after the outage came {event:?}"))?;
    }
    Ok(())
}

/// Takes the engine away in the midst of whatever runs and brings it back; then waits until all handles work.
async fn interrupt(outage: &dyn Outage, then: impl FnOnce(), handles: &[Store]) -> Result<(), Broken> {
    tokio::time::sleep(AGAIN * 5).await;
    outage.stop().await;
    tokio::time::sleep(AGAIN * 5).await;
    outage.start().await;
    let mut result = Ok(());
    for store in handles {
        result = result.and(back(store).await);
    }
    then();
    result
}

/// Waits until a handle works again.
async fn back(store: &Store) -> Result<(), Broken> {
    again(|| store.ping()).await?;
    // A handle may refuse for a while what it would no longer be refused.
    again(|| store.get("contract/back")).await.map(drop)
}

/// Tries until it succeeds.
async fn again<T, R>(work: impl Fn() -> R) -> Result<T, Broken>
where
    R: Future<Output = Result<T, StoreError>>,
{
    let trying = async {
        loop {
            match work().await {
                Ok(done) => return done,
                Err(_) => tokio::time::sleep(AGAIN).await,
            }
        }
    };
    let tried = tokio::time::timeout(RECOVERY, trying).await;
    tried.map_err(|_| Broken::Rule(format!("the engine was not back within {} s", RECOVERY.as_secs())))
}

/// What one writer did.
#[derive(Default)]
struct Written {
    offsets: Vec<Offset>,
    tried: u64,
    counted: u64,
}

/// Appends and counts until it is over, and keeps in mind what was confirmed.
async fn write(store: Store, stream: String, count: String, over: Arc<AtomicBool>) -> Written {
    let mut written = Written::default();
    while !over.load(Ordering::SeqCst) {
        match store.append(&stream, "more", KEEP).await {
            Ok(offset) => written.offsets.push(offset),
            Err(_) => tokio::time::sleep(AGAIN).await,
        }
        if let Ok(Some(entry)) = store.get(&count).await {
            written.tried += 1;
            let more = (number(Some(entry.clone())) + 1).to_string();
            if let Ok(Put::Stored(_)) = store.put(&count, more, Expect::Version(entry.version), LIFE).await {
                written.counted += 1;
            }
        }
    }
    written
}

fn number(entry: Option<Entry>) -> u64 {
    entry.and_then(|entry| std::str::from_utf8(&entry.value).ok()?.parse().ok()).unwrap_or_default()
}

/// The offsets of all entries.
async fn all(store: &Store, stream: &str) -> Result<Vec<Offset>, Broken> {
    let mut found: Vec<Offset> = Vec::new();
    loop {
        let slice = store.read(stream, found.last().copied().unwrap_or(Offset::START), 1_000).await?;
        hold(!slice.lost, || "a whole stream was called lossy".to_owned())?;
        if slice.entries.is_empty() {
            return Ok(found);
        }
        found.extend(slice.entries.iter().map(|entry| entry.offset));
    }
}

/// Every operation, once.
async fn works(store: &Store, name: &str) -> Result<(), Broken> {
    let version = stored(store, name, "value", Expect::Any, LIFE).await?;
    hold(store.get(name).await?.is_some(), || "a value is not there".to_owned())?;
    hold(store.delete(name, Some(version)).await?, || "a value could not be deleted".to_owned())?;
    let offset = store.append(name, "entry", KEEP).await?;
    store.trim(name, KEEP).await?;
    let slice = store.read(name, Offset::START, 1_000).await?;
    hold(slice.entries.iter().any(|entry| entry.offset == offset), || "an entry is not there".to_owned())?;
    hold(store.delete_stream(name).await?, || "a stream could not be deleted".to_owned())?;
    drop(store.subscribe(name, 1).await?);
    Ok(store.publish(name, "message").await?)
}

/// Every operation, once, in vain.
async fn fails(store: &Store, name: &str) -> Result<(), Broken> {
    vain("get", store.get(name)).await?;
    vain("put", store.put(name, "value", Expect::Any, LIFE)).await?;
    vain("delete", store.delete(name, None)).await?;
    vain("append", store.append(name, "entry", KEEP)).await?;
    vain("read", store.read(name, Offset::START, 10)).await?;
    vain("trim", store.trim(name, KEEP)).await?;
    vain("delete_stream", store.delete_stream(name)).await?;
    vain("publish", store.publish(name, "message")).await?;
    vain("subscribe", store.subscribe(name, 1)).await?;
    vain("ping", store.ping()).await
}

async fn vain<T>(what: &str, asked: impl Future<Output = Result<T, StoreError>>) -> Result<(), Broken> {
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Err(error)) if error.kind() == StoreErrorKind::Unavailable => Ok(()),
        Ok(Err(error)) => {
            Err(Broken::Rule(format!("{what} while the engine is away is not called unavailable: {error}")))
        }
        Ok(Ok(_)) => Err(Broken::Rule(format!("{what} succeeded while the engine is away"))),
        Err(_) => Err(Broken::Rule(format!("{what} did not end within {} s", PATIENCE.as_secs()))),
    }
}

async fn within(subscription: &mut Subscription) -> Result<Event, Broken> {
    match tokio::time::timeout(RECOVERY, subscription.recv()).await {
        Ok(Some(event)) => Ok(event),
        Ok(None) => Err(Broken::Rule("a subscription ended by itself".to_owned())),
        Err(_) => Err(Broken::Rule(format!("nothing arrived within {} s", RECOVERY.as_secs()))),
    }
}
