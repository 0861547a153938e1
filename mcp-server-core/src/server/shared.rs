//! What the replicas of a server share: its store, who else uses it, and what seals the state that clients carry.

use std::error::Error;
use std::time::Duration;

use super::command::Exit;
use super::config::Config;
use super::keys::{Keys, REMEDY, disagreeing};
use super::run::Failure;
use crate::dispatch::Shared;
use crate::store::seal::Sealer;
use crate::store::{self, Badge, Replica, Store, StoreError, StoreErrorKind};

/// How long the store is waited for at start. Opening is several operations, and may bring tables up to date.
const OPENING: Duration = Duration::from_secs(20);

/// What was opened.
pub(super) struct Opened {
    /// Which store it is.
    pub(super) url: String,
    pub(super) shared: Shared,
    pub(super) keys: Keys,
}

/// Opens the store that the configuration names and joins those who use it.
///
/// # Errors
/// Why it cannot be used, and whether waiting may help.
pub(super) async fn open(server: &str, config: &Config) -> Result<Opened, Failure> {
    let (url, store, keys) = reach(server, config).await?;
    let badge = Badge::of(&keys.sealer).write();
    let replica = Replica::join(&store, config.store.lease, badge).await.map_err(|error| refused(&error))?;
    let shared = Shared { store, replica, sealer: keys.sealer.clone() };
    Ok(Opened { url, shared, keys })
}

/// Opens the store to look only: nobody hears of it. Keys that living replicas would not agree with are an error too.
///
/// # Errors
/// As [`open`].
pub(super) async fn look(server: &str, config: &Config) -> Result<Opened, Failure> {
    let (url, store, keys) = reach(server, config).await?;
    let replica = Replica::alone(&store);
    let others = disagreeing(&replica, &Badge::of(&keys.sealer)).await.map_err(|error| refused(&error))?;
    if !others.is_empty() {
        let ids: Vec<String> = others.iter().map(|(id, badge)| format!("{id} has {}", badge.shown())).collect();
        let own = Badge::of(&keys.sealer).shown();
        let why = format!(
            "seal.keys: this server has {own}, and replicas that run do not agree: {}; {REMEDY}",
            ids.join("; ")
        );
        return Err(Failure { exit: Exit::Configuration, why });
    }
    Ok(Opened { url, shared: Shared { store, replica, sealer: keys.sealer.clone() }, keys })
}

async fn reach(server: &str, config: &Config) -> Result<(String, Store, Keys), Failure> {
    let wrong = |why| Failure { exit: Exit::Configuration, why };
    let configured = Keys::configured(config).map_err(wrong)?;
    let url = config.store_url(server).map_err(|fault| wrong(fault.to_string()))?;
    let Ok(opened) = tokio::time::timeout(OPENING, store::open(&url)).await else {
        let why = format!("store.url: the store gave no answer within {} s", OPENING.as_secs());
        return Err(Failure { exit: Exit::Temporary, why });
    };
    let store = opened.map_err(|error| refused(&error))?.within(config.store.timeout);
    let keys = match configured {
        Some(keys) => keys,
        None => Keys::agreed(&store, config).await.map_err(|error| refused(&error))?,
    };
    Ok((url, store, keys))
}

/// What an error of the store means for a start: a store that is away may come back, a URL does not mend itself.
fn refused(error: &StoreError) -> Failure {
    let is_final = matches!(error, StoreError::Url { .. }) || error.kind() == StoreErrorKind::Corrupt;
    let exit = if is_final { Exit::Configuration } else { Exit::Temporary };
    let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
    Failure { exit, why: format!("store.url: {error}{cause}") }
}

/// What a server needs that serves nobody.
pub(super) fn nothing() -> Shared {
    let store = Store::memory();
    Shared { replica: Replica::alone(&store), store, sealer: Sealer::ephemeral() }
}
