//! `tidy`: the rules for the shape of the sources that no compiler checks, each in a file of its own.

mod columns;
mod cycles;
mod direction;
mod facade;
mod features;
mod finding;
mod functions;
mod heading;
mod ignored;
mod modules;
mod reference;
mod size;
mod source;
mod spawning;
mod test_code;
mod verb;
mod words;

pub(crate) use verb::{Options, run};
