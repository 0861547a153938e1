//! Every rule of the contract on every engine, each as a test of its own.

use std::collections::BTreeSet;

use mcp_server_core::store::contract::{bus, kv, log, outage, reopen, rules, time};

use super::subjects;

/// The tests of one engine, and what they are called.
macro_rules! engine {
    ($name:ident, $subject:path, $($room:ident::$rule:ident)*) => {
        mod $name {
            use super::*;

            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $rule() {
                // Where a server is not installed there is no subject, and that has been said.
                if let Some(subject) = $subject() {
                    $room::$rule(&subject).await.unwrap_or_else(|broken| panic!("{broken}"));
                }
            })*

            pub(super) const RULES: &[&str] = &[$(concat!(stringify!($room), "::", stringify!($rule))),*];
        }
    };
}

/// An engine that is always there.
macro_rules! always {
    ($name:ident, $subject:path) => {
        engine! { $name, $subject,
            kv::values_come_back_as_they_were_put
            kv::no_two_states_have_one_version
            kv::a_put_stores_only_over_what_it_expects
            kv::a_delete_removes_only_what_it_names
            kv::of_concurrent_swaps_one_wins
            kv::of_concurrent_creations_one_wins
            kv::no_update_is_lost
            kv::values_expire
            kv::a_put_sets_the_life_anew
            log::entries_come_back_in_order
            log::reads_are_bounded
            log::concurrent_appends_are_all_kept
            log::a_reader_beside_a_writer_misses_nothing
            log::streams_are_trimmed_by_count
            log::streams_are_trimmed_by_bytes
            log::streams_are_trimmed_by_age
            log::streams_are_trimmed_on_demand
            log::offsets_never_come_again
            time::all_handles_have_one_time
            bus::messages_arrive_in_order
            bus::topics_are_apart
            bus::a_waiting_subscriber_is_woken
            bus::a_slow_subscriber_is_told
            bus::a_message_to_nobody_is_no_error
            bus::handles_reach_each_other
            reopen::what_was_stored_survives
        }
    };
}

/// An engine whose server goes away and comes back; each rule has a server of its own.
macro_rules! away {
    ($name:ident, $subject:path) => {
        engine! { $name, $subject,
            outage::whoever_asks_in_vain_is_told_in_time
            outage::what_was_confirmed_is_there_again
            outage::subscribers_are_told_and_hear_again
        }
    };
}

always! { memory, subjects::memory }
always! { sqlite, subjects::sqlite }
always! { postgres, subjects::postgres }
away! { postgres_away, subjects::own_postgres }
always! { redis, subjects::redis }
away! { redis_away, subjects::own_redis }

#[test]
fn no_rule_is_left_out() {
    assert_eq!(postgres_away::RULES, redis_away::RULES);
    for always in [memory::RULES, sqlite::RULES, postgres::RULES, redis::RULES] {
        let here: BTreeSet<_> = [always, postgres_away::RULES].concat().into_iter().collect();
        assert_eq!(here, rules().collect());
    }
}
