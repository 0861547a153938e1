//! From a URL to a store.

use super::error::StoreError;
use super::handle::Store;

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
    match url.split_once(':') {
        Some(("memory", "")) => Ok(Store::memory()),
        Some(("memory", _)) => Err(StoreError::url(url, "`memory:` takes nothing after the colon")),
        #[cfg(feature = "sqlite")]
        Some(("sqlite", rest)) => Ok(Store::new(super::Sqlite::open_url(rest).await?)),
        // Only the scheme is repeated: what follows may hold a password.
        Some((scheme, _)) => Err(StoreError::url(format!("{scheme}:…"), unserved(scheme))),
        None => Err(StoreError::url(url, format!("it has no scheme; {SERVED}"))),
    }
}

#[cfg(feature = "sqlite")]
const SERVED: &str = "served are `memory:` and `sqlite:PATH`";
#[cfg(not(feature = "sqlite"))]
const SERVED: &str = "served is `memory:`; `sqlite:PATH` needs a build with the feature `sqlite`";

fn unserved(scheme: &str) -> String {
    match scheme {
        "postgres" | "postgresql" => format!("this version has no PostgreSQL engine; {SERVED}"),
        "redis" | "rediss" | "valkey" | "valkeys" => format!("this version has no Redis engine; {SERVED}"),
        _ => SERVED.to_owned(),
    }
}
