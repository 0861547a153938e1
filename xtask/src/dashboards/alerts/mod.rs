//! The alerts, by what they watch.

mod alert;
mod gathered;
mod process;
mod requests;
mod results;
mod tools;

pub(super) use alert::{Alert, Severity};
pub(super) use gathered::all;
