//! An engine is the three primitives, and nothing else.

use std::fmt;

use super::bus::Bus;
use super::clock::Clock;
use super::kv::Kv;
use super::log::Log;
use super::reply::Reply;

/// The three primitives together: all that a store engine is.
///
/// Names, sizes and bounds are checked by [`Store`](super::Store) before an engine sees them. An engine of your own passes
/// [`contract::verify`](super::contract::verify).
pub trait Engine: Kv + Log + Bus + fmt::Debug + 'static {
    /// The engine's name, as in its URL: `memory`, `sqlite`, `postgres`.
    fn name(&self) -> &'static str;

    /// Asks the engine whether it can do its work now, for readiness.
    fn ping(&self) -> Reply<'_, ()>;

    /// The clock by which the engine ends what expires, if that is one of this process.
    ///
    /// An engine whose server counts has none: its time is asked for.
    fn clock(&self) -> Option<Clock> {
        None
    }

    /// Asks the engine what time it is, in milliseconds since 1970: the time by which it ends what expires.
    fn time(&self) -> Reply<'_, u64>;

    /// Removes some of what has expired, for about a second at most. An engine whose server does so by itself does
    /// nothing.
    fn sweep(&self) -> Reply<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    /// Ends all subscriptions and gives back files and connections; what comes later fails as unavailable.
    fn close(&self) -> Reply<'_, ()>;
}
