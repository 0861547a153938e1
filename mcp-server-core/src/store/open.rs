//! From a URL to a store.

use super::error::StoreError;
use super::handle::Store;

/// Opens the store that a URL names: `memory:`, `sqlite:PATH` with the feature `sqlite`, or `redis://HOST` with the
/// feature `redis`.
///
/// The folder of an SQLite file is made if needed, readable by its owner alone, as is the file.
/// What else a `redis://` URL says is told at [`Redis::open`](super::Redis::open).
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
        #[cfg(feature = "redis")]
        Some(("redis" | "rediss" | "valkey" | "valkeys", _)) => Ok(Store::new(super::Redis::open(url).await?)),
        // Only the scheme is repeated: what follows may hold a password.
        Some((scheme, _)) => Err(StoreError::url(format!("{scheme}:…"), unserved(scheme))),
        None => Err(StoreError::url(url, format!("it has no scheme; {}", served()))),
    }
}

/// What this build serves, and what another would.
const ENGINES: [(&str, &str, bool); 2] = [
    ("sqlite", "`sqlite:PATH`", cfg!(feature = "sqlite")),
    ("redis", "`redis://HOST`", cfg!(feature = "redis")),
];

fn served() -> String {
    let mut text = "served are `memory:`".to_owned();
    for (_, url, _) in ENGINES.iter().filter(|(_, _, built)| *built) {
        text.push_str(", ");
        text.push_str(url);
    }
    for (feature, url, _) in ENGINES.iter().filter(|(_, _, built)| !built) {
        text.push_str(&format!("; {url} needs a build with the feature `{feature}`"));
    }
    text
}

fn unserved(scheme: &str) -> String {
    match scheme {
        "postgres" | "postgresql" => format!("this version has no PostgreSQL engine; {}", served()),
        _ => served(),
    }
}
