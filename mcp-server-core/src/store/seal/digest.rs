//! Digests: what stands for a value where the value itself must not be kept.

use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A SHA-256 over a list of parts, each preceded by its length.
///
/// The lengths keep `["ab", "c"]` and `["a", "bc"]` apart.
///
/// ```
/// use mcp_server_core::store::seal::Digest;
///
/// assert_eq!(Digest::of(&[b"search", b"{}"]), Digest::of(&[b"search", b"{}"]));
/// assert_ne!(Digest::of(&[b"ab", b"c"]), Digest::of(&[b"a", b"bc"]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these parts, in this order.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut context = Context::new(&SHA256);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        finish(context)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first 128 bits: enough to tell many apart, and no way back.
    pub(crate) fn short(&self) -> u128 {
        self.0.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
    }
}

/// The form in which the server remembers an identifier that a client holds: its SHA-256 in base64url, 43 characters.
///
/// Whoever reads the store, a backup or a log then holds nothing that opens a session. The identifier must be
/// unguessable itself, as [`random_id`](super::random_id) makes it; a password is not.
///
/// ```
/// use mcp_server_core::store::seal::{hash_id, random_id};
///
/// let id = random_id();
/// assert_eq!(hash_id(&id).len(), 43);
/// assert_eq!(hash_id(&id), hash_id(&id));
/// assert_ne!(hash_id(&id), hash_id(&random_id()));
/// ```
pub fn hash_id(id: &str) -> String {
    let mut context = Context::new(&SHA256);
    context.update(id.as_bytes());
    URL_SAFE_NO_PAD.encode(finish(context).0)
}

fn finish(context: Context) -> Digest {
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    Digest(bytes)
}
