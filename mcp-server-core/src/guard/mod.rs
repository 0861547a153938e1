//! What a call must pass, one guard a file. `dispatch::pipeline` names them in their order.

pub(crate) mod mirror;
pub(crate) mod origin;
pub(crate) mod permits;
pub(crate) mod validate;
pub(crate) mod violation;
