//! What an engine answers with.

use std::pin::Pin;

use super::error::StoreError;

/// The answer of an engine: a boxed future, so that engines can be chosen at run time.
pub type Reply<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;
