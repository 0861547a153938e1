//! Session ids: a number that finds the session and a secret that opens it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;

use crate::store::seal::{hash_id, random};

/// The id of a session: the seat that it has among all sessions, and 128 random bits.
///
/// The seat is no secret and may be used again; the random part never is. The store knows its hash alone.
#[derive(Clone)]
pub(crate) struct SessionId {
    pub(super) number: u32,
    secret: [u8; 16],
}

impl SessionId {
    /// A new secret, before it has a number.
    pub(super) fn draw() -> [u8; 16] {
        random::bytes()
    }

    pub(super) const fn new(number: u32, secret: [u8; 16]) -> Self {
        Self { number, secret }
    }

    /// Reads an id as a client sends it; `None` for what no server of this kind ever made.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (number, secret) = text.split_once('-')?;
        let plain = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit()) && secret.len() == 22;
        let number = number.parse().ok().filter(|_| plain)?;
        let mut bytes = [0; 16];
        let length = URL_SAFE_NO_PAD.decode_slice(secret, &mut bytes).ok()?;
        (length == bytes.len()).then_some(Self { number, secret: bytes })
    }

    /// The id as the client gets it: visible ASCII (basic/transports, Session Management).
    pub(super) fn text(&self) -> String {
        format!("{}-{}", self.number, URL_SAFE_NO_PAD.encode(self.secret))
    }

    /// What the store may know of it.
    pub(super) fn hash(&self) -> String {
        hash(&self.secret)
    }

    /// The hash in short: its first bytes are those of the text.
    pub(super) fn key(&self) -> u128 {
        let hash = URL_SAFE_NO_PAD.decode(self.hash()).unwrap_or_default();
        hash.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
    }

    /// Whether it is the same id; how long that takes tells nothing about the secret.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.number == other.number && bool::from(self.secret.ct_eq(&other.secret))
    }
}

/// What the store may know of a secret.
pub(super) fn hash(secret: &[u8; 16]) -> String {
    hash_id(&URL_SAFE_NO_PAD.encode(secret))
}

impl std::fmt::Debug for SessionId {
    /// Shows the number: whoever has the rest has the session.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionId").field("number", &self.number).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back() {
        let id = SessionId::new(4711, SessionId::draw());
        assert!(SessionId::parse(&id.text()).unwrap().is(&id));
        assert!(id.text().bytes().all(|byte| (0x21..=0x7e).contains(&byte)), "E13");
    }

    #[test]
    fn what_is_no_id_is_none() {
        let good = SessionId::new(7, [3; 16]).text();
        for bad in
            ["", "-", "7", "7-", "x-AAAAAAAAAAAAAAAAAAAAAA", "+7-AAAAAAAAAAAAAAAAAAAAAA", "7-AAAAAAAAAAAAAAAAAAAAA*"]
        {
            assert!(SessionId::parse(bad).is_none(), "{bad}");
        }
        assert!(SessionId::parse(&format!("{good}A")).is_none());
        assert!(SessionId::parse(&format!("99999999999{good}")).is_none());
        assert!(!format!("{:?}", SessionId::new(7, [3; 16])).contains("AwMD"));
    }
}
