//! What may be told of calls, as the configuration says.

use std::sync::Arc;

use super::redactor::Redactor;

/// What may be told of calls.
#[derive(Clone, Debug)]
pub(crate) struct Disclosure {
    /// Whether their arguments may, less what is secret.
    pub(crate) arguments: bool,
    /// Whether their results may.
    pub(crate) results: bool,
    /// What takes out the rest.
    pub(crate) redactor: Arc<Redactor>,
}
