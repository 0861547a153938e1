//! All rules, one after the other.

use std::error::Error;
use std::fmt;
use std::pin::Pin;

use super::subject::{Broken, Subject};
use super::{bus, kv, log, outage, reopen, time};

type Check<'a> = Pin<Box<dyn Future<Output = Result<(), Broken>> + Send + 'a>>;
type Rule = (&'static str, for<'a> fn(&'a dyn Subject) -> Check<'a>);

macro_rules! rules {
    ($($room:ident::$rule:ident),* $(,)?) => {
        [$((concat!(stringify!($room), "::", stringify!($rule)), |subject| Box::pin($room::$rule(subject)))),*]
    };
}

const RULES: [Rule; 29] = rules![
    kv::values_come_back_as_they_were_put,
    kv::no_two_states_have_one_version,
    kv::a_put_stores_only_over_what_it_expects,
    kv::a_delete_removes_only_what_it_names,
    kv::of_concurrent_swaps_one_wins,
    kv::of_concurrent_creations_one_wins,
    kv::no_update_is_lost,
    kv::values_expire,
    kv::a_put_sets_the_life_anew,
    log::entries_come_back_in_order,
    log::reads_are_bounded,
    log::concurrent_appends_are_all_kept,
    log::a_reader_beside_a_writer_misses_nothing,
    log::streams_are_trimmed_by_count,
    log::streams_are_trimmed_by_bytes,
    log::streams_are_trimmed_by_age,
    log::streams_are_trimmed_on_demand,
    log::offsets_never_come_again,
    time::all_handles_have_one_time,
    bus::messages_arrive_in_order,
    bus::topics_are_apart,
    bus::a_waiting_subscriber_is_woken,
    bus::a_slow_subscriber_is_told,
    bus::a_message_to_nobody_is_no_error,
    bus::handles_reach_each_other,
    reopen::what_was_stored_survives,
    outage::whoever_asks_in_vain_is_told_in_time,
    outage::what_was_confirmed_is_there_again,
    outage::subscribers_are_told_and_hear_again,
];

/// The names of all rules, as in [`Failures::iter`]: the module and the function.
pub fn rules() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|(rule, _)| *rule)
}

/// Runs every rule and reports all that are broken.
///
/// # Errors
/// The broken rules, by name.
pub async fn verify(subject: &dyn Subject) -> Result<(), Failures> {
    let mut failures = Vec::new();
    for (rule, check) in RULES {
        if let Err(broken) = check(subject).await {
            failures.push((rule, broken));
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(Failures(failures)) }
}

/// The rules that an engine broke.
#[derive(Debug)]
pub struct Failures(Vec<(&'static str, Broken)>);

impl Failures {
    /// The broken rules and how each was broken.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Broken)> {
        self.0.iter().map(|(rule, broken)| (*rule, broken))
    }
}

impl fmt::Display for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} rules are broken", self.0.len(), RULES.len())?;
        self.0.iter().try_for_each(|(rule, broken)| write!(f, "\n{rule}: {broken}"))
    }
}

impl Error for Failures {}
