//! The engine in one SQLite file: the embedded default.

mod bus;
mod engine;
mod fault;
mod file_lock;
mod kv;
mod log;
mod place;
mod schema;
mod sweep;
#[cfg(test)]
mod tests;
mod transaction;

pub use engine::Sqlite;
