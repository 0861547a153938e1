//! Codecs: how a task is shown to each era.

pub(crate) mod legacy;
pub(crate) mod modern;
mod outcome;

pub(crate) use outcome::end_of;
