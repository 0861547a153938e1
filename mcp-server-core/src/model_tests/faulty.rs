//! The store as one replica sees it.
//!
//! Every operation takes a random time before and after the engine does it. Some fail before, some are done and fail
//! afterwards, some take longer than any deadline; a write that was given up is done all the same. Messages are late or
//! lost. A replica that is paused is not served until it goes on; one that died never again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;
use tokio::time::sleep;

use super::random::Rng;
use crate::store::{
    Bus, Clock, Engine, Entry, Event, Expect, Keep, Kv, Log, Offset, Put, Reply, Slice, StoreError, Subscription,
    Version,
};

/// How often something goes wrong, in times of a thousand.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    /// An operation fails and is not done.
    pub(crate) refused: u64,
    /// An operation is done and fails.
    pub(crate) unanswered: u64,
    /// An operation takes longer than any deadline.
    pub(crate) stuck: u64,
    /// A message of the bus is lost.
    pub(crate) lost: u64,
}

/// What goes on between one replica and the store.
#[derive(Debug)]
pub(crate) struct Link {
    rng: Mutex<Rng>,
    faults: Mutex<Faults>,
    state: watch::Sender<State>,
    /// The unit of time: delays are parts of it.
    unit: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Works,
    Paused,
    Dead,
}

impl Link {
    pub(crate) fn new(rng: Rng, unit: Duration) -> Arc<Self> {
        let state = watch::channel(State::Works).0;
        Arc::new(Self { rng: Mutex::new(rng), faults: Mutex::default(), state, unit })
    }

    /// Sets how often something goes wrong from now on.
    pub(crate) fn set_faults(&self, faults: Faults) {
        *self.faults.lock().unwrap() = faults;
    }

    /// The replica stands still, as after SIGSTOP: the store neither hears of it nor answers it.
    pub(crate) fn pause(&self) {
        self.change(State::Paused);
    }

    /// The replica goes on.
    pub(crate) fn resume(&self) {
        self.change(State::Works);
    }

    /// The replica does nothing any more, as after SIGKILL.
    pub(crate) fn kill(&self) {
        self.state.send_replace(State::Dead);
    }

    pub(crate) fn is_working(&self) -> bool {
        *self.state.borrow() == State::Works
    }

    pub(crate) fn is_dead(&self) -> bool {
        *self.state.borrow() == State::Dead
    }

    fn change(&self, to: State) {
        self.state.send_if_modified(|state| *state != State::Dead && std::mem::replace(state, to) != to);
    }

    /// Returns once the replica works.
    async fn working(&self) {
        let mut state = self.state.subscribe();
        drop(state.wait_for(|state| *state == State::Works).await);
    }

    async fn delay(&self) {
        let delay = {
            let mut rng = self.rng.lock().unwrap();
            let unit = u64::try_from(self.unit.as_micros()).unwrap();
            // Most are fast, some take a quarter of the unit.
            if rng.permille(900) { rng.below(unit / 50 + 1) } else { rng.below(unit / 4 + 1) }
        };
        sleep(Duration::from_micros(delay)).await;
        self.working().await;
    }

    fn chance(&self, which: impl Fn(&Faults) -> u64) -> bool {
        let times = which(&self.faults.lock().unwrap());
        times > 0 && self.rng.lock().unwrap().permille(times)
    }
}

/// What is wrong with the store itself: the model has to find it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Break {
    #[default]
    Nothing,
    /// A swap replaces whatever is there, so that the second of two writers undoes what the first one did.
    Swaps,
    /// Some entries are confirmed and not appended.
    Appends,
    /// Some entries are appended twice, as two entries.
    Doubles,
    /// Some deletions are confirmed and not done.
    Deletions,
}

/// What the store accepted, and which rules of it were broken.
#[derive(Debug, Default)]
pub(crate) struct Observer {
    sequences: Mutex<HashMap<String, u64>>,
    broken: Mutex<Option<String>>,
}

impl Observer {
    /// What was found broken so far.
    pub(crate) fn broken(&self) -> Option<String> {
        self.broken.lock().unwrap().clone()
    }

    /// The sequence number of a session's record never falls, and no two records have the same.
    fn stored(&self, key: &str, value: &[u8]) {
        if !key.starts_with("session/") {
            return;
        }
        let Ok(record) = serde_json::from_slice::<serde_json::Value>(value) else { return };
        let (Some(sequence), Some(hash)) = (record["q"].as_u64(), record["h"].as_str()) else { return };
        let before = self.sequences.lock().unwrap().insert(hash.to_owned(), sequence);
        if before.is_some_and(|before| before >= sequence) {
            let text = format!("the sequence of {key} went from {before:?} to {sequence}");
            self.broken.lock().unwrap().get_or_insert(text);
        }
    }
}

/// An engine behind a [`Link`].
#[derive(Debug)]
pub(crate) struct Faulty {
    pub(crate) engine: Arc<dyn Engine>,
    pub(crate) link: Arc<Link>,
    pub(crate) observer: Arc<Observer>,
    pub(crate) broken: Break,
}

impl Faulty {
    /// Does an operation; one that was begun is done even if nobody waits for it any more.
    fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(Arc<dyn Engine>) -> Reply<'static, T> + Send + 'static,
    ) -> Reply<'static, T> {
        let (link, engine) = (Arc::clone(&self.link), Arc::clone(&self.engine));
        Box::pin(async move {
            link.working().await;
            let done = tokio::spawn(async move {
                link.delay().await;
                if link.chance(|faults| faults.refused) {
                    return Err(unavailable("refused"));
                }
                let is_stuck = link.chance(|faults| faults.stuck);
                if is_stuck && link.chance(|_| 500) {
                    sleep(link.unit * 5).await;
                }
                let answer = work(engine).await;
                link.delay().await;
                if link.chance(|faults| faults.unanswered) {
                    return Err(unavailable("done, and not answered"));
                }
                if is_stuck {
                    sleep(link.unit * 5).await;
                }
                answer
            });
            done.await.unwrap_or_else(|_| Err(unavailable("broken off")))
        })
    }
}

fn unavailable(why: &'static str) -> StoreError {
    StoreError::Unavailable { engine: "memory", source: why.into() }
}

impl Kv for Faulty {
    fn get<'a>(&'a self, key: &'a str) -> Reply<'a, Option<Entry>> {
        let key = key.to_owned();
        self.ask(|engine| Box::pin(async move { engine.get(&key).await }))
    }

    fn put<'a>(&'a self, key: &'a str, value: Bytes, expect: Expect, life: Option<Duration>) -> Reply<'a, Put> {
        let (key, observer) = (key.to_owned(), Arc::clone(&self.observer));
        let expect = match expect {
            Expect::Version(_) if self.broken == Break::Swaps => Expect::Any,
            expect => expect,
        };
        self.ask(move |engine| {
            Box::pin(async move {
                let put = engine.put(&key, value.clone(), expect, life).await?;
                if let Put::Stored(_) = put {
                    observer.stored(&key, &value);
                }
                Ok(put)
            })
        })
    }

    fn delete<'a>(&'a self, key: &'a str, version: Option<Version>) -> Reply<'a, bool> {
        if self.broken == Break::Deletions && self.link.chance(|_| 200) {
            return Box::pin(std::future::ready(Ok(true)));
        }
        let key = key.to_owned();
        self.ask(move |engine| Box::pin(async move { engine.delete(&key, version).await }))
    }
}

impl Log for Faulty {
    fn append<'a>(&'a self, stream: &'a str, data: Bytes, keep: Keep) -> Reply<'a, Offset> {
        let (stream, broken) = (stream.to_owned(), self.broken);
        let is_wrong = matches!(broken, Break::Appends | Break::Doubles) && self.link.chance(|_| 100);
        self.ask(move |engine| {
            Box::pin(async move {
                match (is_wrong, broken) {
                    (true, Break::Appends) => Ok(Offset::START),
                    (true, _) => {
                        // Under another number, as if two writers wrote it.
                        let mut again = data.to_vec();
                        again[1..9].fill(0);
                        engine.append(&stream, data, keep).await?;
                        engine.append(&stream, again.into(), keep).await
                    }
                    (false, _) => engine.append(&stream, data, keep).await,
                }
            })
        })
    }

    fn read<'a>(&'a self, stream: &'a str, after: Offset, most: usize) -> Reply<'a, Slice> {
        let stream = stream.to_owned();
        self.ask(move |engine| Box::pin(async move { engine.read(&stream, after, most).await }))
    }

    fn trim<'a>(&'a self, stream: &'a str, keep: Keep) -> Reply<'a, ()> {
        let stream = stream.to_owned();
        self.ask(move |engine| Box::pin(async move { engine.trim(&stream, keep).await }))
    }

    fn delete_stream<'a>(&'a self, stream: &'a str) -> Reply<'a, bool> {
        let stream = stream.to_owned();
        self.ask(move |engine| Box::pin(async move { engine.delete_stream(&stream).await }))
    }
}

impl Bus for Faulty {
    fn publish<'a>(&'a self, topic: &'a str, message: Bytes) -> Reply<'a, ()> {
        let topic = topic.to_owned();
        self.ask(move |engine| Box::pin(async move { engine.publish(&topic, message).await }))
    }

    fn subscribe<'a>(&'a self, topic: &'a str, capacity: usize) -> Reply<'a, Subscription> {
        let (topic, link) = (topic.to_owned(), Arc::clone(&self.link));
        self.ask(move |engine| {
            Box::pin(async move {
                let mut inner = engine.subscribe(&topic, capacity).await?;
                let (feed, outer) = Subscription::new(capacity);
                tokio::spawn(async move {
                    while let Some(event) = inner.recv().await {
                        link.delay().await;
                        let goes_on = match event {
                            // A loss that the engine notices is told; one that it does not notice is not.
                            Event::Message(_) if link.chance(|faults| faults.lost) => {
                                if link.chance(|_| 500) {
                                    feed.missed()
                                } else {
                                    !feed.is_dropped()
                                }
                            }
                            Event::Message(message) => feed.push(message),
                            Event::Missed(_) => feed.missed(),
                        };
                        if !goes_on {
                            return;
                        }
                    }
                    feed.end();
                });
                Ok(outer)
            })
        })
    }
}

impl Engine for Faulty {
    fn name(&self) -> &'static str {
        self.engine.name()
    }

    fn ping(&self) -> Reply<'_, ()> {
        self.ask(|engine| Box::pin(async move { engine.ping().await }))
    }

    fn clock(&self) -> Option<Clock> {
        self.engine.clock()
    }

    fn time(&self) -> Reply<'_, u64> {
        self.ask(|engine| Box::pin(async move { engine.time().await }))
    }

    fn sweep(&self) -> Reply<'_, ()> {
        self.ask(|engine| Box::pin(async move { engine.sweep().await }))
    }

    fn close(&self) -> Reply<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }
}
