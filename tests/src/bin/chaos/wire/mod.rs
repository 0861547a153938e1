//! HTTP as the clients see it: one exchange with the balancer, every wait bounded, every oddity told apart.

mod balancer;
mod events;
mod fault;

pub(crate) use balancer::{Balancer, Received};
pub(crate) use events::{Event, Events};
pub(crate) use fault::Fault;
