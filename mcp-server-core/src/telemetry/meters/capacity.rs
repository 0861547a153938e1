//! Capacities: how much of a bounded resource is in use, under one pair of instruments, so that one alert covers all.

use std::sync::{Arc, Weak};

use opentelemetry::KeyValue;

use super::made::Meters;
use crate::telemetry::instruments;
use crate::telemetry::semconv::attribute;

/// How much of a bounded resource is in use, in the resource's own unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Capacity {
    /// In use now.
    pub(crate) used: usize,
    /// At most.
    pub(crate) limit: usize,
}

impl Meters {
    /// Publishes a bounded resource under a name in snake case, such as `request_bytes`. It is read on the thread of
    /// whoever reads the metrics, so `read` must not wait.
    pub(crate) fn watch_capacity<T: Send + Sync + 'static>(
        &self,
        name: &'static str,
        subject: &Weak<T>,
        read: impl Fn(&T) -> Capacity + Send + Sync + 'static,
    ) {
        let read = Arc::new(read);
        #[expect(clippy::cast_precision_loss, reason = "a limit is far below 2^53")]
        let gauge = move |value: usize| vec![(vec![KeyValue::new(attribute::CAPACITY, name)], value as f64)];
        let reads = Arc::clone(&read);
        self.watch(&instruments::CAPACITY_USED, Weak::clone(subject), move |subject| gauge(reads(subject).used));
        self.watch(&instruments::CAPACITY_LIMIT, Weak::clone(subject), move |subject| gauge(read(subject).limit));
    }
}
