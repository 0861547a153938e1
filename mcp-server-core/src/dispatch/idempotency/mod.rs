//! Idempotency: a call happens once, and its repeats get its answer, on all replicas.
//!
//! `run` is the order of things: claim the key, run, remember. What a key promises stands at
//! [`Idempotency`](crate::tool::Idempotency).

mod key;
mod run;

pub(super) use key::Key;
pub(super) use run::{Once, run};
