//! Names of streams, and the ids of their events.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::store::Offset;
use crate::store::seal::random;

/// The name of a stream within its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token([u8; 8]);

impl Token {
    /// The one stream that belongs to no request: what GET opens.
    pub(crate) const STANDALONE: Self = Self(*b"standing");

    /// A new name; 48 random bits are enough among the streams that one session has at a time.
    pub(super) fn draw() -> Self {
        let mut text = [b'A'; 8];
        // Six bytes are eight characters exactly, so this cannot fail.
        let _written = URL_SAFE_NO_PAD.encode_slice(random::bytes::<6>(), &mut text);
        Self(text)
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        text.as_bytes().try_into().ok().filter(|_| plain).map(Self)
    }

    #[cfg(test)]
    pub(super) fn parse_for_tests(text: &str) -> Self {
        Self::parse(text).unwrap()
    }

    /// The topic on which who reads it elsewhere is told that there is more.
    pub(super) fn topic(self, session: &str) -> String {
        format!("stream/{session}/{self}")
    }

    /// The name of its log in the store.
    pub(super) fn log(self, session: &str) -> String {
        format!("stream/{session}/{self}")
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.0).unwrap_or_default())
    }
}

/// The id of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EventId {
    /// Its stream.
    pub(crate) token: Token,
    /// Its place there.
    pub(crate) offset: Offset,
}

impl EventId {
    /// Reads an id as a client sends it in `Last-Event-ID`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (token, offset) = text.split_once('.')?;
        let plain = offset.bytes().all(|byte| byte.is_ascii_digit());
        let offset = offset.parse().ok().filter(|number| plain && *number > 0)?;
        Some(Self { token: Token::parse(token)?, offset: Offset::from_u64(offset) })
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.token, self.offset)
    }
}
