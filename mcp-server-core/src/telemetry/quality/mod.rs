//! What is normal for a tool, and which of its results are not.
//!
//! A [`Baseline`] is what the results of a tool were like: how many were empty, how many rows and bytes the others had, how
//! long they took. A [`Watch`] holds each result against it, and takes the result in:
//!
//! - In full, as long as the baseline is young (up to [`GROWN`] results); from then on 16 results in each round of half a
//!   minute, all replicas together, so that a busy tool is compared with hours rather than with the last minute.
//! - What is off counts a 64th, so that a fault does not become normal while somebody looks for it. A single one after a
//!   run of ordinary results counts in full: a tool that is empty now and then is learned as such. After
//!   [`LASTING`] results that are off, the change is taken for what it is and counts in full as well.
//! - When there are more results than are kept ([`KEPT`], or twice `quality.after`), all are halved: the old fades out.
//!
//! An empty result is off if fewer than one in a hundred were empty, or if so many of the last ones are empty that chance
//! does not explain it ([`runs`]). This needs no number of results: what is known counts with the confidence that it
//! allows. A baseline that consists of empties alone is not learned in silence: from [`NEVER_ANYTHING`] results on each of
//! them is off until the baseline stands.
//!
//! A change that lasts becomes the new normal: being empty after [`LASTING`] results and about twice as many as the
//! baseline stands on, being smaller or slower after as many as it stands on. For a tool that is called often and has a
//! grown baseline these are some hours.
//!
//! [`Recent`] knows the last 50 results by kind, whatever their rate.

mod baseline;
mod bounds;
mod histogram;
mod known;
mod recent;
mod runs;
mod verdict;
mod watch;

pub(crate) use baseline::{Normal, Seen};
pub(crate) use known::Known;
pub(crate) use recent::Ended;
pub(crate) use verdict::{Deviation, Size};
pub(crate) use watch::{ROUND, Watch};
