//! The legacy side of the endpoint: sessions, streams that can be resumed, batches (basic/transports, Streamable HTTP, of
//! 2025-03-26 to 2025-11-25).
//!
//! A call belongs to its session, not to the connection that it came on: a client that goes away cancels nothing, and
//! finds what it missed under `Last-Event-ID`, on any replica. A call that is not answered at once is accepted with the
//! head of its stream; from then on it ends, in its answer or in an error that says that it may be asked again, even if
//! the process that runs it dies. Before that a client sees a connection break, and has been promised nothing.
//!
//! Where sessions are sealed into their ids, nobody keeps a stream: a call belongs to its connection there.

mod batch;
mod driver;
mod get;
mod messages;
mod opening;
mod request;
mod seek;
mod standing;

pub(super) use batch::batch;
pub(super) use get::{delete, get};
pub(super) use messages::{answer, cancelled, notification};
pub(super) use opening::open;
pub(super) use request::request;
pub(super) use seek::names_session;
