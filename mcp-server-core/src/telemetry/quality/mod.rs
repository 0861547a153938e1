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
//! So a change that lasts becomes the new normal. Being empty does after two thirds as many results as the baseline stands
//! on, and being smaller or slower after as many again; for a tool that is called often and has a grown baseline these are
//! 40 to 80 minutes, and two hours or so. A baseline of 100 results gives in after a few minutes: it is not sure.

mod baseline;
mod bounds;
mod histogram;
mod verdict;
mod watch;

pub(crate) use baseline::{Baseline, Normal, Seen};
pub(crate) use verdict::{Deviation, Size};
pub(crate) use watch::{ROUND, Watch};
