//! The bounds on every call and on what requests hold.

use std::time::Duration;

const KIB: usize = 1024;
const MIB: usize = 1024 * 1024;
const MINUTE: Duration = Duration::from_mins(1);

/// The keys of `[limits]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimitSettings {
    /// Requests in work at most.
    pub in_flight: usize,
    /// Time of a tool call that sets none itself.
    pub timeout: Duration,
    /// Bytes of a tool's result at most, for a tool that sets none itself.
    pub max_result: usize,
    /// Threads for functions that are not async.
    pub blocking_threads: usize,
    /// Calls that may wait for such a thread.
    pub blocking_queue: usize,
    /// Such threads that one caller may use.
    pub blocking_threads_per_principal: usize,
    /// Calls of one caller that may wait for such a thread.
    pub blocking_queue_per_principal: usize,
    /// Depth of nested JSON at most.
    pub json_depth: usize,
    /// JSON values in one message at most.
    pub json_values: usize,
    /// Memory that all requests in progress may hold, in bytes.
    pub request_bytes: usize,
    /// Memory that the requests in progress of one caller may hold, in bytes.
    pub request_bytes_per_principal: usize,
    /// Entries of one page of a list.
    pub page_size: usize,
    /// Bytes of one page of a list, at which the page ends early.
    pub page_bytes: usize,
    /// Rounds of asking the client for input within one call.
    pub input_rounds: usize,
    /// Time for the client to answer one question.
    pub input_timeout: Duration,
    /// Silence after which a client that gave a progress token is told that its call still runs; zero: never.
    pub progress_heartbeat: Duration,
    /// Open subscriptions of one principal at most.
    pub subscriptions_per_principal: usize,
    /// Resources in one subscription at most.
    pub uris_per_subscription: usize,
    /// Open handles of one principal at most.
    pub handles_per_principal: usize,
    /// Life of sealed state that a client carries.
    pub state_expires: Duration,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            in_flight: 1024,
            timeout: Duration::from_secs(30),
            max_result: 256 * KIB,
            blocking_threads: 32,
            blocking_queue: 128,
            blocking_threads_per_principal: 24,
            blocking_queue_per_principal: 64,
            json_depth: 64,
            json_values: 100_000,
            request_bytes: 256 * MIB,
            request_bytes_per_principal: 64 * MIB,
            page_size: 1000,
            page_bytes: MIB,
            input_rounds: 16,
            input_timeout: 10 * MINUTE,
            progress_heartbeat: Duration::from_secs(10),
            subscriptions_per_principal: 64,
            uris_per_subscription: 256,
            handles_per_principal: 256,
            state_expires: 10 * MINUTE,
        }
    }
}
