//! A topic and a message as the text of a notification.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

/// A message that is text goes as it is.
const TEXT: char = 't';
/// Any other message is in Base64.
const BYTES: char = 'b';

/// Both in one text: which kind, the length of the topic, a colon, the topic, the message.
///
/// At most 5,990 bytes for what a store takes; PostgreSQL takes 7,999.
pub(super) fn write(topic: &str, message: &[u8]) -> String {
    let length = topic.len();
    match std::str::from_utf8(message) {
        Ok(text) if !text.contains('\0') => format!("{TEXT}{length}:{topic}{text}"),
        _ => format!("{BYTES}{length}:{topic}{}", STANDARD.encode(message)),
    }
}

/// What was written; `None` if that is something else.
pub(super) fn read(envelope: &str) -> Option<(&str, Bytes)> {
    let (length, rest) = envelope.get(1..)?.split_once(':')?;
    let (topic, message) = rest.split_at_checked(length.parse().ok()?)?;
    match envelope.chars().next()? {
        TEXT => Some((topic, Bytes::copy_from_slice(message.as_bytes()))),
        BYTES => Some((topic, STANDARD.decode(message).ok()?.into())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::limit;

    #[test]
    fn what_is_written_is_read() {
        for topic in ["a", "tasks/é:7:", "t1:b"] {
            for message in [&b""[..], b"text", b"12:more", b"\0", b"\xFF\xFE", "…".as_bytes()] {
                assert_eq!(read(&write(topic, message)), Some((topic, Bytes::copy_from_slice(message))));
            }
        }
    }

    #[test]
    fn the_largest_of_both_fits_a_notification() {
        let topic = "x".repeat(limit::NAME);
        for message in [vec![b'x'; limit::MESSAGE], vec![0; limit::MESSAGE]] {
            assert!(write(&topic, &message).len() < 8_000);
        }
    }

    #[test]
    fn what_is_of_somebody_else_is_passed_over() {
        for other in ["", "t", "t:", "é", "t9:short", "t1:é", "x1:ab", "b1:a!", "plain words"] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
