//! From a URL to a store.

use super::error::StoreError;
use super::handle::Store;

/// Opens the store that a URL names: `memory:`, `sqlite:PATH`, `postgres://…` or `redis://…`, each but the first with the
/// feature of its name.
///
/// The folder of an SQLite file is made if needed, readable by its owner alone, as is the file. In a PostgreSQL database
/// the tables are made, in a schema of their own. What else a URL may say is told at
/// [`Postgres::open`](super::Postgres::open) and [`Redis::open`](super::Redis::open).
///
/// # Errors
/// [`StoreError::Url`] for any other URL, naming what is served; [`StoreError::Unusable`] if the place cannot be used,
/// [`StoreError::Unreachable`] if it cannot be used now.
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
        Some(("postgres" | "postgresql", _)) => synchronized(Store::new(super::Postgres::open(url).await?)).await,
        #[cfg(feature = "redis")]
        Some(("redis" | "rediss" | "valkey" | "valkeys", _)) => {
            synchronized(Store::new(super::Redis::open(url).await?)).await
        }
        // Only the scheme is repeated: what follows may hold a password.
        Some((scheme, _)) => Err(StoreError::url(format!("{scheme}:…"), served())),
        None => Err(StoreError::url(url, format!("it has no scheme; {}", served()))),
    }
}

/// The store with its clock set by its server.
#[cfg(any(feature = "postgres", feature = "redis"))]
async fn synchronized(store: Store) -> Result<Store, StoreError> {
    store.synchronize().await?;
    Ok(store)
}

/// The engines that a build may have: the feature, the URL, and whether this build has it.
const ENGINES: [(&str, &str, bool); 3] = [
    ("sqlite", "`sqlite:PATH`", cfg!(feature = "sqlite")),
    ("postgres", "`postgres://…`", cfg!(feature = "postgres")),
    ("redis", "`redis://…`", cfg!(feature = "redis")),
];

/// What this build serves, and what another would.
pub(crate) fn served() -> String {
    let mut text = "served are `memory:`".to_owned();
    for (_, url, _) in ENGINES.iter().filter(|(_, _, built)| *built) {
        text.extend([", ", url]);
    }
    for (feature, url, _) in ENGINES.iter().filter(|(_, _, built)| !built) {
        text.extend(["; ", url, " needs a build with the feature `", feature, "`"]);
    }
    text
}
