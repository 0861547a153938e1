//! Static bearer keys: known by their hashes, several at once, so that one can be replaced while both hold.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use subtle::ConstantTimeEq as _;

use super::verifier::{Denied, Verdict, Verifier};
use crate::principal::Principal;
use crate::store::Clock;

/// A key, as the server knows it.
#[derive(Clone)]
pub struct Key {
    hash: [u8; 32],
    principal: Principal,
}

impl Key {
    /// A key by its SHA-256, with the principal that it stands for; the principal's end is the key's end.
    pub fn new(hash: [u8; 32], principal: Principal) -> Self {
        Self { hash, principal }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("principal", &self.principal.key()).finish_non_exhaustive()
    }
}

/// Verifies tokens against static keys.
///
/// ```
/// use mcp_server_core::Principal;
/// use mcp_server_core::auth::{Key, StaticKeys, Verifier};
///
/// let hash = [
///     0x2b, 0xb8, 0x0d, 0x53, 0x7b, 0x1d, 0xa3, 0xe3, 0x8b, 0xd3, 0x03, 0x61, 0xaa, 0x85, 0x56, 0x86, 0xbd, 0xe0,
///     0xea, 0xcd, 0x71, 0x62, 0xfe, 0xf6, 0xa2, 0x5f, 0xe9, 0x7b, 0xf5, 0x27, 0xa2, 0x5b,
/// ];
/// let keys = StaticKeys::new(vec![Key::new(hash, Principal::new("keys", "ci", ["tickets:read"]))]);
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert_eq!(keys.verify("secret").await.unwrap().id(), "ci");
/// assert!(keys.verify("Secret").await.is_err());
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct StaticKeys(Vec<Key>);

impl StaticKeys {
    /// Keys that hold side by side.
    pub fn new(keys: Vec<Key>) -> Self {
        Self(keys)
    }

    /// Looks a token up. Every key is compared, in constant time, whichever fits.
    fn find(&self, token: &str) -> Result<Principal, Denied> {
        let hash = digest(&SHA256, token.as_bytes());
        let mut found = None;
        for key in &self.0 {
            if bool::from(key.hash.ct_eq(hash.as_ref())) {
                found = Some(&key.principal);
            }
        }
        let now = Clock::wall().time();
        found.filter(|principal| !principal.is_expired(now)).cloned().ok_or(Denied::Invalid)
    }
}

impl Verifier for StaticKeys {
    fn verify<'a>(&'a self, token: &'a str) -> Verdict<'a> {
        Box::pin(std::future::ready(self.find(token)))
    }
}
