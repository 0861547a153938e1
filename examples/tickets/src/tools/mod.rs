//! The tools: what an agent can do with tickets.

mod delete;
mod import;
mod list;
mod read;
mod search;
mod write;

pub(crate) use list::all;
