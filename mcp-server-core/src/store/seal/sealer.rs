//! The sealer: authenticated encryption of what a client keeps, bound to who may bring it back and for what.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use thiserror::Error;

use super::digest::Digest;
use super::key::{SealKey, SealKeyError};
use super::random;

/// The first byte of every sealed text: which layout follows.
const LAYOUT: u8 = 1;
/// Layout, key tag, expiry: the part that is readable, and authenticated.
const HEAD_LEN: usize = 1 + TAG_LEN + 8;
/// Bytes of a key's tag.
const TAG_LEN: usize = 4;
/// Separates these keys from any other use of the same secret.
const DERIVATION: &[u8] = b"mcp-server seal 1 AES-256-GCM-SIV";
/// Separates what may be shown of a key from what may not.
const FINGERPRINT: &[u8] = b"mcp-server seal 1 fingerprint";
/// Bytes of a key's fingerprint.
const PRINT_LEN: usize = 6;

/// Who may bring a sealed text back, and for what. None of it is in the text; all of it must be the same again.
#[derive(Clone, Copy, Debug)]
pub struct Binding<'a> {
    /// The key of the principal.
    pub principal: &'a str,
    /// The method, such as `tools/call`.
    pub method: &'a str,
    /// What else must be the same: the name of the tool and its arguments, the filter of a list.
    pub digest: Digest,
}

/// Why a sealed text was not opened.
///
/// The words differ for the log alone. A client is to see one and the same refusal for all of them: whoever could tell
/// a forged text from an expired one would learn from guessing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Unsealed {
    /// It is not a sealed text at all.
    #[error("the sealed text is malformed")]
    Malformed,
    /// No key of the ring has sealed it.
    #[error("the sealed text is from a key that this server does not have")]
    UnknownKey,
    /// It was changed, or belongs to another principal, method, digest or purpose.
    #[error("the sealed text was changed, or is used by somebody or for something it was not made for")]
    Forged,
    /// It is genuine and its time is over.
    #[error("the sealed text has expired")]
    Expired,
}

/// Seals and opens with a ring of keys: the first seals, all of them open.
///
/// The cipher is AES-256-GCM-SIV with a random nonce: a nonce that came twice would show no more than that two texts
/// are equal. Keys are derived by HKDF-SHA-256. Sealing a kilobyte takes a few microseconds and no lock.
///
/// To rotate without refusing anything: add the new key at the end on every replica, then move it to the front, then,
/// once the longest life of a sealed text is over, remove the old one. Clones share the ring: keys that one is given by
/// [`replace`](Self::replace), all have.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use mcp_server_core::store::seal::{Binding, Digest, SealKey, Sealer, Unsealed, random_token};
///
/// let sealer = Sealer::new(vec![SealKey::new("2026-11", random_token())?])?;
/// let binding = Binding { principal: "key:alice", method: "tools/call", digest: Digest::of(&[b"search", b"{}"]) };
/// let now = SystemTime::now();
///
/// let text = sealer.seal("request-state", &binding, b"round 2", now + Duration::from_secs(600));
/// assert_eq!(sealer.open("request-state", &binding, &text, now).as_deref(), Ok(&b"round 2"[..]));
///
/// let mallory = Binding { principal: "key:mallory", ..binding };
/// assert_eq!(sealer.open("request-state", &mallory, &text, now), Err(Unsealed::Forged));
/// # Ok::<(), mcp_server_core::store::seal::SealKeyError>(())
/// ```
#[derive(Clone)]
pub struct Sealer {
    ring: Arc<ArcSwap<Ring>>,
}

/// The keys of one moment.
struct Ring {
    first: RingKey,
    others: Vec<RingKey>,
}

/// A key that is ready for use.
struct RingKey {
    id: String,
    tag: [u8; TAG_LEN],
    print: [u8; PRINT_LEN],
    cipher: LessSafeKey,
}

impl Sealer {
    /// A sealer with these keys; the first one seals.
    ///
    /// # Errors
    /// [`SealKeyError::NoKey`] for an empty list, [`SealKeyError::SameId`] for an id that comes twice.
    pub fn new(keys: Vec<SealKey>) -> Result<Self, SealKeyError> {
        Ok(Self { ring: Arc::new(ArcSwap::from_pointee(Ring::new(keys)?)) })
    }

    /// Has this sealer and its clones use other keys from now on; the first one seals.
    ///
    /// # Errors
    /// As [`new`](Self::new); then the keys stay as they are.
    pub fn replace(&self, keys: Vec<SealKey>) -> Result<(), SealKeyError> {
        self.ring.store(Arc::new(Ring::new(keys)?));
        Ok(())
    }

    /// A sealer with a key of its own that dies with the process.
    ///
    /// For a single process: what it sealed cannot be opened after a restart, nor by another replica.
    pub fn ephemeral() -> Self {
        let first = RingKey::derive("ephemeral", &random::bytes::<32>());
        Self { ring: Arc::new(ArcSwap::from_pointee(Ring { first, others: Vec::new() })) }
    }

    /// Seals `payload` for one purpose and one binding, until `expires` (kept to the millisecond).
    ///
    /// The text is base64url without padding, about 4/3 of the payload and 55 characters.
    pub fn seal(&self, purpose: &'static str, binding: &Binding<'_>, payload: &[u8], expires: SystemTime) -> String {
        let first = &self.ring.load().first;
        let mut text = Vec::with_capacity(HEAD_LEN + NONCE_LEN + payload.len() + AES_256_GCM_SIV.tag_len());
        text.push(LAYOUT);
        text.extend_from_slice(&first.tag);
        text.extend_from_slice(&millis(expires).to_be_bytes());
        let nonce = random::bytes::<NONCE_LEN>();
        let aad = associated(&text, purpose, binding);
        text.extend_from_slice(&nonce);

        let mut sealed = payload.to_vec();
        first.encrypt(nonce, &aad, &mut sealed);
        text.append(&mut sealed);
        URL_SAFE_NO_PAD.encode(text)
    }

    /// Opens what [`seal`](Self::seal) made, if everything is the same again and `now` is before its expiry.
    ///
    /// # Errors
    /// [`Unsealed`], which goes to the log; the client is told only that the text is not valid.
    pub fn open(
        &self,
        purpose: &'static str,
        binding: &Binding<'_>,
        token: &str,
        now: SystemTime,
    ) -> Result<Vec<u8>, Unsealed> {
        let text = URL_SAFE_NO_PAD.decode(token).map_err(|_| Unsealed::Malformed)?;
        let (head, rest) = text.split_first_chunk::<HEAD_LEN>().ok_or(Unsealed::Malformed)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>().ok_or(Unsealed::Malformed)?;
        let [LAYOUT, tag @ .., e0, e1, e2, e3, e4, e5, e6, e7] = head else { return Err(Unsealed::Malformed) };
        if sealed.len() < AES_256_GCM_SIV.tag_len() {
            return Err(Unsealed::Malformed);
        }
        let ring = self.ring.load();
        let key = ring.keys().find(|key| key.tag.as_slice() == tag).ok_or(Unsealed::UnknownKey)?;

        let mut payload = sealed.to_vec();
        let aad = associated(head, purpose, binding);
        let length = key
            .cipher
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(&aad), &mut payload)
            .map_err(|_| Unsealed::Forged)?
            .len();
        payload.truncate(length);

        // Only after the text has proved genuine: the expiry of a forged one means nothing.
        let expires = u64::from_be_bytes([*e0, *e1, *e2, *e3, *e4, *e5, *e6, *e7]);
        if millis(now) < expires { Ok(payload) } else { Err(Unsealed::Expired) }
    }

    /// The ids of the keys, the one that seals first.
    pub fn key_ids(&self) -> Vec<String> {
        self.ring.load().keys().map(|key| key.id.clone()).collect()
    }

    /// What may be shown of the keys, the one that seals first: an id and a digest, equal for equal keys alone.
    pub(crate) fn fingerprints(&self) -> Vec<String> {
        self.ring.load().keys().map(|key| format!("{}:{}", key.id, URL_SAFE_NO_PAD.encode(key.print))).collect()
    }
}

impl Ring {
    fn new(keys: Vec<SealKey>) -> Result<Self, SealKeyError> {
        let mut ring: Vec<RingKey> = Vec::with_capacity(keys.len());
        for key in keys {
            let key = RingKey::derive(key.id(), key.secret());
            // Two ids with one tag are as rare as one in 2^32; a clash is told like an equal id, the remedy is the same.
            if ring.iter().any(|other| other.tag == key.tag) {
                return Err(SealKeyError::SameId { id: key.id });
            }
            ring.push(key);
        }
        let mut ring = ring.into_iter();
        let first = ring.next().ok_or(SealKeyError::NoKey)?;
        Ok(Self { first, others: ring.collect() })
    }

    fn keys(&self) -> impl Iterator<Item = &RingKey> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").field("keys", &self.key_ids()).finish_non_exhaustive()
    }
}

impl RingKey {
    #[expect(
        clippy::expect_used,
        reason = "the lengths are constants that the algorithms accept; there is no input that fails"
    )]
    fn derive(id: &str, secret: &[u8]) -> Self {
        let derived = Salt::new(HKDF_SHA256, &[]).extract(secret);
        let key: UnboundKey =
            derived.expand(&[DERIVATION], &AES_256_GCM_SIV).expect("32 bytes are within what HKDF gives").into();
        let [p0, p1, p2, p3, p4, p5, ..] = *Digest::of(&[FINGERPRINT, id.as_bytes(), secret]).as_bytes();
        let [t0, t1, t2, t3, ..] = *Digest::of(&[id.as_bytes()]).as_bytes();
        Self {
            id: id.to_owned(),
            tag: [t0, t1, t2, t3],
            print: [p0, p1, p2, p3, p4, p5],
            cipher: LessSafeKey::new(key),
        }
    }

    #[expect(
        clippy::expect_used,
        reason = "fails only for more than 2^36 bytes, which no memory of ours holds as a payload"
    )]
    fn encrypt(&self, nonce: [u8; NONCE_LEN], aad: &[u8], payload: &mut Vec<u8>) {
        self.cipher
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), payload)
            .expect("the payload is below the limit of the cipher");
    }
}

/// Everything that must be the same again, each part preceded by its length.
fn associated(head: &[u8], purpose: &str, binding: &Binding<'_>) -> Vec<u8> {
    let Binding { principal, method, digest } = binding;
    let mut aad = Vec::with_capacity(head.len() + purpose.len() + principal.len() + method.len() + 64);
    aad.extend_from_slice(head);
    for part in [purpose, principal, method] {
        aad.extend_from_slice(&(part.len() as u64).to_be_bytes());
        aad.extend_from_slice(part.as_bytes());
    }
    aad.extend_from_slice(digest.as_bytes());
    aad
}

/// Milliseconds since 1970; a time before that counts as 1970, one beyond the count as its end.
fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
