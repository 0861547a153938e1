//! From syntax to facts: attributes, signatures, parameters, each with its checks.

mod argument;
mod block;
mod declaration;
mod default_value;
mod docs;
mod forms;
mod function;
mod list;
mod names;
mod parameters;
mod pattern;
mod range;
mod settings;
mod signature;
mod suggest;
mod types;
mod units;
mod uri;

pub(crate) use block::read as block;
pub(crate) use function::{Source, entry};
pub(crate) use list::{Listed, read as list};
pub(crate) use signature::Place;
