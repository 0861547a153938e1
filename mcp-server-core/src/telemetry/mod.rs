//! What is known of each message afterwards.

mod record;

pub(crate) use record::{CallRecord, Ending};
