//! The budget of request bytes: how much memory all requests of the process may hold at one time, and each caller.
//!
//! Bytes are reserved before they are read, and given back when the memory is free again: a [`Reservation`] is owned by
//! the bytes of the message itself, wherever they go.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

use super::shares::Shares;
use crate::telemetry::Capacity;

/// How many bytes may be reserved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ByteLimits {
    /// By all requests of the process.
    pub(crate) total: usize,
    /// By the requests of one caller.
    pub(crate) per_principal: usize,
}

/// The budget. Cheap to reserve from: one lock, held for one look-up.
#[derive(Debug)]
pub(crate) struct ByteBudget {
    limits: ByteLimits,
    used: AtomicUsize,
    shares: Shares<AtomicUsize>,
}

/// Bytes that are reserved until this is dropped.
#[derive(Debug)]
pub(crate) struct Reservation {
    budget: Arc<ByteBudget>,
    share: Option<Arc<AtomicUsize>>,
    bytes: usize,
}

/// Why bytes are not reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exhausted {
    /// All requests together hold too much.
    Total(usize),
    /// The requests of this caller do.
    Principal(usize),
}

impl fmt::Display for Exhausted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whose, limit, key) = match self {
            Self::Total(limit) => ("all requests in progress", limit, "limits.request_bytes"),
            Self::Principal(limit) => ("your requests in progress", limit, "limits.request_bytes_per_principal"),
        };
        write!(
            f,
            "{whose} together may hold {limit} bytes (`{key}`), and this request does not fit: send it again later"
        )
    }
}

impl ByteBudget {
    pub(crate) fn new(limits: ByteLimits) -> Arc<Self> {
        Arc::new(Self { limits, used: AtomicUsize::new(0), shares: Shares::default() })
    }

    /// Reserves bytes for a request of a caller; of no caller in particular where there is only one.
    ///
    /// # Errors
    /// Which limit they do not fit into.
    pub(crate) fn reserve(self: &Arc<Self>, caller: Option<&str>, bytes: usize) -> Result<Reservation, Exhausted> {
        let share = caller.map(|caller| self.shares.of(caller, AtomicUsize::default));
        let mut reservation = Reservation { budget: Arc::clone(self), share, bytes: 0 };
        reservation.grow(bytes)?;
        Ok(reservation)
    }

    /// What is reserved, for its gauge.
    pub(crate) fn capacity(&self) -> Capacity {
        Capacity { used: self.used.load(Ordering::Relaxed), limit: self.limits.total }
    }
}

impl Reservation {
    /// Reserves more bytes for the same request.
    ///
    /// # Errors
    /// Which limit they do not fit into; what was reserved before stays reserved.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<(), Exhausted> {
        let limits = self.budget.limits;
        if let Some(share) = &self.share
            && !take(share, bytes, limits.per_principal)
        {
            return Err(Exhausted::Principal(limits.per_principal));
        }
        if !take(&self.budget.used, bytes, limits.total) {
            if let Some(share) = &self.share {
                share.fetch_sub(bytes, Ordering::AcqRel);
            }
            return Err(Exhausted::Total(limits.total));
        }
        self.bytes += bytes;
        Ok(())
    }

    /// How many bytes are reserved.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Ties the reservation to bytes: it ends when the last slice of them is dropped.
    pub(crate) fn hold(self, bytes: Bytes) -> Bytes {
        Bytes::from_owner(Held { bytes, _reservation: self })
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if let Some(share) = &self.share {
            share.fetch_sub(self.bytes, Ordering::AcqRel);
        }
        self.budget.used.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

/// Bytes with the reservation that they need.
struct Held {
    bytes: Bytes,
    _reservation: Reservation,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

fn take(used: &AtomicUsize, bytes: usize, limit: usize) -> bool {
    let add = |used: usize| used.checked_add(bytes).filter(|sum| *sum <= limit);
    used.fetch_update(Ordering::AcqRel, Ordering::Acquire, add).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn budget(total: usize, per_principal: usize) -> Arc<ByteBudget> {
        ByteBudget::new(ByteLimits { total, per_principal })
    }

    #[test]
    fn a_caller_has_a_share_and_all_have_a_limit() {
        let budget = budget(100, 60);
        let alice = budget.reserve(Some("alice"), 60).unwrap();
        assert_eq!(budget.reserve(Some("alice"), 1).unwrap_err(), Exhausted::Principal(60));
        let mut bob = budget.reserve(Some("bob"), 30).unwrap();
        assert_eq!(bob.grow(11).unwrap_err(), Exhausted::Total(100));
        bob.grow(10).unwrap();
        assert_eq!(budget.capacity().used, 100);
        drop(alice);
        // What bob did not get is not counted against his share.
        bob.grow(20).unwrap();
        drop(bob);
        assert_eq!(budget.capacity().used, 0);
        assert!(budget.reserve(Some("bob"), usize::MAX).is_err());
    }

    #[test]
    fn bytes_are_reserved_until_the_last_slice_of_them_is_gone() {
        let budget = budget(100, 100);
        let whole = budget.reserve(None, 11).unwrap().hold(Bytes::from_static(b"hello world"));
        let part = whole.slice(6..);
        let same = whole.slice_ref(&whole[..5]);
        drop(whole);
        drop(same);
        assert_eq!((budget.capacity().used, &part[..]), (11, &b"world"[..]));
        drop(part);
        assert_eq!(budget.capacity().used, 0);
    }

    proptest! {
        /// Whatever is reserved, grown and dropped in whatever order: no limit is passed, and nothing is left at the end.
        #[test]
        fn no_limit_is_passed_and_nothing_is_left(steps in proptest::collection::vec((0_usize..4, 0_usize..50, 0_usize..3), 0..200)) {
            let budget = budget(100, 60);
            let mut held: Vec<Reservation> = Vec::new();
            for (caller, bytes, step) in steps {
                match step {
                    0 => held.extend(budget.reserve(Some(&caller.to_string()), bytes)),
                    1 => drop(held.get_mut(caller).map(|reservation| reservation.grow(bytes))),
                    _ if caller < held.len() => drop(held.swap_remove(caller)),
                    _ => {}
                }
                prop_assert!(budget.capacity().used <= 100);
                prop_assert_eq!(budget.capacity().used, held.iter().map(Reservation::bytes).sum::<usize>());
            }
            held.clear();
            prop_assert_eq!(budget.capacity().used, 0);
        }
    }
}
