//! Every rule of the contract on every engine, each as a test of its own.

use std::collections::BTreeSet;

use mcp_server_core::store::contract::{bus, kv, log, outage, reopen, rules};

use super::subjects;

/// A test for each rule and engine. Where a server is not installed the subject is `None`, and has said so.
macro_rules! contract {
    ($($engine:ident)*) => { $(contract! { @rules $engine
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
        bus::messages_arrive_in_order
        bus::topics_are_apart
        bus::a_waiting_subscriber_is_woken
        bus::a_slow_subscriber_is_told
        bus::a_message_to_nobody_is_no_error
        bus::handles_reach_each_other
        reopen::what_was_stored_survives
        outage::whoever_asks_in_vain_is_told_in_time
        outage::what_was_confirmed_is_there_again
        outage::subscribers_are_told_and_hear_again
    })* };
    (@rules $engine:ident $($room:ident::$rule:ident)*) => {
        mod $engine {
            use super::*;

            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $rule() {
                if let Some(subject) = subjects::$engine() {
                    $room::$rule(&subject).await.unwrap_or_else(|broken| panic!("{broken}"));
                }
            })*

            #[test]
            fn no_rule_is_left_out() {
                let here = [$(concat!(stringify!($room), "::", stringify!($rule))),*];
                assert_eq!(BTreeSet::from(here), rules().collect());
            }
        }
    };
}

contract! { memory sqlite postgres }
