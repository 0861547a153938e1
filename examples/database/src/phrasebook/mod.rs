//! The phrasebook: how each engine writes what models often write in the SQL of another one.

mod commands;
mod functions;
mod phrases;

pub(crate) use commands::instead_of_statement;
pub(crate) use phrases::{advice, quoted_text};
