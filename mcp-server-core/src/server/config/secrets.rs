//! Keys in the configuration: bearer keys by their hash, sealing keys by their secret.

use std::fmt;
use std::time::SystemTime;

/// The least length of a sealing secret, in bytes.
pub(super) const LEAST_SECRET: usize = 32;

/// The least length of the admin token, in bytes.
pub(super) const LEAST_TOKEN: usize = 16;

/// A bearer key that the server accepts, known by its hash alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BearerKey {
    /// The name under which its holder appears in logs and as the owner of things.
    pub id: String,
    /// The SHA-256 of the key.
    pub hash: [u8; 32],
    /// What its holder may do.
    pub scopes: Vec<String>,
    /// When it stops being accepted.
    pub expires: Option<SystemTime>,
}

impl BearerKey {
    /// A key without scopes that does not expire.
    ///
    /// ```
    /// use mcp_server_core::server::config::BearerKey;
    ///
    /// assert!(BearerKey::new("laptop", [7; 32]).scopes.is_empty());
    /// ```
    pub fn new(id: impl Into<String>, hash: [u8; 32]) -> Self {
        Self { id: id.into(), hash, scopes: Vec::new(), expires: None }
    }

    /// The hash as it is written in a configuration: `sha256:` and 64 hexadecimal digits.
    pub fn written_hash(&self) -> String {
        super::hash::write(&self.hash)
    }
}

/// A key that seals what clients carry; `Debug` shows its id alone.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SealSecret {
    /// The name of the key, for people who rotate keys.
    pub id: String,
    /// At least 32 bytes.
    pub secret: String,
}

impl SealSecret {
    /// A key from its id and its secret.
    ///
    /// ```
    /// use mcp_server_core::server::config::SealSecret;
    ///
    /// let key = SealSecret::new("2026-11", "0123456789abcdef0123456789abcdef");
    /// assert_eq!(format!("{key:?}"), "SealSecret { id: \"2026-11\", .. }");
    /// ```
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { id: id.into(), secret: secret.into() }
    }
}

impl fmt::Debug for SealSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealSecret").field("id", &self.id).finish_non_exhaustive()
    }
}
