//! Background work: the only place where tasks and threads are started. Each has a name, is counted while it runs, and
//! what can be started by a request is bounded.
//!
//! - [`spawn`] starts a task whose number is fixed by the server itself, such as a heartbeat.
//! - [`BoundedTasks`] starts tasks on behalf of requests. It refuses a task when its limit is reached.
//! - [`spawn_blocking`] and [`spawn_thread`] do the same for code that blocks.
//!
//! `cargo xtask tidy` rejects `tokio::spawn`, `Handle::spawn`, `std::thread::spawn` and unbounded channels elsewhere.

mod count;
mod runtime;
mod start;

pub(crate) use count::running;
pub(crate) use runtime::is_worker;
#[cfg(feature = "otlp")]
pub(crate) use runtime::runtime;
pub(crate) use start::{BoundedTasks, spawn, spawn_blocking, spawn_thread};
