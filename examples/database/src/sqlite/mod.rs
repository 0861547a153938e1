//! SQLite: a file that is opened for reading and cannot be written to.

mod catalogue;
mod query;
mod reader;

pub use reader::Sqlite;
