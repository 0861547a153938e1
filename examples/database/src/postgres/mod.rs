//! PostgreSQL: queries in read-only transactions that are stopped in the server when nobody waits for them.

mod array;
mod canceller;
mod catalogue;
mod functions;
mod pool;
mod query;
mod session;
mod value;

pub use pool::Postgres;
