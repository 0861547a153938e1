//! What is counted besides calls.

use std::time::Duration;

use opentelemetry::KeyValue;

use super::made::Meters;
use crate::telemetry::semconv::attribute;

impl Meters {
    /// A guard turned a request away.
    pub(crate) fn refused(&self, guard: &'static str) {
        self.refusals.add(1, &[KeyValue::new(attribute::GUARD, guard)]);
    }

    /// A rule of a tool's schema was broken.
    pub(crate) fn violated(&self, tool: &'static str, rule: &'static str) {
        self.violations.add(1, &[KeyValue::new(attribute::TOOL, tool), KeyValue::new(attribute::RULE, rule)]);
    }

    /// A result is off its tool's baseline.
    pub(crate) fn deviated(&self, tool: &'static str, deviation: &'static str) {
        self.deviations.add(1, &[KeyValue::new(attribute::TOOL, tool), KeyValue::new(attribute::DEVIATION, deviation)]);
    }

    /// A request of a tool to a service ended in an error.
    pub(crate) fn upstream_failed(&self, tool: &'static str, error_type: String, outcome: &'static str) {
        let labels = [
            KeyValue::new(attribute::TOOL, tool),
            KeyValue::new(attribute::ERROR_TYPE, error_type),
            KeyValue::new(attribute::OUTCOME, outcome),
        ];
        self.upstream_errors.add(1, &labels);
    }

    /// A call waited in vain for a connection of a pool.
    #[cfg_attr(not(feature = "sqlx"), expect(dead_code, reason = "without the feature no pool is known"))]
    pub(crate) fn pool_timed_out(&self, tool: &'static str) {
        self.pool_timeouts.add(1, &[KeyValue::new(attribute::TOOL, tool)]);
    }

    /// An agent was told that it repeats itself.
    pub(crate) fn looped(&self, tool: &'static str) {
        self.loops.add(1, &[KeyValue::new(attribute::TOOL, tool)]);
    }

    /// Most of a budget is spent.
    pub(crate) fn alerted(&self, scope: &'static str, measure: &'static str) {
        self.alerts.add(1, &[KeyValue::new(attribute::SCOPE, scope), KeyValue::new(attribute::MEASURE, measure)]);
    }

    /// A call waited for a thread.
    pub(crate) fn queued(&self, tool: &'static str, waited: Duration) {
        self.queue.record(waited.as_secs_f64(), &[KeyValue::new(attribute::TOOL, tool)]);
    }

    /// An operation of the store ended, with a fault perhaps.
    pub(crate) fn stored(
        &self,
        engine: &'static str,
        operation: &'static str,
        fault: Option<&'static str>,
        took: Duration,
    ) {
        let mut labels =
            vec![KeyValue::new(attribute::ENGINE, engine), KeyValue::new(attribute::STORE_OPERATION, operation)];
        labels.extend(fault.map(|fault| KeyValue::new(attribute::ERROR_TYPE, fault)));
        self.stored.record(took.as_secs_f64(), &labels);
    }

    /// A listener had no place for a connection.
    pub(crate) fn connection_refused(&self, listener: &'static str, reason: &'static str) {
        self.connections_refused.add(1, &of_listener(listener, reason));
    }

    /// The server ended a connection.
    pub(crate) fn connection_ended(&self, listener: &'static str, reason: &'static str) {
        self.connections_ended.add(1, &of_listener(listener, reason));
    }

    /// A connection could not be accepted.
    pub(crate) fn accept_failed(&self, listener: &'static str, reason: &'static str) {
        self.accept_failures.add(1, &of_listener(listener, reason));
    }

    /// Something could not be exported.
    #[cfg_attr(not(feature = "otlp"), expect(dead_code, reason = "without the feature nothing is"))]
    pub(crate) fn dropped(&self, signal: &'static str, reason: &'static str, items: u64) {
        let labels = [KeyValue::new(attribute::SIGNAL, signal), KeyValue::new(attribute::REASON, reason)];
        self.dropped.add(items, &labels);
    }
}

fn of_listener(listener: &'static str, reason: &'static str) -> [KeyValue; 2] {
    [KeyValue::new(attribute::LISTENER, listener), KeyValue::new(attribute::REASON, reason)]
}
