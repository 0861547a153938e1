//! Workers: each query runs in a process of its own, which can be ended and has its own memory.
//!
//! A thread cannot be stopped within one long step of an engine, and memory that one query takes is missed by all
//! others. A process can be killed at any time, the kernel bounds its memory and its temporary files, and its death is
//! seen. The server keeps as many workers as queries may run at once, and one more for the catalogue. It replaces those
//! that die or do not answer, and counts them.

mod lane;
mod process;
mod protocol;
mod serve;
mod shares;
mod workers;

pub use lane::Counts;
pub use serve::{ARGUMENT, serve};
pub use workers::Workers;
