//! Carriers: spans of `tracing` that bring a call to where our own word does not reach, such as the thread of a database
//! driver, which takes the current span along.
//!
//! One costs more than all else that is done to trace a call. So the first calls of a process have one, and later ones as
//! long as somebody needs them.

use std::sync::atomic::{AtomicU32, Ordering};

use opentelemetry::Context;
use tracing::Span;

/// The target of these spans.
pub(crate) const CARRIER: &str = "mcp_server::scope";

/// So many calls in a row without a need for them, and there are none until the next need.
const CALLS: u32 = 1000;

/// Makes carriers, as long as they are needed.
#[derive(Debug)]
pub(crate) struct Carriers {
    left: AtomicU32,
}

impl Default for Carriers {
    fn default() -> Self {
        Self { left: AtomicU32::new(CALLS) }
    }
}

impl Carriers {
    /// One for a call of this context; one that does nothing if nobody needs it, or nobody listens.
    pub(super) fn carry(&self, context: &Context) -> Span {
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 {
            return Span::none();
        }
        // Two at once may count as one.
        self.left.store(left - 1, Ordering::Relaxed);
        // Whoever listens to this target takes the context from the thread when the span is made.
        let _attached = context.clone().attach();
        tracing::trace_span!(target: CARRIER, "scope")
    }

    /// Says that there was something to tell on a thread that is not the call's.
    pub(super) fn needed(&self) {
        self.left.store(CALLS, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::filter::LevelFilter;

    use super::*;

    #[test]
    fn there_are_none_after_calls_that_needed_none_until_the_next_need() {
        let lines = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_writer(std::io::sink).finish();
        tracing::subscriber::with_default(lines, || {
            let carriers = Carriers::default();
            let is_carried = || !carriers.carry(&Context::new()).is_disabled();
            assert!((0..CALLS).all(|_| is_carried()));
            assert!(!is_carried());
            carriers.needed();
            assert!((0..CALLS / 2).all(|_| is_carried()));
            carriers.needed();
            assert!((0..CALLS).all(|_| is_carried()), "each need counts anew");
        });
    }
}
