//! Streams of entries in memory.

use std::collections::VecDeque;

use bytes::Bytes;

use super::expiring::Expiring;
use super::values::SWEEP;
use crate::store::clock::span;
use crate::store::log::{Extent, Keep, LogEntry, Offset, Slice};

/// All streams.
#[derive(Debug, Default)]
pub(super) struct Streams(Expiring<Stream>);

#[derive(Debug)]
struct Stream {
    /// Oldest first; their offsets have no hole and end at the last.
    entries: VecDeque<Kept>,
    /// The sum of the entries' data.
    bytes: u64,
    /// How long an entry is kept, in milliseconds.
    age: u64,
    born: u64,
    last: u64,
}

#[derive(Debug)]
struct Kept {
    at: u64,
    data: Bytes,
}

impl Streams {
    pub(super) fn append(&mut self, name: &str, data: Bytes, keep: Keep, now: u64) -> Offset {
        let ends = now.saturating_add(span(keep.age));
        if let Some(stream) = self.0.get_mut(name, now) {
            let offset = stream.push(data, now);
            stream.trim(keep, now);
            self.0.extend(name, ends);
            return offset;
        }
        let born = Extent::birth(now);
        let mut stream = Stream { entries: VecDeque::new(), bytes: 0, age: span(keep.age), born, last: born };
        let offset = stream.push(data, now);
        self.0.insert(name, stream, Some(ends), now);
        offset
    }

    pub(super) fn read(&self, name: &str, after: Offset, most: usize, now: u64) -> Slice {
        self.0.get(name, now).map_or_else(|| Extent::missing(after), |stream| stream.read(after, most, now))
    }

    pub(super) fn trim(&mut self, name: &str, keep: Keep, now: u64) {
        if let Some(stream) = self.0.get_mut(name, now) {
            stream.trim(keep, now);
            self.0.extend(name, now.saturating_add(span(keep.age)));
        }
    }

    pub(super) fn delete(&mut self, name: &str, now: u64) -> bool {
        self.0.remove(name, now).is_some()
    }

    pub(super) fn sweep(&mut self, now: u64) {
        self.0.sweep(now, SWEEP);
    }

    pub(super) fn held(&self) -> usize {
        self.0.held()
    }
}

impl Stream {
    fn push(&mut self, data: Bytes, now: u64) -> Offset {
        self.bytes = self.bytes.saturating_add(data.len() as u64);
        self.entries.push_back(Kept { at: now, data });
        self.last += 1;
        Offset::from_u64(self.last)
    }

    fn trim(&mut self, keep: Keep, now: u64) {
        self.age = span(keep.age);
        while let Some(oldest) = self.entries.front() {
            let over = self.entries.len() > keep.entries as usize || self.bytes > keep.bytes;
            if !over && oldest.at.saturating_add(self.age) > now {
                return;
            }
            self.bytes = self.bytes.saturating_sub(oldest.data.len() as u64);
            self.entries.pop_front();
        }
    }

    fn read(&self, after: Offset, most: usize, now: u64) -> Slice {
        let held = self.entries.len() as u64;
        let aged = self.entries.partition_point(|entry| entry.at.saturating_add(self.age) <= now) as u64;
        let first = self.last + 1 - held + aged;
        let from = first.max(after.as_u64().saturating_add(1));
        let skip = usize::try_from(from - first + aged).unwrap_or(usize::MAX);
        let entries = (from..)
            .zip(self.entries.iter().skip(skip).take(most))
            .map(|(offset, entry)| LogEntry { offset: Offset::from_u64(offset), data: entry.data.clone() })
            .collect();
        Slice { entries, lost: Extent { born: self.born, first, last: self.last }.lost_after(after) }
    }
}
