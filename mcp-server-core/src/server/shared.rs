//! What the replicas of a server share: its store, who else uses it, and what seals the state that clients carry.

use std::error::Error;
use std::time::Duration;

use tokio::time::Instant;

use super::command::Exit;
use super::config::Config;
use super::keys::{Comparison, Keys, REMEDY};
use super::run::Failure;
use crate::dispatch::Shared;
use crate::store::seal::Sealer;
use crate::store::{self, Badge, Owner, Replica, Store, StoreError};

/// How long the store is waited for at start. Opening is several operations, and may bring tables up to date.
const OPENING: Duration = Duration::from_secs(20);

/// How soon the replicas that do not agree are looked at again.
const AGAIN: Duration = Duration::from_millis(200);

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
pub(super) async fn open(owner: &Owner, config: &Config) -> Result<Opened, Failure> {
    let (url, store, keys) = reach(owner, config, true).await?;
    let own = Badge::of(&keys.sealer);
    agree(&store, &own, config.store.lease * 3 / 2).await?;
    let replica = Replica::join(&store, config.store.lease, own.write()).await.map_err(|error| refused(&error))?;
    let shared = Shared { store, replica, sealer: keys.sealer.clone() };
    Ok(Opened { url, shared, keys })
}

/// Opens the store to look only: nobody hears of it. Keys that living replicas would not agree with are an error too.
///
/// # Errors
/// As [`open`].
pub(super) async fn look(owner: &Owner, config: &Config) -> Result<Opened, Failure> {
    let (url, store, keys) = reach(owner, config, false).await?;
    agree(&store, &Badge::of(&keys.sealer), Duration::ZERO).await?;
    let replica = Replica::alone(&store);
    Ok(Opened { url, shared: Shared { store, replica, sealer: keys.sealer.clone() }, keys })
}

/// Refuses keys that the replicas which run do not agree with. Waits for those that do not run any more: the lease of a
/// process that was killed lasts for a while.
async fn agree(store: &Store, own: &Badge, timeout: Duration) -> Result<(), Failure> {
    let newcomer = Replica::alone(store);
    let since = Instant::now();
    loop {
        let found = Comparison::of(&newcomer, own).await.map_err(|error| refused(&error))?;
        if found.ready {
            return Ok(());
        }
        if since.elapsed() >= timeout {
            let ids: Vec<String> = found.odd.iter().map(|(id, badge)| format!("{id} has {}", badge.shown())).collect();
            let why = format!(
                "seal.keys: this server has {}, and replicas that run do not agree: {}; {REMEDY}",
                own.shown(),
                ids.join("; ")
            );
            return Err(Failure { exit: Exit::Configuration, why });
        }
        tokio::time::sleep(AGAIN.min(timeout)).await;
    }
}

/// Opens the store, which belongs to this server from now on if it is `claimed`.
async fn reach(owner: &Owner, config: &Config, claimed: bool) -> Result<(String, Store, Keys), Failure> {
    let wrong = |why| Failure { exit: Exit::Configuration, why };
    let configured = Keys::configured(config).map_err(wrong)?;
    let url = config.store_url(owner).map_err(|fault| wrong(fault.to_string()))?;
    let Ok(opened) = tokio::time::timeout(OPENING, store::open(&url)).await else {
        let why = format!("store.url: the store gave no answer within {} s", OPENING.as_secs());
        return Err(Failure { exit: Exit::Temporary, why });
    };
    let store = opened.map_err(|error| refused(&error))?.within(config.store.timeout);
    // Of a store that belongs to somebody else nothing is read and nothing is changed.
    let claim = if claimed { owner.claim(&store).await } else { owner.look(&store).await };
    claim.map_err(|error| refused(&error))?;
    let keys = match configured {
        Some(keys) => keys,
        None => Keys::agreed(&store, config).await.map_err(|error| refused(&error))?,
    };
    Ok((url, store, keys))
}

/// What an error of the store means for a start: what may pass by itself is temporary, anything else is configuration.
fn refused(error: &StoreError) -> Failure {
    let exit = if error.is_retryable() { Exit::Temporary } else { Exit::Configuration };
    Failure { exit, why: format!("store.url: {}", causes(error)) }
}

/// An error with the causes behind it, each of which is told once.
fn causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let said = cause.to_string();
        // Many errors repeat what is behind them.
        if !text.contains(said.trim()) {
            text.push_str(": ");
            text.push_str(said.trim());
        }
        next = cause.source();
    }
    text
}

/// What a server needs that serves nobody.
pub(super) fn nothing() -> Shared {
    let store = Store::memory();
    Shared { replica: Replica::alone(&store), store, sealer: Sealer::ephemeral() }
}
