//! Carriers: spans of `tracing` that bring a call to where our own word does not reach, such as the thread of a database
//! driver, which takes the current span along.
//!
//! One costs more than all else that is done to trace a call. So the first calls of a process have one, and later ones only
//! if there was a need for any: of a driver that is first used then, the first query has no span.

use std::sync::atomic::{AtomicU32, Ordering};

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt as _;
use tracing::Span;

/// The target of these spans.
pub(crate) const CARRIER: &str = "mcp_server::scope";

/// So many calls without a need for them, and there are none until there is one.
const CALLS: u32 = 1000;
/// There was a need.
const ALL: u32 = u32::MAX;

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
    pub(in crate::telemetry) fn carry(&self, context: &Context) -> Span {
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 || !context.span().span_context().is_sampled() {
            return Span::none();
        }
        if left != ALL {
            // A need that is told meanwhile is not lost; two calls at once may count as one.
            let _counted = self.left.compare_exchange(left, left - 1, Ordering::Relaxed, Ordering::Relaxed);
        }
        // Whoever listens to this target takes the context from the thread when the span is made.
        let _attached = context.clone().attach();
        tracing::trace_span!(target: CARRIER, "scope")
    }

    /// Says that there was something to tell on a thread that is not the call's.
    #[cfg(any(test, feature = "otlp"))]
    pub(in crate::telemetry) fn needed(&self) {
        self.left.store(ALL, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::filter::LevelFilter;

    use super::*;
    use crate::telemetry::propagation;

    #[test]
    fn there_are_none_after_calls_that_needed_none_until_there_is_a_need() {
        let lines = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_writer(std::io::sink).finish();
        tracing::subscriber::with_default(lines, || {
            let carriers = Carriers::default();
            let parent = propagation::read("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", None).unwrap();
            let context = Context::new().with_remote_span_context(parent);
            let is_carried = || !carriers.carry(&context).is_disabled();
            assert!((0..CALLS).all(|_| carriers.carry(&Context::new()).is_disabled()), "nobody traces these");
            assert!((0..CALLS).all(|_| is_carried()));
            assert!(!is_carried());
            carriers.needed();
            assert!((0..CALLS * 2).all(|_| is_carried()), "who needed one once will need another");
        });
    }
}
