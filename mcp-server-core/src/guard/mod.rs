//! What a call must pass, one guard a file. `dispatch::pipeline` names them in their order.

mod absent;
#[cfg(test)]
mod agreement_tests;
mod allowed;
pub(crate) mod attempts;
pub(crate) mod budget;
mod explain;
mod fault;
mod judge;
pub(crate) mod mirror;
pub(crate) mod origin;
pub(crate) mod permits;
pub(crate) mod repeats;
pub(crate) mod request_bytes;
mod shape;
pub(crate) mod shares;
pub(crate) mod validate;
pub(crate) mod violation;
mod well_formed;
