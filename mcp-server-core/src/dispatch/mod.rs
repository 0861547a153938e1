//! From a method to its handler, and from whatever a call ends in to its answer.
//!
//! [`pipeline`] names every step of a tool call in order.

mod answer;
mod blocking;
mod call;
mod canonical;
mod catalogue;
mod completion;
mod deployment;
pub(crate) mod discovery;
mod entry;
mod event;
mod exchange;
mod findings;
mod finish;
mod heartbeat;
mod idempotency;
mod identity;
mod job;
mod large;
mod listen;
mod listening;
mod lists;
#[cfg(test)]
mod once_tests;
mod pipeline;
mod prompts;
mod quality;
mod relay;
mod reply;
mod request;
mod resources;
mod rounds;
mod route;
mod running;
mod seat;
mod service;
mod settings;
mod since;
mod single_use;
mod spending;
mod stuck;
pub(crate) mod subscriptions;
mod surroundings;
mod tasks;
mod unsettled;
mod waiting;
mod work;

pub(crate) use answer::{Answer, Status, away};
pub(crate) use blocking::BlockingLimits;
pub(crate) use entry::{Lines, ResourceEntry, ToolEntry};
pub(crate) use event::Event;
pub(crate) use exchange::{Exchange, Handled};
pub(crate) use identity::Identity;
pub(crate) use large::beside;
pub(crate) use quality::Baselines;
pub(crate) use request::Asked;
pub(crate) use route::handle;
pub(crate) use service::{Service, Shared, States};
pub(crate) use settings::{QualitySettings, Settings, ToolSettings};
pub(crate) use surroundings::assemble;
pub(crate) use tasks::keep_watch;
