//! Sealing (placeholder).
/// Seals.
#[derive(Debug)]
pub struct Sealer;
pub(crate) fn random_id() -> String { "x".into() }
