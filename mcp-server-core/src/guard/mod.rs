//! What a call must pass, one guard a file. `dispatch::pipeline` names them in their order.

#[cfg(test)]
mod agreement_tests;
mod allowed;
mod explain;
mod fault;
mod judge;
pub(crate) mod mirror;
pub(crate) mod origin;
pub(crate) mod permits;
mod shape;
pub(crate) mod validate;
pub(crate) mod violation;
