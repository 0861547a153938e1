//! Connections, from accept to close: every listener of the server serves them through [`Guard`].
//!
//! A connection has a deadline at every moment at which no request is running on it: for the first head, for the next
//! head, for the next request. It counts against the places of the listener and of its peer, and gives its place to a
//! newcomer when it is idle and all places are taken.

mod activity;
mod automatic;
mod descriptors;
mod guard;
mod inbound;
mod limits;
mod linger;
mod outbound;
mod places;
mod serve;
mod socket;
mod supervisor;
mod waiting;

pub(crate) use activity::Activity;
pub(crate) use descriptors::Spare;
pub(crate) use guard::{Connections, Guard};
pub(crate) use inbound::Inbound;
pub(crate) use limits::{ConnectionLimits, Draining};
