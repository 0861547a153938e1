//! Exemplars: for each bucket of a series, a call of which a trace tells.

use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry::KeyValue;
use opentelemetry::trace::SpanContext;

use super::instruments::SECONDS;

/// A call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exemplar {
    pub(crate) trace: String,
    pub(crate) span: String,
    pub(crate) value: f64,
    /// When it ended, in seconds since 1970.
    pub(crate) at: f64,
}

/// A series with its exemplars.
#[derive(Clone, Debug)]
pub(crate) struct Exemplified {
    pub(crate) labels: Vec<KeyValue>,
    pub(crate) exemplars: Vec<Exemplar>,
}

impl Exemplified {
    /// The exemplar of the bucket between these bounds.
    pub(crate) fn within(&self, below: f64, bound: f64) -> Option<&Exemplar> {
        self.exemplars.iter().find(|exemplar| exemplar.value > below && exemplar.value <= bound)
    }
}

/// The last sampled call of each bucket.
#[derive(Debug, Default)]
pub(super) struct Exemplars(Mutex<Vec<(usize, SpanContext, f64, SystemTime)>>);

impl Exemplars {
    /// Takes a call in whose span is sampled. Nobody waits: where another call is being taken in, this one is not.
    pub(super) fn take(&self, span: &SpanContext, seconds: f64) {
        let Ok(mut all) = self.0.try_lock() else { return };
        let bucket = SECONDS.iter().position(|bound| seconds <= *bound).unwrap_or(SECONDS.len());
        let one = (bucket, span.clone(), seconds, SystemTime::now());
        match all.iter_mut().find(|(known, ..)| *known == bucket) {
            Some(known) => *known = one,
            None => all.push(one),
        }
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<Exemplar> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told = all.iter().map(|(_, span, value, at)| Exemplar {
            trace: span.trace_id().to_string(),
            span: span.span_id().to_string(),
            value: *value,
            at: at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64(),
        });
        told.collect()
    }
}
