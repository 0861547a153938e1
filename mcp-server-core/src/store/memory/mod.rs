//! The engine in the memory of one process.

mod engine;
mod expiring;
mod streams;
mod values;

pub use engine::Memory;
