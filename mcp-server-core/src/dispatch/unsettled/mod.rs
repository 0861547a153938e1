//! What a run writes under its key, and what of it the store does not know yet.

mod ledger;
mod queue;
mod record;

pub(super) use ledger::{Ledger, Settlement};
pub(super) use queue::{Live, Unsettled};
pub(super) use record::{Kept, Record, State, unreadable};
