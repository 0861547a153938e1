//! PostgreSQL: queries in read-only transactions on one connection. This runs within a worker.

mod array;
mod catalogue;
mod description;
mod fault;
mod functions;
mod labels;
mod measured;
mod query;
mod reader;
mod role;
mod value;

pub use reader::Postgres;
