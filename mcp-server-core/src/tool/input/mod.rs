//! Input from the client's user, model or workspace while a call runs: one API for both eras.
//!
//! - Legacy: the question goes out as a request on the call's stream, and the answer is awaited.
//! - Modern: the call ends as `input_required`; the client retries it with the answer, the function runs again, and
//!   the same line returns the answer (basic/patterns, Multi Round-Trip Requests).
//!
//! [`Context::step`](crate::tool::Context::step) remembers a side effect across the rounds of one call.

mod ask;
mod elicit;
mod sample;

pub use super::rounds::Need;
pub use elicit::{Answer, Elicit, ElicitUrl};
pub use sample::{Root, Sample, Sampled};
