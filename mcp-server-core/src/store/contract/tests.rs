//! The suite itself under test: an engine with one fault breaks the rules that are about it.

use std::collections::HashSet;
use std::future::ready;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;

use super::{Passing, Subject, verify};
use crate::store::{
    Bus, Clock, Engine, Entry, Expect, Keep, Kv, Log, Memory, Offset, Put, Reply, Slice, Store, Subscription, Version,
};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    IgnoresWhatIsExpected,
    ComparesAndSwapsInTwoSteps,
    LetsTwoWin,
    NeverExpires,
    KeepsTheFirstLife,
    DeletesAnyVersion,
    TakesBytesForText,
    NeverTrims,
    TrimsOneTooMany,
    HidesLosses,
    OverlooksLimits,
    ForgetsEntries,
    ReusesOffsets,
    DropsMessages,
    DoublesMessages,
    MixesTopics,
    NeverTellsLag,
    StandsStill,
}

/// The engine in memory with one fault, and the keys where it has shown itself.
#[derive(Debug)]
struct Faulty(Memory, Fault, Mutex<HashSet<String>>);

impl Faulty {
    fn is(&self, fault: Fault) -> bool {
        self.1 == fault
    }
}

impl Kv for Faulty {
    fn get<'a>(&'a self, key: &'a str) -> Reply<'a, Option<Entry>> {
        self.0.get(key)
    }

    fn put<'a>(&'a self, key: &'a str, value: Bytes, expect: Expect, life: Option<Duration>) -> Reply<'a, Put> {
        let life = life.filter(|_| !self.is(Fault::NeverExpires));
        let value = match self.1 {
            Fault::TakesBytesForText => String::from_utf8_lossy(&value).into_owned().into(),
            _ => value,
        };
        Box::pin(async move {
            let before = self.0.get(key).await?;
            match self.1 {
                Fault::IgnoresWhatIsExpected => return self.0.put(key, value, Expect::Any, life).await,
                Fault::LetsTwoWin => {
                    let put = self.0.put(key, value.clone(), expect, life).await?;
                    return if put.stored().is_none() && self.2.lock().unwrap().insert(key.to_owned()) {
                        self.0.put(key, value, Expect::Any, life).await
                    } else {
                        Ok(put)
                    };
                }
                Fault::KeepsTheFirstLife if before.is_some() => return self.0.put(key, value, expect, None).await,
                Fault::ComparesAndSwapsInTwoSteps => {
                    // Twice: the handle looks a second time at once before it lets others run.
                    tokio::task::yield_now().await;
                    tokio::task::yield_now().await;
                    let fits = match expect {
                        Expect::Any => true,
                        Expect::Absent => before.is_none(),
                        Expect::Version(version) => before.as_ref().is_some_and(|entry| entry.version == version),
                    };
                    return if fits {
                        self.0.put(key, value, Expect::Any, life).await
                    } else {
                        Ok(Put::Refused(before))
                    };
                }
                _ => {}
            }
            self.0.put(key, value, expect, life).await
        })
    }

    fn delete<'a>(&'a self, key: &'a str, version: Option<Version>) -> Reply<'a, bool> {
        self.0.delete(key, version.filter(|_| !self.is(Fault::DeletesAnyVersion)))
    }
}

impl Log for Faulty {
    fn append<'a>(&'a self, stream: &'a str, data: Bytes, keep: Keep) -> Reply<'a, Offset> {
        let keep = match self.1 {
            Fault::NeverTrims => Keep { entries: u32::MAX, bytes: u64::MAX, age: Duration::from_hours(1) },
            Fault::TrimsOneTooMany => Keep { entries: keep.entries - 1, bytes: keep.bytes - 1, ..keep },
            Fault::ForgetsEntries if data.ends_with(b"7") => return Box::pin(ready(Ok(Offset::from_u64(u64::MAX)))),
            _ => keep,
        };
        Box::pin(async move {
            let offset = self.0.append(stream, data, keep).await?;
            Ok(if self.is(Fault::ReusesOffsets) { Offset::from_u64(offset.as_u64() % 1_000) } else { offset })
        })
    }

    fn read<'a>(&'a self, stream: &'a str, after: Offset, most: usize) -> Reply<'a, Slice> {
        let most = if self.is(Fault::OverlooksLimits) { usize::MAX } else { most };
        Box::pin(async move {
            let slice = self.0.read(stream, after, most).await?;
            Ok(Slice { lost: slice.lost && !self.is(Fault::HidesLosses), ..slice })
        })
    }

    fn trim<'a>(&'a self, stream: &'a str, keep: Keep) -> Reply<'a, ()> {
        if self.is(Fault::NeverTrims) { Box::pin(ready(Ok(()))) } else { self.0.trim(stream, keep) }
    }

    fn delete_stream<'a>(&'a self, stream: &'a str) -> Reply<'a, bool> {
        self.0.delete_stream(stream)
    }
}

impl Bus for Faulty {
    fn publish<'a>(&'a self, topic: &'a str, message: Bytes) -> Reply<'a, ()> {
        Box::pin(async move {
            let topic = if self.is(Fault::MixesTopics) { "all" } else { topic };
            if self.is(Fault::DoublesMessages) {
                self.0.publish(topic, message.clone()).await?;
            }
            if self.is(Fault::DropsMessages) && topic.contains("order") && message[..] == [7] {
                return Ok(());
            }
            self.0.publish(topic, message).await
        })
    }

    fn subscribe<'a>(&'a self, topic: &'a str, capacity: usize) -> Reply<'a, Subscription> {
        let topic = if self.is(Fault::MixesTopics) { "all" } else { topic };
        self.0.subscribe(topic, if self.is(Fault::NeverTellsLag) { 1_000 } else { capacity })
    }
}

impl Engine for Faulty {
    fn name(&self) -> &'static str {
        "faulty"
    }

    fn ping(&self) -> Reply<'_, ()> {
        self.0.ping()
    }

    fn clock(&self) -> Option<Clock> {
        self.0.clock()
    }

    fn time(&self) -> Reply<'_, u64> {
        if self.is(Fault::StandsStill) { Box::pin(ready(Ok(1))) } else { self.0.time() }
    }

    fn close(&self) -> Reply<'_, ()> {
        self.0.close()
    }
}

struct Subjected(Store, Clock);

impl Subject for Subjected {
    fn open(&self) -> Reply<'_, Store> {
        Box::pin(ready(Ok(self.0.clone())))
    }

    fn pass(&self, time: Duration) -> Passing<'_> {
        self.1.advance(time);
        Box::pin(ready(()))
    }

    fn survives(&self) -> bool {
        false
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_fault_is_found_by_the_rule_about_it() {
    for (fault, rule) in [
        (Fault::IgnoresWhatIsExpected, "kv::a_put_stores_only_over_what_it_expects"),
        (Fault::ComparesAndSwapsInTwoSteps, "kv::no_update_is_lost"),
        (Fault::LetsTwoWin, "kv::of_concurrent_swaps_one_wins"),
        (Fault::LetsTwoWin, "kv::of_concurrent_creations_one_wins"),
        (Fault::NeverExpires, "kv::values_expire"),
        (Fault::KeepsTheFirstLife, "kv::a_put_sets_the_life_anew"),
        (Fault::DeletesAnyVersion, "kv::a_delete_removes_only_what_it_names"),
        (Fault::TakesBytesForText, "kv::values_come_back_as_they_were_put"),
        (Fault::NeverTrims, "log::streams_are_trimmed_by_age"),
        (Fault::TrimsOneTooMany, "log::streams_are_trimmed_by_count"),
        (Fault::TrimsOneTooMany, "log::streams_are_trimmed_by_bytes"),
        (Fault::HidesLosses, "log::streams_are_trimmed_on_demand"),
        (Fault::OverlooksLimits, "log::reads_are_bounded"),
        (Fault::ForgetsEntries, "log::a_reader_beside_a_writer_misses_nothing"),
        (Fault::ReusesOffsets, "log::offsets_never_come_again"),
        (Fault::DropsMessages, "bus::messages_arrive_in_order"),
        (Fault::DoublesMessages, "bus::messages_arrive_in_order"),
        (Fault::MixesTopics, "bus::topics_are_apart"),
        (Fault::NeverTellsLag, "bus::a_slow_subscriber_is_told"),
        (Fault::StandsStill, "time::all_handles_have_one_time"),
    ] {
        let clock = Clock::manual();
        let engine = Faulty(Memory::with_clock(clock.clone()), fault, Mutex::default());
        let verdict = verify(&Subjected(Store::new(engine), clock)).await;
        let failures = verdict.err().unwrap_or_else(|| panic!("{fault:?} was not found at all"));
        assert!(failures.iter().any(|(broken, _)| broken == rule), "{fault:?} was not found by {rule}: {failures}");
    }
}
