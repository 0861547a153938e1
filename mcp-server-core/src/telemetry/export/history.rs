//! What the page of metrics said within the last minutes, so that charts have a past when somebody opens them.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use crate::telemetry::instruments::{self, Instrument};

/// How often the page is kept.
pub(super) const EVERY: Duration = Duration::from_secs(15);
/// How many are kept: ten minutes.
const LENGTH: usize = 40;
/// How many bytes of text are kept.
const BYTES: usize = 4 << 20;

/// What charts are drawn from.
const DRAWN: [&Instrument; 11] = [
    &instruments::OPERATION_DURATION,
    &instruments::TOOL_CALLS,
    &instruments::IN_FLIGHT,
    &instruments::TOKENS_USED,
    &instruments::RESULT_SIZE,
    &instruments::RESULT_ROWS,
    &instruments::VALIDATION_FAILURES,
    &instruments::QUALITY_DEVIATIONS,
    &instruments::LOOPS,
    &instruments::THREADS_STUCK,
    &instruments::REFUSALS,
];

/// The page at a time, as far as charts are drawn from it.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) at: SystemTime,
    pub(crate) text: String,
}

/// The last of them, the oldest first.
#[derive(Debug, Default)]
pub(super) struct History(Mutex<VecDeque<Snapshot>>);

impl History {
    /// Keeps a page, and drops the oldest of too many or too large ones.
    pub(super) fn keep(&self, at: SystemTime, page: &str) {
        let names: Vec<String> = DRAWN.iter().map(|instrument| instrument.prometheus()).collect();
        let is_drawn = |line: &&str| names.iter().any(|name| line.starts_with(name.as_str()));
        let text = page.lines().filter(is_drawn).collect::<Vec<_>>().join("\n");
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push_back(Snapshot { at, text });
        while all.len() > LENGTH || all.iter().map(|one| one.text.len()).sum::<usize>() > BYTES {
            all.pop_front();
        }
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<Snapshot> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_charts_need_is_kept_within_bounds() {
        let history = History::default();
        let page =
            "# TYPE mcpserver_ready gauge\nmcpserver_ready 1\nmcpserver_tool_calls_total{gen_ai_tool_name=\"a\"} 3\n";
        for _ in 0..100 {
            history.keep(SystemTime::now(), page);
        }
        let all = history.all();
        assert_eq!((all.len(), all[0].text.as_str()), (LENGTH, "mcpserver_tool_calls_total{gen_ai_tool_name=\"a\"} 3"));
        history.keep(SystemTime::now(), &format!("mcpserver_loops_total {}", "1".repeat(BYTES)));
        assert!(history.all().len() <= 1, "one that is too large alone leaves nothing");
    }
}
