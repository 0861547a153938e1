//! Reading SQL text far enough to see what it is: one statement, its first word, the names in it.
//!
//! This is not what keeps the database from being written to; the engines' own means do that. It gives better
//! messages, it keeps SQLite (which runs whatever follows a semicolon) to one statement, and it finds the functions
//! that a query calls.

mod commands;
mod defined;
mod fence;
mod lexer;
mod statement;

pub use lexer::Dialect;
pub(crate) use lexer::{Piece, Token};
pub use statement::Statement;
