//! The second primitive: streams of entries in order.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use super::reply::Reply;

/// A place in a stream.
///
/// Offsets of one stream grow with every entry and never come again, even if the stream was deleted or has expired and
/// is then written anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(u64);

impl Offset {
    /// Before the first entry.
    pub const START: Self = Self(0);

    /// The offset with this number.
    pub const fn from_u64(number: u64) -> Self {
        Self(number)
    }

    /// Its number; below 2⁵³.
    pub const fn as_u64(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How much of a stream is kept. Whatever is over any of the three is removed, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// At most this many entries.
    pub entries: u32,
    /// At most this many bytes, counting the entries' data.
    pub bytes: u64,
    /// For at most this long; a stream without an append for this long is gone.
    pub age: Duration,
}

impl Default for Keep {
    /// 256 entries, 1 MiB, 5 minutes.
    fn default() -> Self {
        Self { entries: 256, bytes: 1 << 20, age: Duration::from_mins(5) }
    }
}

/// One entry of a stream.
#[derive(Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Its place.
    pub offset: Offset,
    /// Its bytes, as they were appended.
    pub data: Bytes,
}

impl fmt::Debug for LogEntry {
    /// Shows the size of the data, not the data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogEntry").field("offset", &self.offset).field("bytes", &self.data.len()).finish()
    }
}

/// What a read found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Slice {
    /// Entries after the offset that was asked for, in order.
    pub entries: Vec<LogEntry>,
    /// Whether entries between that offset and the first of these are gone: trimmed, expired, or deleted.
    ///
    /// A reader that must not miss anything cannot go on from here.
    pub lost: bool,
}

/// Which offsets a stream has had and still has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    /// The offset before the first entry that the stream ever had.
    pub(crate) born: u64,
    /// The offset of the oldest entry that is still there, or of the next one if there is none.
    pub(crate) first: u64,
    /// The offset of the last entry that the stream ever had.
    pub(crate) last: u64,
}

impl Extent {
    /// Where the offsets of a stream begin that is made at this time, in milliseconds since 1970.
    ///
    /// A thousand offsets for each millisecond: a stream that is made again after it was deleted begins beyond all
    /// offsets it had before. Below 2⁵³ until the year 2255.
    pub(crate) const fn birth(now: u64) -> u64 {
        now.saturating_mul(1_000)
    }

    /// Whether a reader that has seen `after` can no longer read everything behind it.
    pub(crate) const fn lost_after(self, after: Offset) -> bool {
        if after.0 == Offset::START.0 {
            return self.first > self.born + 1;
        }
        after.0 < self.born || after.0 > self.last || self.first > after.0 + 1
    }

    /// What a reader finds of a stream that does not exist: nothing, and a loss if it had seen something of it.
    pub(crate) fn missing(after: Offset) -> Slice {
        Slice { entries: Vec::new(), lost: after != Offset::START }
    }
}

/// Entries in order, by stream.
pub trait Log: Send + Sync {
    /// Adds an entry at the end of a stream, making the stream if needed, and trims it to `keep` in the same step.
    ///
    /// Returns the place of the entry. An entry over `keep.bytes` never gets here: [`Store`](super::Store) refuses it.
    fn append<'a>(&'a self, stream: &'a str, data: Bytes, keep: Keep) -> Reply<'a, Offset>;

    /// Reads at most `most` entries after an offset. A stream that does not exist is empty.
    fn read<'a>(&'a self, stream: &'a str, after: Offset, most: usize) -> Reply<'a, Slice>;

    /// Trims a stream to `keep` and counts its age anew from now.
    fn trim<'a>(&'a self, stream: &'a str, keep: Keep) -> Reply<'a, ()>;

    /// Deletes a stream with all its entries; says whether there was one.
    fn delete_stream<'a>(&'a self, stream: &'a str) -> Reply<'a, bool>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_is_what_lies_between_the_reader_and_the_first_entry() {
        let whole = Extent { born: 1_000, first: 1_001, last: 1_005 };
        let trimmed = Extent { first: 1_004, ..whole };
        let emptied = Extent { first: 1_006, ..whole };
        let lost = |extent: Extent, after| extent.lost_after(Offset::from_u64(after));
        assert_eq!([0, 999, 1_001, 1_005, 1_006].map(|after| lost(whole, after)), [false, true, false, false, true]);
        assert_eq!([0, 1_002, 1_003, 1_005].map(|after| lost(trimmed, after)), [true, true, false, false]);
        assert_eq!([0, 1_004, 1_005].map(|after| lost(emptied, after)), [true, true, false]);
    }

    #[test]
    fn offsets_are_numbers_that_json_keeps_whole() {
        let in_the_year_2200 = 7_258_118_400_000;
        assert!(Extent::birth(in_the_year_2200) < 1 << 53);
    }
}
