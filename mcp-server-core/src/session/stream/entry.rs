//! Entries of a stream's log: one letter that says what it is, then its bytes.

use bytes::{BufMut as _, Bytes, BytesMut};

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The first one: it holds the id of the request that the stream answers, and is the event that primes a client.
    Opening,
    /// A message before the answer.
    Message,
    /// The answer, or whatever else is the last message.
    Last,
    /// Nothing comes any more: what a client finds that resumes after the last message.
    End,
}

impl Kind {
    const fn letter(self) -> u8 {
        match self {
            Self::Opening => b'O',
            Self::Message => b'M',
            Self::Last => b'L',
            Self::End => b'E',
        }
    }

    /// Writes an entry.
    pub(super) fn entry(self, data: &[u8]) -> Bytes {
        let mut entry = BytesMut::with_capacity(data.len() + 1);
        entry.put_u8(self.letter());
        entry.put_slice(data);
        entry.freeze()
    }

    /// Reads an entry; one of a later version, with a letter of its own, is none.
    pub(super) fn read(entry: &Bytes) -> Option<(Self, Bytes)> {
        let kind = match entry.first()? {
            b'O' => Self::Opening,
            b'M' => Self::Message,
            b'L' => Self::Last,
            b'E' => Self::End,
            _ => return None,
        };
        Some((kind, entry.slice(1..)))
    }
}
