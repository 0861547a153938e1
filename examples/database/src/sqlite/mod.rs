//! SQLite: a file that is opened for reading and cannot be written to. This runs within a worker.

mod authorizer;
mod catalogue;
mod fault;
mod oversize;
mod query;
mod reader;

pub use reader::Sqlite;
