//! Gauges of the process and of what it is built on.

use std::sync::{Arc, Weak};

use opentelemetry::KeyValue;

use super::gauges::Reading;
use super::made::Meters;
use crate::telemetry::instruments::{self, Instrument};
use crate::telemetry::pools::NamedPool;
use crate::telemetry::process;
use crate::telemetry::semconv::attribute;

/// Reads a figure of the process; `None` where the system does not tell it.
type ProcessReading = fn() -> Option<f64>;

impl Meters {
    /// Has the process read, and says which server it is.
    pub(crate) fn watch_process(self: &Arc<Self>, name: &str, version: &str) {
        let labels = vec![
            KeyValue::new(attribute::SERVICE_NAME, name.to_owned()),
            KeyValue::new(attribute::SERVICE_VERSION, version.to_owned()),
            KeyValue::new(attribute::FRAMEWORK_VERSION, env!("CARGO_PKG_VERSION")),
        ];
        self.watch(&instruments::BUILD_INFO, Arc::downgrade(self), move |_| vec![(labels.clone(), 1.0)]);
        let gauges: [(&Instrument, ProcessReading); 4] = [
            (&instruments::PROCESS_MEMORY, process::resident_memory),
            (&instruments::PROCESS_DESCRIPTORS, process::open_descriptors),
            (&instruments::PROCESS_MOST_DESCRIPTORS, process::most_descriptors),
            (&instruments::PROCESS_START, process::start_time),
        ];
        for (instrument, read) in gauges {
            self.watch(instrument, Arc::downgrade(self), move |_| {
                read().map(|value| (Vec::new(), value)).into_iter().collect()
            });
        }
        let counter = &instruments::PROCESS_CPU;
        let builder = self.meter.f64_observable_counter(counter.name).with_unit(counter.unit);
        let builder = builder.with_description(counter.meaning).with_callback(|observer| {
            if let Some(seconds) = process::processor_time() {
                observer.observe(seconds, &[]);
            }
        });
        builder.build();
    }

    /// Has pools of connections read.
    pub(crate) fn watch_pools<T: Send + Sync + 'static>(
        &self,
        subject: Weak<T>,
        pools: impl Fn(&T) -> &[NamedPool] + Copy + Send + Sync + 'static,
    ) {
        self.watch(&instruments::POOL_CONNECTIONS, subject.clone(), move |subject| {
            pools(subject)
                .iter()
                .flat_map(|pool| [state(pool, "idle", pool.pool.idle()), state(pool, "used", pool.used())])
                .collect()
        });
        self.watch(&instruments::POOL_MOST, subject, move |subject| {
            let limit = |pool: &NamedPool| (vec![name(pool)], f64::from(pool.pool.limit()));
            pools(subject).iter().map(limit).collect()
        });
    }
}

fn name(pool: &NamedPool) -> KeyValue {
    KeyValue::new(attribute::POOL, Arc::clone(&pool.name))
}

fn state(pool: &NamedPool, word: &'static str, connections: u32) -> Reading {
    (vec![name(pool), KeyValue::new(attribute::POOL_STATE, word)], f64::from(connections))
}
