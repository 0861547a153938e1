//! Sealing keys: an id that travels in the open and a secret that does not.

use std::fmt;

use thiserror::Error;

/// The least length of a secret, in bytes.
pub(super) const LEAST_SECRET: usize = 32;

/// One key of a [`Sealer`](super::Sealer): an id, and a secret of at least 32 bytes.
///
/// The id is for people who rotate keys; a digest of it travels in the sealed text. The secret is stretched by HKDF,
/// so any bytes with enough entropy will do: 43 characters from [`random_token`](super::random_token) are 256 bits.
/// `Debug` shows the id alone.
///
/// ```
/// use mcp_server_core::store::seal::{SealKey, random_token};
///
/// let key = SealKey::new("2026-11", random_token())?;
/// assert_eq!(format!("{key:?}"), "SealKey { id: \"2026-11\", .. }");
/// assert!(SealKey::new("short", "password").is_err());
/// # Ok::<(), mcp_server_core::store::seal::SealKeyError>(())
/// ```
#[derive(Clone)]
pub struct SealKey {
    id: String,
    secret: Vec<u8>,
}

impl SealKey {
    /// A key from its id and its secret.
    ///
    /// # Errors
    /// [`SealKeyError::NoId`] without an id, [`SealKeyError::TooShort`] if the secret is under 32 bytes.
    pub fn new(id: impl Into<String>, secret: impl Into<Vec<u8>>) -> Result<Self, SealKeyError> {
        let (id, secret) = (id.into(), secret.into());
        if id.is_empty() {
            return Err(SealKeyError::NoId);
        }
        if secret.len() < LEAST_SECRET {
            return Err(SealKeyError::TooShort { id, bytes: secret.len() });
        }
        Ok(Self { id, secret })
    }

    /// The id.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn secret(&self) -> &[u8] {
        &self.secret
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why keys cannot make a [`Sealer`](super::Sealer). None of these says anything about a secret but its length.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SealKeyError {
    /// There is no key.
    #[error("there is no sealing key")]
    NoKey,
    /// A key has an empty id.
    #[error("a sealing key has no id")]
    NoId,
    /// Two keys have the same id.
    #[error("two sealing keys have the id `{id}`")]
    SameId {
        /// The id.
        id: String,
    },
    /// A secret is too short.
    #[error("the secret of the sealing key `{id}` has {bytes} bytes; it needs at least {LEAST_SECRET}")]
    TooShort {
        /// The id of the key.
        id: String,
        /// How many bytes its secret has.
        bytes: usize,
    },
}
