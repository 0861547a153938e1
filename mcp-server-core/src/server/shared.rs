//! What the replicas of a server share: its store, who else uses it, and what seals the state that clients carry.

use std::time::Duration;

use super::config::Config;
use crate::dispatch::Shared;
use crate::store::seal::{SealKey, Sealer};
use crate::store::{self, Replica, Store};

/// How long a replica is waited for that shows no life.
const LEASE: Duration = Duration::from_secs(6);

/// Opens the store that the configuration names and joins those who use it; says which store it is.
///
/// # Errors
/// A sentence saying why it cannot be used.
pub(super) async fn open(server: &str, config: &Config) -> Result<(String, Shared), String> {
    let sealer = sealer(config)?;
    let url = config.store_url(server).map_err(|fault| fault.to_string())?;
    let fault = |error| format!("store.url: {error}");
    let store = store::open(&url).await.map_err(fault)?;
    let replica = Replica::join(&store, LEASE, String::new()).await.map_err(fault)?;
    Ok((url, Shared { store, replica, sealer }))
}

/// What a server needs that serves nobody.
pub(super) fn nothing() -> Shared {
    let store = Store::memory();
    Shared { replica: Replica::alone(&store), store, sealer: Sealer::ephemeral() }
}

/// The sealing keys of the configuration, or one that ends with the process.
fn sealer(config: &Config) -> Result<Sealer, String> {
    if config.seal.keys.is_empty() {
        return Ok(Sealer::ephemeral());
    }
    let keys: Result<Vec<_>, _> =
        config.seal.keys.iter().map(|key| SealKey::new(key.id.as_str(), key.secret.as_bytes())).collect();
    keys.and_then(Sealer::new).map_err(|error| format!("seal.keys: {error}"))
}
