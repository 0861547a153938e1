//! Schemas: from the author's types and parameters to what `tools/list` shows.
//!
//! One way for all of them: `derive` asks schemars, `portable` rewrites in the words that every host knows (`numbers`,
//! `options`, `nullable`), `input` and `output` put the whole together, `gather` and `close` finish what is enforced,
//! and `publish` says what of it is shown.

mod close;
mod constrain;
mod derive;
mod description;
mod form;
mod gather;
mod input;
mod nullable;
mod numbers;
mod observe;
mod options;
mod output;
mod parts;
mod portable;
mod publish;
mod sample;
mod side;
mod tracer;

#[cfg(test)]
pub(crate) use derive::FORMATS;
pub(crate) use derive::{output_schema_for, schema_for};
pub(crate) use form::Form;
pub(crate) use input::input_schema;
pub(crate) use observe::observe;
pub(crate) use output::{OutputForm, WRAPPED, wrapped};
pub(crate) use publish::{Publishing, example, published};
pub(crate) use side::Side;
