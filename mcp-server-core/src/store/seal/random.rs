//! Identifiers that cannot be guessed.

use std::cell::RefCell;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Bytes drawn from the generator at once.
///
/// A draw is a call of the operating system, whatever its size; one draw for many identifiers makes each of them cheap.
const POOL: usize = 512;

thread_local! {
    static RESERVE: RefCell<Reserve> = const { RefCell::new(Reserve { bytes: [0; POOL], used: POOL }) };
}

/// Random bytes that no identifier has used yet.
struct Reserve {
    bytes: [u8; POOL],
    used: usize,
}

impl Reserve {
    /// Moves fresh bytes out; what was given is wiped here.
    fn take<const N: usize>(&mut self) -> [u8; N] {
        const { assert!(N <= POOL) };
        if self.bytes.len().saturating_sub(self.used) < N {
            fill(&mut self.bytes);
            self.used = 0;
        }
        let mut taken = [0; N];
        for (to, from) in taken.iter_mut().zip(self.bytes.iter_mut().skip(self.used)) {
            *to = std::mem::take(from);
        }
        self.used += N;
        taken
    }
}

/// A new identifier of 128 random bits: 22 characters of the URL-safe alphabet.
///
/// For session ids, correlation ids, handles: whatever a client holds. It tells nothing about time or order.
///
/// ```
/// use mcp_server_core::store::seal::random_id;
///
/// assert_eq!(random_id().len(), 22);
/// assert_ne!(random_id(), random_id());
/// ```
pub fn random_id() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<16>())
}

/// A new secret of 256 random bits: 43 characters of the URL-safe alphabet.
///
/// For bearer keys and sealing secrets, which stand in configuration for years.
///
/// ```
/// use mcp_server_core::store::seal::random_token;
///
/// assert_eq!(random_token().len(), 43);
/// ```
pub fn random_token() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<32>())
}

/// Random bytes.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    #[cfg(test)]
    if let Some(bytes) = from_seed() {
        return bytes;
    }
    // The reserve is gone while the thread's locals are torn down; then each draw pays for itself.
    RESERVE
        .try_with(|reserve| reserve.try_borrow_mut().ok().map(|mut reserve| reserve.take()))
        .ok()
        .flatten()
        .unwrap_or_else(|| {
            let mut drawn = [0; N];
            fill(&mut drawn);
            drawn
        })
}

/// Straight from the operating system: the generator of the cryptographic library gathers entropy of its own first, for
/// some 25 ms of every start. A guessable identifier would be worse than a panic.
fn fill(bytes: &mut [u8]) {
    assert!(getrandom::fill(bytes).is_ok(), "the operating system gives no randomness");
}

#[cfg(test)]
thread_local! {
    static SEEDED: RefCell<Option<crate::model_tests::Rng>> = const { RefCell::new(None) };
}

/// From now on this thread's identifiers follow from a seed, until the handle is dropped: a run can be had again.
#[cfg(test)]
pub(crate) fn seeded(seed: u64) -> Seeded {
    SEEDED.with(|seeded| *seeded.borrow_mut() = Some(crate::model_tests::Rng::new(seed)));
    Seeded
}

/// See [`seeded`].
#[cfg(test)]
#[derive(Debug)]
pub(crate) struct Seeded;

#[cfg(test)]
impl Drop for Seeded {
    fn drop(&mut self) {
        SEEDED.with(|seeded| *seeded.borrow_mut() = None);
    }
}

#[cfg(test)]
fn from_seed<const N: usize>() -> Option<[u8; N]> {
    SEEDED
        .try_with(|seeded| {
            let mut seeded = seeded.borrow_mut();
            let rng = seeded.as_mut()?;
            Some(std::array::from_fn(|_| rng.next().to_le_bytes()[0]))
        })
        .ok()
        .flatten()
}
