//! Tasks: calls that outlive their request, in the form of the tasks extension and in that of 2025-11-25.
//!
//! A task is a [`Record`] in the store. One state machine changes it, each change a compare-and-swap; two codecs show it
//! to the two eras. The [`Board`] keeps the records, the [`Desk`] knows which of them this process works on. The work
//! itself is a call, so it runs in dispatch.

mod board;
pub(crate) mod codec;
mod desk;
mod index;
mod limits;
mod list;
mod record;
mod roster;
mod step;
mod time;
mod wake;

pub(crate) use board::{Applied, Board, Cursor, Draft, Owned, Refused};
pub(crate) use desk::{Desk, Doubt};
pub(crate) use limits::TaskLimits;
pub(crate) use record::{Answer, End, Fence, Input, Record, Status, Work};
pub(crate) use roster::Working;
pub(crate) use step::Step;
pub(crate) use wake::Watch;
