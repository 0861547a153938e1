//! Event streams that a client can resume: written to the store's log, and read from it for the first delivery and for
//! every later one alike (basic/transports, Resumability and Redelivery).
//!
//! An event's id names its stream and its place in it, `<stream>.<offset>`, so no two events of a session share one.
//! The log's name has the session's hash in it: an id of another session's stream finds nothing.

mod entry;
mod far;
mod lost;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use super::channel::Channel;
pub(crate) use super::token::{EventId, Token};
pub(in crate::session) use far::Far;
pub(crate) use lost::stopped;
pub(crate) use reader::{Delivery, StreamError, StreamReader};
pub(crate) use writer::StreamWriter;
