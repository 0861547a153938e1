//! What is normal for a tool, and which of its results are not.
//!
//! A [`Baseline`] is what the results of a tool were like: how many were empty, how many rows and bytes the others had, how
//! long they took. A [`Watch`] holds each result against it, and takes the result in:
//!
//! - In full, as long as the baseline is young (up to [`GROWN`] results); from then on 16 results in each round of half a
//!   minute, all replicas together, so that a busy tool is compared with hours rather than with the last minute.
//! - What is off for itself (empty, much too small, much too slow) counts a 64th, so that a fault does not become normal
//!   while somebody looks for it. Only one that comes after a run of ordinary results counts in full: a tool that is empty
//!   now and then is learned as such.
//! - When there are more results than are kept ([`KEPT`], or twice `quality.after`), all are halved: the old fades out.
//!
//! So a change that lasts becomes the new normal: after about two thirds as many results as the baseline stands on, and for
//! a busy tool with a grown baseline not before an hour or two; where results are neither rare nor wrong one by one, and
//! just half as large or ten times slower than they used to be, after as many results again.

mod baseline;
mod bounds;
mod histogram;
mod verdict;
mod watch;

pub(crate) use baseline::{Baseline, Normal, Seen};
pub(crate) use verdict::{Deviation, Size, Verdict};
pub(crate) use watch::{ROUND, Watch};
