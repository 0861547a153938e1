//! State that outlives a request: three primitives, the engines that provide them, and sealing for what clients keep.
//!
//! All shared state is written once, above three small primitives, and an [`Engine`] is nothing but those:
//!
//! - [`Kv`]: versioned values with a time to live; compare-and-swap has exactly one winner. Leases are compare-and-swap.
//! - [`Log`]: streams of entries in order, read after an offset, bounded by count, bytes and age.
//! - [`Bus`]: topics, at most once and best effort. It wakes; the kv and the log are the truth.
//!
//! | URL | engine | what it is for |
//! |---|---|---|
//! | `memory:` | [`Memory`] | one process that may forget: stdio, tests |
//! | `sqlite:PATH` | [`Sqlite`] | one host, survives a restart: the default over HTTP |
//! | `postgres://…` | [`Postgres`] | any number of replicas, in a PostgreSQL database |
//! | `redis://…`, `rediss://…`, `valkey://…`, `valkeys://…` | [`Redis`] | any number of replicas, in Redis 7 or Valkey |
//!
//! A store that does not answer holds nobody up: every operation ends within the deadline of its [`Store`], and while the
//! engine is known to be away, at once. Above the store that becomes a refusal with a wait, for what needs it alone.
//!
//! [`open`] makes a [`Store`] from such a URL. The counting that caps need is done above the primitives, by [`Seats`].
//! An engine of your own passes the suite in [`contract`].
//!
//! ```
//! use std::time::Duration;
//! use mcp_server_core::store::{Expect, Put, open};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let store = open("memory:").await?;
//! let life = Some(Duration::from_secs(60));
//!
//! let Put::Stored(version) = store.put("greeting", "hello", Expect::Absent, life).await? else { panic!("taken") };
//! let swapped = store.put("greeting", "hallo", Expect::Version(version), life).await?;
//! assert!(matches!(swapped, Put::Stored(_)));
//! assert!(matches!(store.put("greeting", "salut", Expect::Version(version), life).await?, Put::Refused(Some(_))));
//! # Ok::<(), mcp_server_core::store::StoreError>(())
//! # }).unwrap();
//! ```

mod badge;
mod breaker;
mod bus;
mod clock;
pub mod contract;
mod engine;
mod error;
mod event;
mod handle;
mod hub;
mod keyring;
mod kv;
pub mod limit;
mod log;
mod mailbox;
mod memory;
mod open;
mod owner;
mod patience;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
mod replica;
mod reply;
pub mod seal;
mod seats;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "redis")]
pub use self::redis::Redis;
pub(crate) use badge::Badge;
pub use breaker::Health;
pub use bus::Bus;
pub use clock::Clock;
pub use engine::Engine;
pub use error::{StoreError, StoreErrorKind};
pub use event::Event;
pub use handle::Store;
pub use hub::Hub;
pub(crate) use keyring::{Keyring, TOPIC as KEYS};
pub use kv::{Entry, Expect, Kv, Put, Version};
pub use log::{Keep, Log, LogEntry, Offset, Slice};
pub use mailbox::{Feed, Subscription};
pub use memory::Memory;
pub use open::open;
pub(crate) use open::served;
pub use owner::Owner;
#[cfg(feature = "postgres")]
pub use postgres::Postgres;
pub(crate) use replica::Replica;
pub use reply::Reply;
pub use seats::{Seat, Seats};
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;
