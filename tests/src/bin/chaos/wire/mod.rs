//! HTTP as the clients see it: one exchange with the balancer, every wait bounded, every oddity told apart.

mod balancer;
mod events;

pub(crate) use balancer::{Balancer, Fault, Received};
pub(crate) use events::{Event, Events};
