//! Tokens: what a call has a model write and read.
//!
//! A model writes the arguments of a call and reads the content of its result. Their tokens are estimated from bytes, or
//! counted by a tokenizer on a thread of its own; nothing is counted on the way of a call. Pictures and sounds have no
//! tokens here: what they cost differs from model to model, and their bytes say nothing about it.

mod counter;
mod tokenizer;
mod used;

pub(crate) use counter::Counter;
pub(crate) use tokenizer::is_built_in;
pub(crate) use used::{Bill, Used};
