//! The engine in a PostgreSQL database: for many replicas.

mod address;
mod bus;
mod engine;
mod envelope;
mod fault;
mod kv;
mod listener;
mod log;
mod pool;
mod schema;
mod sweep;

pub use engine::Postgres;
