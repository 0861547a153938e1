//! Placeholder until the auth branch lands.
use std::sync::Arc;
/// Who calls.
#[derive(Clone, Debug)]
pub struct Principal(Arc<str>);
impl Principal {
    /// Nobody in particular.
    pub fn anonymous() -> Self { Self(Arc::from("anonymous")) }
    /// The owner of the process.
    pub fn local() -> Self { Self(Arc::from("local")) }
    /// The owner key.
    pub fn key(&self) -> &str { &self.0 }
    /// Whether a scope is granted.
    pub fn has_scope(&self, _scope: &str) -> bool { true }
}
