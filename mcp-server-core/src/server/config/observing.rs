//! The configuration of what is seen of a server, and of what is done about it.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use super::choice::TokenCount;

/// The keys of `[admin]`. `Debug` does not show the token.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdminSettings {
    /// Where health, metrics and the operator page are served; without it, nowhere.
    pub addr: Option<SocketAddr>,
    /// What opens the operator page and the details of readiness; without it, a token is made at each start and logged.
    pub token: Option<String>,
}

impl fmt::Debug for AdminSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdminSettings").field("addr", &self.addr).finish_non_exhaustive()
    }
}

/// The keys of `[telemetry]`.
#[expect(clippy::struct_excessive_bools, reason = "each is a key of its own")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TelemetrySettings {
    /// Whether anything is measured and traced.
    pub enabled: bool,
    /// How tokens are counted.
    pub tokens: TokenCount,
    /// Whether spans carry the arguments of calls, and logs may repeat them; never what is secret.
    pub arguments: bool,
    /// Whether spans carry the results of calls.
    pub results: bool,
    /// Whether personal data is taken out of logs and spans, as credentials always are.
    pub redact_personal: bool,
    /// Bytes of spans that wait for a collector at most.
    pub span_bytes: usize,
}

impl Default for TelemetrySettings {
    fn default() -> Self {
        Self {
            enabled: true,
            tokens: TokenCount::default(),
            arguments: false,
            results: false,
            redact_personal: true,
            span_bytes: 16 * 1024 * 1024,
        }
    }
}

/// The keys of `[budget]`: what may be used within a window; what is unset is not limited.
///
/// The windows are fixed, and the same on all replicas, which share what was used through the store. A call counts when it
/// begins, however it ends, its tokens count at its end: a budget is overshot by the calls that run, and by what each
/// replica lets pass until it hears of the others, about a second. While the store is away each replica counts alone.
///
/// Callers without credentials are one principal; over stdio the process has one session, and so has each legacy session
/// over HTTP. A trace is what its caller says in `traceparent`: its budget holds agents that go astray, not those that
/// cheat.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BudgetSettings {
    /// The window after which a budget is whole again.
    pub window: Duration,
    /// Calls of one session.
    pub calls_per_session: Option<u32>,
    /// Tokens of one session.
    pub tokens_per_session: Option<u32>,
    /// Calls of one principal.
    pub calls_per_principal: Option<u32>,
    /// Tokens of one principal.
    pub tokens_per_principal: Option<u32>,
    /// Calls of one trace.
    pub calls_per_trace: Option<u32>,
    /// Tokens of one trace.
    pub tokens_per_trace: Option<u32>,
    /// The share of a budget, in percent, of which the operator is told.
    pub alert_at: usize,
    /// Equal calls within `repeat_window` after which an agent is told that it repeats itself; 0: never.
    pub repeats: usize,
    /// The window of `repeats`.
    pub repeat_window: Duration,
}

impl Default for BudgetSettings {
    fn default() -> Self {
        Self {
            window: Duration::from_hours(1),
            calls_per_session: None,
            tokens_per_session: None,
            calls_per_principal: None,
            tokens_per_principal: None,
            calls_per_trace: None,
            tokens_per_trace: None,
            alert_at: 80,
            repeats: 30,
            repeat_window: Duration::from_mins(1),
        }
    }
}

/// The keys of `[quality]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QualitySettings {
    /// Whether results are held against the baseline of their tool.
    pub enabled: bool,
    /// Whether an agent is told in the result that it has nothing, or less than is normal.
    pub tell: bool,
    /// Whether an agent is told in the result that the call was slow.
    pub tell_slow: bool,
    /// Results after which a baseline stands.
    pub after: usize,
}

impl Default for QualitySettings {
    fn default() -> Self {
        Self { enabled: true, tell: true, tell_slow: false, after: 20 }
    }
}
