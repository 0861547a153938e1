//! Cursors: how a query goes on after its first page.
//!
//! A cursor is a count of rows already given, bound to the text of the query by a checksum. The next page runs the
//! query again and skips that many rows: exact while the query orders its rows fully and nobody changes the data.
//! There is no secret in it, so it is not sealed: whoever forges one only skips other rows of their own query.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mcp_server_core::tool::{ToolError, ToolResult};

const VERSION: u8 = 1;

/// Makes the cursor that goes on after so many rows.
pub fn encode(query: &str, skip: u64) -> String {
    let mut bytes = vec![VERSION];
    bytes.extend(skip.to_be_bytes());
    bytes.extend(checksum(query, skip).to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// How many rows to skip.
///
/// # Errors
/// `invalid_argument` for a text that is no cursor, or one of another query.
pub fn decode(query: &str, cursor: &str) -> ToolResult<u64> {
    let skip = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| {
        let (version, rest) = bytes.split_first()?;
        let (skip, sum) = rest.split_first_chunk::<8>()?;
        let skip = u64::from_be_bytes(*skip);
        let sum = u64::from_be_bytes(sum.try_into().ok()?);
        (*version == VERSION && sum == checksum(query, skip) && i64::try_from(skip).is_ok()).then_some(skip)
    });
    skip.ok_or_else(|| {
        ToolError::invalid_argument("this cursor does not belong to this call").pointer("/cursor").advice(
            "Pass `nextCursor` exactly as it was given, with the same other arguments; or leave it out to start anew.",
        )
    })
}

/// FNV-1a, 64 bits: the same on every machine and in every version.
fn checksum(query: &str, skip: u64) -> u64 {
    let bytes = query.bytes().chain(skip.to_be_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_fits_its_query_alone() {
        let cursor = encode("select 1", 40);
        assert_eq!(decode("select 1", &cursor).unwrap(), 40);
        assert!(decode("select 2", &cursor).is_err());
        assert!(decode("select 1", &encode("select 1", u64::MAX)).is_err());
        for broken in ["", "x", "AQ", &cursor[1..], &format!("{cursor}A")] {
            assert!(decode("select 1", broken).is_err(), "{broken}");
        }
    }
}
