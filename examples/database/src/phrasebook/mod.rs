//! The phrasebook: how each engine writes what models often write in the SQL of another one.

mod functions;
mod phrases;

pub(crate) use phrases::{advice, quoted_text};
