//! Who speaks, by which revision: a modern request says it itself, a legacy one by its session. Both become a `Caller`.
//!
//! A [`Session`] is what `initialize` opened: who owns it, the negotiated revision, what the client can do, and, while
//! there are any, running requests, questions to the client and open streams. [`Sessions`] keeps them: the record in the
//! store, so that a session survives the process, and what is in use here, where a request finds it without a lock.
//! A record changes in one way only: [`Sessions::apply`] applies a [`SessionChange`] to it by compare-and-swap, and the
//! snapshot here follows what the store accepted.
//! A [`stream`] is a log of events that a client can take up again where it lost it.

mod account;
mod apply;
mod bus;
mod cancel;
mod change;
mod channel;
pub(crate) mod era;
mod eviction;
mod freshness;
mod id;
mod initialize;
mod limits;
pub(crate) mod modern;
mod no_link;
mod opening;
mod own;
mod peers;
mod question;
mod reading;
mod record;
mod registry;
#[cfg(test)]
mod replicas;
mod running;
mod sealed;
#[expect(clippy::module_inception, reason = "the session itself, beside what surrounds it")]
mod session;
mod slots;
mod state;
mod stored;
pub(crate) mod stream;
mod surveys;
#[cfg(test)]
mod tests;
mod token;
mod upkeep;
mod view;

pub(crate) use apply::SessionError;
#[cfg(test)]
pub(crate) use bus::Attached;
#[cfg(test)]
pub(crate) use change::SessionChange;
pub(crate) use era::{Era, Signs};
pub(crate) use initialize::Hello;
pub(crate) use limits::SessionLimits;
pub(crate) use no_link::NoLink;
pub(crate) use opening::OpenError;
pub(crate) use own::session_change;
pub(crate) use registry::Sessions;
pub(crate) use running::{Duplicate, Hold};
pub(crate) use session::Session;
pub(crate) use state::Kept;
pub(crate) use view::View;
