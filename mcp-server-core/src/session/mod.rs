//! Who speaks, by which revision: a modern request says it itself, a legacy one by its session. Both become a `Caller`.
//!
//! A [`Session`] is what `initialize` opened: who owns it, the negotiated revision, what the client can do, and, while
//! there are any, running requests, questions to the client and open streams. [`Sessions`] keeps them: the record in the
//! store, so that a session survives the process, and what is in use here, where a request finds it without a lock.
//! A [`stream`] is a log of events that a client can take up again where it lost it.

mod cancel;
mod channel;
mod did;
mod ending;
pub(crate) mod era;
mod hearing;
mod id;
mod legacy;
mod limits;
mod live;
pub(crate) mod modern;
mod no_link;
mod opening;
mod others;
mod own;
mod question;
mod reading;
mod record;
mod registry;
#[cfg(test)]
mod replicas;
mod sealed;
pub(crate) mod stream;
#[cfg(test)]
mod tests;
mod token;
mod upkeep;
mod uptake;
mod view;

pub(crate) use did::Did;
pub(crate) use era::{Era, Signs};
pub(crate) use legacy::{Duplicate, Hold, Session};
pub(crate) use limits::SessionLimits;
pub(crate) use live::Kept;
pub(crate) use no_link::NoLink;
pub(crate) use opening::Hello;
pub(crate) use own::own;
pub(crate) use registry::{OpenError, Sessions};
pub(crate) use view::View;
