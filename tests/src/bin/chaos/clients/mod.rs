//! The clients: each does one thing over and over until the time is over.

mod asking;
mod calling;
mod ground;
mod keys;
mod listening;
mod official;
mod rounds;
mod tasks;
mod watching;

pub(crate) use asking::asking;
pub(crate) use calling::{calling, modern_calling};
pub(crate) use ground::Ground;
pub(crate) use keys::keys;
pub(crate) use listening::listening;
pub(crate) use official::official;
pub(crate) use rounds::rounds;
pub(crate) use tasks::tasks;
pub(crate) use watching::watching;
