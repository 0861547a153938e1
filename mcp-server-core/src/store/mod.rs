//! State.
pub mod seal;
