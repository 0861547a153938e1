//! What a tool may return. Nothing here can be empty without a word.

mod found;
mod into_outcome;
mod media;
mod receipt;
mod rows;
mod scalar;
mod structured;

pub use found::{Found, UnexplainedOption};
pub use into_outcome::IntoOutcome;
pub use media::{Audio, Content, Image};
pub use receipt::Receipt;
pub(crate) use receipt::repeated as repeated_receipt;
pub use rows::{Rows, UnexplainedRows};
pub use structured::Structured;
