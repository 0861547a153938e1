//! The engine in the memory of one process.

mod engine;
mod expiring;
mod streams;
#[cfg(test)]
mod tests;
mod values;

pub use engine::Memory;
