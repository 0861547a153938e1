//! Schemas: from the author's types and parameters to what `tools/list` shows.

mod close;
mod constrain;
mod derive;
mod gather;
mod input;
mod parts;

#[cfg(test)]
pub(crate) use derive::FORMATS;
pub(crate) use derive::{output_schema_for, schema_for};
pub(crate) use gather::gather;
pub(crate) use input::input_schema;
