//! What the server and a worker say to each other: one request, one response, each a frame of JSON behind its length.
//!
//! The end of the stream before a response is the death of the worker, and an error. It is never the end of the rows:
//! a page says by itself that it is whole.

use std::io::{self, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::catalogue::{Catalogue, Details, RowCount, Table};
use crate::fault::Fault;
use crate::opening::{Opened, Opening};
use crate::page::{Page, Window};

/// How long a frame may be, in bytes: a catalogue of some ten thousand tables.
pub(super) const LONGEST: usize = 32 << 20;

/// What the server asks.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Request {
    /// To open the database; the first request, and only that.
    Open(Opening),
    /// For every table that can be read.
    Catalogue,
    /// How many rows tables have.
    Count(Vec<Table>),
    /// For what only a full description tells.
    Details(Table),
    /// To run a query.
    Run {
        /// Its text.
        sql: String,
        /// Which rows are wanted.
        window: Window,
        /// How long it may run, in milliseconds.
        limit: u64,
    },
}

/// What a worker answers.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Response {
    /// The database is open.
    Opened(Opened),
    /// Every table.
    Catalogue(Catalogue),
    /// How many rows each of the tables has, as far as that is known.
    Counts(Vec<Option<RowCount>>),
    /// A description.
    Details(Details),
    /// Rows.
    Page(Page),
    /// It failed.
    Failed(Fault),
}

/// Writes a frame.
///
/// # Errors
/// If the other side is gone, or the value is too long.
pub(super) fn write(to: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    to.write_all(&frame(value)?)?;
    to.flush()
}

/// A frame as bytes.
///
/// # Errors
/// If the value is too long.
pub(super) fn frame(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, value)?;
    let length = bytes.len() - 4;
    if length > LONGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "a frame is too long"));
    }
    let head = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    bytes.splice(..4, head);
    Ok(bytes)
}

/// How long the frame behind a head is.
///
/// # Errors
/// If it is longer than frames are.
pub(super) fn length(head: [u8; 4]) -> io::Result<usize> {
    let length = u32::from_be_bytes(head) as usize;
    if length > LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a frame is too long"));
    }
    Ok(length)
}

/// Reads a frame; `None` at the end of the stream.
///
/// # Errors
/// If the stream ends within a frame, or it is not what was expected.
pub(super) fn read<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<Option<T>> {
    let mut head = [0; 4];
    match from.read_exact(&mut head) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut body = vec![0; length(head)?];
    from.read_exact(&mut body)?;
    Ok(Some(serde_json::from_slice(&body)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_that_breaks_off_is_an_error_and_the_end_is_none() {
        let request =
            Request::Run { sql: "SELECT 1".to_owned(), window: Window { skip: 3, rows: 1, characters: 9 }, limit: 5 };
        let bytes = frame(&request).unwrap();
        assert!(matches!(read::<Request>(&mut bytes.as_slice()).unwrap(), Some(Request::Run { limit: 5, .. })));
        assert!(read::<Request>(&mut [].as_slice()).unwrap().is_none());
        assert!(read::<Request>(&mut bytes.get(..bytes.len() - 1).unwrap()).is_err());
        assert!(read::<Request>(&mut [255; 8].as_slice()).is_err());
    }
}
