//! Budgets: how many calls and tokens a session, a principal and a trace may use within a window.
//!
//! Nothing is kept where nothing is limited. A call is counted when it passes, its tokens at its end; so a budget of
//! tokens is overshot by the calls that run when it ends. The windows are fixed, and the same on every replica.
//!
//! Replicas share their totals through the store, in the background: as soon as something was used, and then about once
//! a second while it goes on. So a budget holds over all of them, overshot by what each lets pass within a second; while
//! the store is away, each counts alone. Callers without credentials are one principal, over HTTP all of them.

mod book;
mod budgets;
mod limits;
mod merge;
mod spending;
mod subject;
#[cfg(test)]
mod tests;

pub(crate) use budgets::Budgets;
pub(crate) use limits::{BudgetLimits, Limit};
pub(crate) use merge::Merging;
pub(crate) use spending::Spending;
pub(crate) use subject::Payer;
