//! The programs of others that the chores need: found, installed where that is allowed, or named with the command
//! that installs them.

mod need;
mod node;
mod packages;
mod pins;
mod python;
mod system;

pub(crate) use need::{Need, need};
pub(crate) use node::Node;
pub(crate) use packages::{Packages, scripts};
pub(crate) use python::python;
pub(crate) use system::{path, program, services};
