//! Entries of a stream's log: what each is, its number, who writes the stream and for which request, then its bytes.
//!
//! A write that a store did not confirm may have happened all the same. It is done again under the same number, by which
//! a reader knows what it has read already. Every entry says where it comes from, for the first one may be trimmed, and
//! whoever finds that the writer is gone has to know whom to answer.

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};

use crate::protocol::RequestId;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The first one: the event that primes a client.
    Opening,
    /// A message before the answer.
    Message,
    /// The answer, or whatever else is the last message.
    Last,
    /// In the place of an answer that the log did not take: an error for whoever was not connected.
    Unkept,
    /// Nothing comes any more, and there is no answer: the request was given up.
    End,
}

/// Where a stream comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// The replica that writes it.
    pub(super) worker: Box<str>,
    /// The request that it answers; none for the stream of a session, or if the id is too long to be repeated.
    pub(super) request: Option<RequestId>,
}

/// An entry that was read.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    /// Its number among the writer's entries, from 1; 0 in a stream that is not numbered.
    pub(super) number: u64,
    pub(super) origin: Origin,
    pub(super) data: Bytes,
}

impl Kind {
    const fn letter(self) -> u8 {
        match self {
            Self::Opening => b'o',
            Self::Message => b'm',
            Self::Last => b'l',
            Self::Unkept => b'u',
            Self::End => b'e',
        }
    }

    const fn of(letter: u8) -> Option<Self> {
        Some(match letter {
            b'o' => Self::Opening,
            b'm' => Self::Message,
            b'l' => Self::Last,
            b'u' => Self::Unkept,
            b'e' => Self::End,
            _ => return None,
        })
    }

    /// Whether nothing counts that comes after it. The first end in a log is the only one, whoever else wrote another.
    pub(super) const fn is_end(self) -> bool {
        matches!(self, Self::Last | Self::Unkept | Self::End)
    }

    /// Writes an entry.
    pub(super) fn entry(self, number: u64, origin: &Origin, data: &[u8]) -> Bytes {
        let worker = origin.worker.as_bytes();
        let request = origin.request.as_ref().map_or("", RequestId::as_json).as_bytes();
        let (short_worker, short_request) = (u8::try_from(worker.len()), u8::try_from(request.len()));
        let mut entry = BytesMut::with_capacity(data.len() + worker.len() + request.len() + 11);
        entry.put_u8(self.letter());
        entry.put_u64(number);
        for (length, part) in [(short_worker, worker), (short_request, request)] {
            match length {
                Ok(length) => {
                    entry.put_u8(length);
                    entry.put_slice(part);
                }
                Err(_) => entry.put_u8(0),
            }
        }
        entry.put_slice(data);
        entry.freeze()
    }
}

impl Entry {
    /// Reads an entry; one of another version, with a letter of its own, is none.
    pub(super) fn read(entry: &Bytes) -> Option<Self> {
        let mut rest = entry.clone();
        let kind = Kind::of(rest.try_get_u8().ok()?)?;
        let number = rest.try_get_u64().ok()?;
        let worker = part(&mut rest)?;
        let request = part(&mut rest)?;
        let origin = Origin {
            worker: String::from_utf8(worker.to_vec()).ok()?.into_boxed_str(),
            request: if request.is_empty() { None } else { RequestId::from_json(&request) },
        };
        Some(Self { kind, number, origin, data: rest })
    }
}

fn part(rest: &mut Bytes) -> Option<Bytes> {
    let length = usize::from(rest.try_get_u8().ok()?);
    (rest.len() >= length).then(|| rest.split_to(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_reads_back() {
        let long = RequestId::from_json(&Bytes::from(format!("\"{}\"", "x".repeat(300)))).unwrap();
        for (request, kept) in [(Some(RequestId::number(7)), true), (None, true), (Some(long), false)] {
            let origin = Origin { worker: "replica".into(), request };
            for kind in [Kind::Opening, Kind::Message, Kind::Last, Kind::Unkept, Kind::End] {
                let entry = Entry::read(&kind.entry(9, &origin, b"data")).unwrap();
                assert_eq!((entry.kind, entry.number, entry.data.as_ref()), (kind, 9, b"data".as_slice()));
                assert_eq!(entry.origin.worker, origin.worker);
                assert_eq!(entry.origin.request, origin.request.clone().filter(|_| kept));
            }
        }
    }

    #[test]
    fn what_is_no_entry_is_none() {
        for bad in [b"".as_slice(), b"o", b"o\0\0\0", b"o\0\0\0\0\0\0\0\x01\x05abc", b"z\0\0\0\0\0\0\0\x01\0\0x", b"O7"]
        {
            assert!(Entry::read(&Bytes::copy_from_slice(bad)).is_none(), "{bad:?}");
        }
    }
}
