//! Empty answers: why a query found nothing, as far as the database can tell.

mod conditions;
mod probe;
mod reason;

pub use reason::{why_none, why_zero};
