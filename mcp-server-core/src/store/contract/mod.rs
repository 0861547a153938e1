//! What every engine must do, as rules that can be run against one.
//!
//! The engines of this crate pass them; so does one of your own before a server may rely on it. Say how your engine is
//! opened and how its time passes, as a [`Subject`], and run [`verify`]. Each rule is also a function of its own, in
//! [`kv`], [`log`] and [`bus`], in [`reopen`] for engines that outlive a process, and in [`outage`] for engines whose server
//! can go away: a [`Subject`] says with [`Subject::outage`] how that is done, or that it cannot be.
//!
//! [`Interruptible`] takes an engine away on demand, for tests of what a server does without its store.
//!
//! ```
//! use std::future::ready;
//! use std::time::Duration;
//! use mcp_server_core::store::contract::{Passing, Subject, verify};
//! use mcp_server_core::store::{Clock, Memory, Reply, Store};
//!
//! struct OurEngine(Store, Clock);
//!
//! impl Subject for OurEngine {
//!     fn open(&self) -> Reply<'_, Store> {
//!         Box::pin(ready(Ok(self.0.clone())))
//!     }
//!     fn pass(&self, time: Duration) -> Passing<'_> {
//!         self.1.advance(time); // an engine with a real clock sleeps here
//!         Box::pin(ready(()))
//!     }
//!     fn survives(&self) -> bool {
//!         false
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let clock = Clock::manual();
//! let engine = OurEngine(Store::new(Memory::with_clock(clock.clone())), clock);
//! verify(&engine).await?;
//! # Ok::<(), mcp_server_core::store::contract::Failures>(())
//! # }).unwrap();
//! ```

pub mod bus;
mod interruption;
pub mod kv;
pub mod log;
pub mod outage;
#[cfg(test)]
mod outage_tests;
pub mod reopen;
mod subject;
#[cfg(test)]
mod tests;
pub mod time;
mod verify;

pub use interruption::{Interruptible, Interruption};
pub use subject::{Broken, Outage, Passing, Subject};
pub use verify::{Failures, rules, verify};
