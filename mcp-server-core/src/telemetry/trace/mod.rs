//! What spans are made of: who makes them, who takes them, what an author adds to them, and what carries them along.

mod added;
mod carriers;
mod ended;
mod limits;
mod tracer;

pub(super) use added::{Added, Additions, Within};
pub(super) use ended::{Ended, Text};
pub(super) use limits::SpanLimits;
pub(super) use tracer::Tracer;
#[cfg(feature = "otlp")]
pub(super) use {
    carriers::{CARRIER, Carriers},
    ended::Takes,
    limits::cut,
};
