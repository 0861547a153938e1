//! From a URL to a store.

use super::error::StoreError;
use super::handle::Store;

/// Opens the store that a URL names: `memory:`, `sqlite:PATH` with the feature `sqlite`, `postgres://…` with the feature
/// `postgres`.
///
/// The folder of an SQLite file is made if needed, readable by its owner alone, as is the file. In a PostgreSQL database
/// the tables are made, in a schema of their own.
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
        #[cfg(feature = "postgres")]
        Some(("postgres" | "postgresql", _)) => Ok(Store::new(super::Postgres::open(url).await?)),
        // Only the scheme is repeated: what follows may hold a password.
        Some((scheme, _)) => Err(StoreError::url(format!("{scheme}:…"), unserved(scheme))),
        None => Err(StoreError::url(url, format!("it has no scheme; this build serves {SERVED}"))),
    }
}

/// What this build serves.
pub(crate) const SERVED: &str = match (cfg!(feature = "sqlite"), cfg!(feature = "postgres")) {
    (true, true) => "`memory:`, `sqlite:PATH` and `postgres://…`",
    (true, false) => "`memory:` and `sqlite:PATH`",
    (false, true) => "`memory:` and `postgres://…`",
    (false, false) => "`memory:`",
};

fn unserved(scheme: &str) -> String {
    let feature = match scheme {
        "sqlite" => "sqlite",
        "postgres" | "postgresql" => "postgres",
        "redis" | "rediss" | "valkey" | "valkeys" => {
            return format!("this version has no Redis engine; this build serves {SERVED}");
        }
        _ => return format!("this build serves {SERVED}"),
    };
    format!("it needs a build with the feature `{feature}`; this one serves {SERVED}")
}
