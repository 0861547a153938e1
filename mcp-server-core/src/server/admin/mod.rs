//! The listener for operators, supervisors and scrapers, apart from the endpoint: it answers while that one is busy or
//! closed.
//!
//! `/livez` and `/readyz` are one word to anybody; `/version` and `/metrics` are for whoever reaches the address. What
//! else there is, the operator page shows to whoever has the token: tools, failures, sessions, tasks. Arguments, results
//! and what opens a session are no part of it.

mod answer;
mod listener;
mod open;
mod page;
mod probes;
mod readings;
mod routes;
mod state;
mod token;
mod tools;
mod watched;

pub(super) use listener::Admin;
pub(super) use token::Token;
pub(super) use watched::Supervised;
