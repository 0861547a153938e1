//! The limits of dispatch, as the configuration set them.

use std::collections::HashMap;
use std::time::Duration;

use super::blocking::BlockingLimits;
use crate::guard::budget::BudgetLimits;
use crate::guard::request_bytes::ByteLimits;
use crate::task::TaskLimits;
use crate::tool::schema::Publishing;

/// The limits that hold for every call, and those of single tools.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// How long a call may take.
    pub(crate) timeout: Duration,
    /// How many bytes a result may have.
    pub(crate) max_result: u64,
    /// How many calls may run at once.
    pub(crate) in_flight: u32,
    /// How many blocking functions run and wait.
    pub(crate) blocking: BlockingLimits,
    /// How deep arguments may nest.
    pub(crate) json_depth: usize,
    /// How many JSON values a message may hold.
    pub(crate) json_values: usize,
    /// How much memory requests in progress may hold.
    pub(crate) request_bytes: ByteLimits,
    /// How many items a page of a list has.
    pub(crate) page_size: usize,
    /// At how many bytes a page ends early.
    pub(crate) page_bytes: usize,
    /// How much of the schemas is shown.
    pub(crate) publishing: Publishing,
    /// How many rounds of questions one call may take.
    pub(crate) input_rounds: u32,
    /// How long a legacy client may take to answer a question.
    pub(crate) input_timeout: Duration,
    /// After how much silence a client that gave a progress token is told that its call still runs; never with zero.
    pub(crate) progress_heartbeat: Duration,
    /// How long a sealed state or cursor is good.
    pub(crate) state_expires: Duration,
    /// How many subscriptions one principal may hold.
    pub(crate) subscriptions_per_principal: usize,
    /// How many URIs one subscription may name.
    pub(crate) uris_per_subscription: usize,
    /// How many handles one principal may have.
    pub(crate) handles_per_principal: u32,
    /// How long the answer of a call is remembered whose client gave an idempotency key.
    pub(crate) remember: Duration,
    /// The same where the arguments are the key.
    pub(crate) remember_unkeyed: Duration,
    /// How long clients may cache lists.
    pub(crate) cache_ttl: Duration,
    /// How results are held against the baselines of their tools, if they are.
    pub(crate) quality: Option<QualitySettings>,
    /// The limits of tasks.
    pub(crate) tasks: TaskLimits,
    /// What may be used within a window.
    pub(crate) budget: BudgetLimits,
    /// After how many equal calls an agent is told that it repeats itself; never with 0.
    pub(crate) repeats: u32,
    /// Within which time they count.
    pub(crate) repeat_window: Duration,
    /// What single tools have of their own.
    pub(crate) tools: HashMap<String, ToolSettings>,
}

/// How results are held against baselines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QualitySettings {
    /// Results after which a baseline stands.
    pub(crate) after: u64,
    /// Whether an agent is told that a result has nothing, or less than is normal.
    pub(crate) tell: bool,
    /// Whether an agent is told that a call was slow.
    pub(crate) tell_slow: bool,
}

/// What a tool has of its own, before what its author said and what holds for all.
#[derive(Clone, Debug)]
pub(crate) struct ToolSettings {
    pub(crate) timeout: Option<Duration>,
    pub(crate) max_result: Option<u64>,
    pub(crate) max_concurrency: Option<u32>,
    pub(crate) repeats: Option<u32>,
    pub(crate) enabled: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            max_result: 256 * 1024,
            in_flight: 1024,
            blocking: BlockingLimits { threads: 32, queue: 128, threads_per_principal: 24, queue_per_principal: 64 },
            json_depth: 64,
            json_values: 100_000,
            request_bytes: ByteLimits { total: 256 << 20, per_principal: 64 << 20 },
            page_size: 1000,
            page_bytes: 1024 * 1024,
            publishing: Publishing::default(),
            input_rounds: 16,
            input_timeout: Duration::from_mins(10),
            progress_heartbeat: Duration::from_secs(10),
            state_expires: Duration::from_mins(10),
            subscriptions_per_principal: 64,
            uris_per_subscription: 256,
            handles_per_principal: 256,
            remember: Duration::from_hours(24),
            remember_unkeyed: Duration::from_mins(10),
            cache_ttl: Duration::ZERO,
            quality: None,
            tasks: TaskLimits::default(),
            budget: BudgetLimits::default(),
            repeats: 30,
            repeat_window: Duration::from_mins(1),
            tools: HashMap::new(),
        }
    }
}
