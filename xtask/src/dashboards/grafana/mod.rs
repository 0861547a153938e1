//! The dashboard, as Grafana imports it.

mod dashboard;
mod layout;
mod others;
mod overview;
mod panel;
mod tools;

pub(super) use dashboard::{expressions, file};
