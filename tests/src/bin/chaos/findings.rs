//! What was exercised, and what did not hold.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// How many cases of each broken promise are kept.
const EXAMPLES: usize = 5;

/// Something that the mix does; a run in which one of these never happened proved nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Count {
    ReplicasKilled,
    ReplicasPaused,
    OddOnesRefused,
    StoresKilled,
    SessionsOpened,
    LegacyCallsAnswered,
    LegacyCallsEndedRetryable,
    StreamsBroken,
    StreamsResumed,
    ProgressHeard,
    QuestionsAnswered,
    ModernCallsAnswered,
    ModernCallsCut,
    RoundsCompleted,
    KeyedCallsAnswered,
    KeyedCallsUnknown,
    TasksMade,
    TasksCompleted,
    TasksAnswered,
    TasksGivenUp,
    TasksEndedRetryable,
    NovelTasksCompleted,
    LateSubscriptions,
    ChangesMade,
    ChangesHeardBySessions,
    ChangesHeardByListeners,
    RefusedForNow,
    CallsOfTheOfficialClient,
}

/// A promise, by how it can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Broken {
    /// An accepted legacy request ended neither in an answer nor in an error that may be retried.
    NeverEnded,
    /// A session that its client did not end is unknown.
    SessionLost,
    /// A task is unknown, or does not come to an end.
    TaskLost,
    /// A resumed stream left something out.
    EventLost,
    /// A resumed stream said something twice.
    EventDoubled,
    /// What was to be done once was done again.
    EffectDoubled,
    /// What was answered with success was not done.
    EffectLost,
    /// A watcher was not told.
    ChangeUnheard,
    /// No byte came in a time in which there must be one.
    Hang,
    /// A replica with other sealing keys serves.
    OddOneServed,
    /// A failure that no client can act on.
    Unstructured,
    /// An answer that is none to what was asked.
    WrongAnswer,
}

impl Count {
    /// All of them; whether a run must have it is said beside.
    pub(crate) const ALL: [Self; 28] = [
        Self::ReplicasKilled,
        Self::ReplicasPaused,
        Self::OddOnesRefused,
        Self::StoresKilled,
        Self::SessionsOpened,
        Self::LegacyCallsAnswered,
        Self::LegacyCallsEndedRetryable,
        Self::StreamsBroken,
        Self::StreamsResumed,
        Self::ProgressHeard,
        Self::QuestionsAnswered,
        Self::ModernCallsAnswered,
        Self::ModernCallsCut,
        Self::RoundsCompleted,
        Self::KeyedCallsAnswered,
        Self::KeyedCallsUnknown,
        Self::TasksMade,
        Self::TasksCompleted,
        Self::TasksAnswered,
        Self::TasksGivenUp,
        Self::TasksEndedRetryable,
        Self::NovelTasksCompleted,
        Self::LateSubscriptions,
        Self::ChangesMade,
        Self::ChangesHeardBySessions,
        Self::ChangesHeardByListeners,
        Self::RefusedForNow,
        Self::CallsOfTheOfficialClient,
    ];

    /// What a person reads.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ReplicasKilled => "replicas killed and started again",
            Self::ReplicasPaused => "replicas paused for longer than their lease",
            Self::OddOnesRefused => "replicas with other sealing keys refused at their start",
            Self::StoresKilled => "stores killed and started again",
            Self::SessionsOpened => "legacy sessions opened",
            Self::LegacyCallsAnswered => "legacy calls answered",
            Self::LegacyCallsEndedRetryable => "legacy calls ended in an error that may be retried",
            Self::StreamsBroken => "streams broken",
            Self::StreamsResumed => "streams resumed",
            Self::ProgressHeard => "progress heard",
            Self::QuestionsAnswered => "questions answered",
            Self::ModernCallsAnswered => "modern calls answered",
            Self::ModernCallsCut => "modern calls cut off with their connection",
            Self::RoundsCompleted => "modern calls completed over rounds of input",
            Self::KeyedCallsAnswered => "calls under a key answered",
            Self::KeyedCallsUnknown => "calls under a key whose run died, so that its effect is not known",
            Self::TasksMade => "tasks made",
            Self::TasksCompleted => "tasks completed",
            Self::TasksAnswered => "tasks that got what they asked for",
            Self::TasksGivenUp => "tasks given up",
            Self::TasksEndedRetryable => "tasks ended in an error that may be retried",
            Self::NovelTasksCompleted => "tasks completed of a tool that the old version does not have",
            Self::LateSubscriptions => "subscriptions after 15 idle seconds",
            Self::ChangesMade => "changes made",
            Self::ChangesHeardBySessions => "changes heard by sessions",
            Self::ChangesHeardByListeners => "changes heard by listeners",
            Self::RefusedForNow => "requests refused for now",
            Self::CallsOfTheOfficialClient => "calls of the official client",
        }
    }

    /// Whether a run without it proved nothing. The rest depends on what a break happened to hit.
    pub(crate) fn is_needed(self) -> bool {
        !matches!(
            self,
            Self::LegacyCallsEndedRetryable
                | Self::ModernCallsCut
                | Self::KeyedCallsUnknown
                | Self::TasksEndedRetryable
                | Self::RefusedForNow
                // In a short run it may find its store away each time that it starts.
                | Self::OddOnesRefused
        )
    }
}

impl Broken {
    /// All of them.
    pub(crate) const ALL: [Self; 12] = [
        Self::NeverEnded,
        Self::SessionLost,
        Self::TaskLost,
        Self::EventLost,
        Self::EventDoubled,
        Self::EffectDoubled,
        Self::EffectLost,
        Self::ChangeUnheard,
        Self::Hang,
        Self::OddOneServed,
        Self::Unstructured,
        Self::WrongAnswer,
    ];

    /// What a person reads.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NeverEnded => "accepted legacy requests that never ended",
            Self::SessionLost => "sessions lost",
            Self::TaskLost => "tasks lost",
            Self::EventLost => "events lost on resumed streams",
            Self::EventDoubled => "events doubled on resumed streams",
            Self::EffectDoubled => "effects done twice",
            Self::EffectLost => "effects confirmed and not done",
            Self::ChangeUnheard => "changes that a watcher did not hear of",
            Self::Hang => "hangs",
            Self::OddOneServed => "replicas with other sealing keys that serve",
            Self::Unstructured => "failures without structure",
            Self::WrongAnswer => "wrong answers",
        }
    }
}

/// Everything that the clients found.
#[derive(Debug, Default)]
pub(crate) struct Findings(Mutex<Found>);

/// What there is so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    pub(crate) counts: BTreeMap<Count, u64>,
    pub(crate) broken: BTreeMap<Broken, (u64, Vec<String>)>,
}

impl Findings {
    /// Counts one thing that was exercised.
    pub(crate) fn count(&self, what: Count) {
        *self.found().counts.entry(what).or_default() += 1;
    }

    /// Notes a promise that was broken, and how.
    pub(crate) fn broke(&self, what: Broken, how: String) {
        let mut found = self.found();
        let (count, examples) = found.broken.entry(what).or_default();
        *count += 1;
        if examples.len() < EXAMPLES {
            examples.push(how);
        }
    }

    /// A copy of it all.
    pub(crate) fn all(&self) -> Found {
        self.found().clone()
    }

    fn found(&self) -> std::sync::MutexGuard<'_, Found> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
