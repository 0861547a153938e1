//! What there is now: asked for when somebody looks.

use std::sync::Weak;

use opentelemetry::KeyValue;

use super::made::Meters;
use crate::telemetry::instruments::{self, Instrument};
use crate::telemetry::semconv::attribute;

/// A value with its attributes.
pub(crate) type Reading = (Vec<KeyValue>, f64);

impl Meters {
    /// Has a gauge read something whenever somebody looks; it is asked on the thread of whoever looks, so it must not
    /// wait. A gauge that was given something that is gone has no values.
    pub(crate) fn watch<T: Send + Sync + 'static>(
        &self,
        instrument: &Instrument,
        subject: Weak<T>,
        read: impl Fn(&T) -> Vec<Reading> + Send + Sync + 'static,
    ) {
        let builder = self.meter.f64_observable_gauge(instrument.name).with_unit(instrument.unit);
        let builder = builder.with_description(instrument.meaning).with_callback(move |observer| {
            for (labels, value) in subject.upgrade().map(|subject| read(&subject)).unwrap_or_default() {
                observer.observe(value, &labels);
            }
        });
        // The instrument is kept by its meter.
        builder.build();
    }

    /// Has the calls in flight read.
    pub(crate) fn watch_calls(self: &std::sync::Arc<Self>) {
        self.watch(&instruments::IN_FLIGHT, std::sync::Arc::downgrade(self), |meters| {
            let reading = |target: &std::sync::Arc<super::Target>| {
                #[expect(clippy::cast_precision_loss, reason = "calls that run are few")]
                let running = target.in_flight() as f64;
                target.tool().map(|tool| (vec![KeyValue::new(attribute::TOOL, tool)], running))
            };
            meters.targets().iter().filter_map(reading).collect()
        });
    }
}
