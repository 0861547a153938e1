//! The tickets in SQLite or PostgreSQL: one text of SQL for both, and the few places where they differ.

mod import;
mod open;
mod read;
mod schema;
mod write;

pub(crate) use open::Db;
pub(crate) use read::Filter;
