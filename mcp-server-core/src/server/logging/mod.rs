//! Logs: to the standard error, pretty on a terminal, JSON elsewhere. The standard output belongs to the protocol.
//!
//! Lines of drivers are written without literals. A line within a call says of which call, and of lines that are equal
//! only a few are written: the rest is counted.

mod driver;
mod in_call;
mod repeats;
mod start;
#[cfg(test)]
mod tests;
mod windows;
mod words;

pub(super) use repeats::Telling;
pub(super) use start::start;
