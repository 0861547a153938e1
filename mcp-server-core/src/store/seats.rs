//! Seats: at most so many living holders of a name, counted without counting.

use std::time::Duration;

use bytes::Bytes;

use super::error::StoreError;
use super::handle::Store;
use super::kv::{Entry, Expect, Put, Version};
use super::seal::random;

/// How many seats a taker tries before it is turned away.
const TRIES: u32 = 48;

/// A bounded number of seats under one name, each taken for a time: how caps are kept above a store.
///
/// A counter beside the things it counts is wrong as soon as a replica dies between the two writes, or a thing expires
/// without anybody taking one off. A seat is itself a value that expires: seat `n` of `cap` is the key `name/n`, taken
/// by a compare-and-swap that expects it absent. So
///
/// - there are never more than `cap` holders, on any number of replicas and under any race;
/// - a holder that dies gives its seat back when its life ends; nothing drifts and nothing is scanned;
/// - taking one costs about 1 / (1 − occupancy) swaps, and at most 48, beginning at a random seat.
///
/// A cap of up to 48 is exact. Above, a taker may be turned away a little early: with 90 % of the seats taken in 6 of
/// 1000 cases, with half of them never.
///
/// A session takes one seat under the name of its principal and one under that of the server, remembers both in its
/// record, keeps them when it extends its life, and leaves them when it ends. A seat can also hold the record itself.
///
/// ```
/// use std::time::Duration;
/// use mcp_server_core::store::{Seats, Store};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let store = Store::memory();
/// let seats = Seats::new(&store, "session-of/alice", 2);
/// let life = Duration::from_secs(60);
///
/// let first = seats.take("one", life).await?.expect("free");
/// assert!(seats.take("two", life).await?.is_some());
/// assert!(seats.take("three", life).await?.is_none());
///
/// seats.leave(first).await?;
/// assert!(seats.take("three", life).await?.is_some());
/// # Ok::<(), mcp_server_core::store::StoreError>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Seats<'a> {
    store: &'a Store,
    name: &'a str,
    cap: u32,
}

/// A seat that was taken. Its two numbers can be kept elsewhere: [`from_parts`](Self::from_parts) brings it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    number: u32,
    version: Version,
}

impl Seat {
    /// A seat from what its holder has kept of it.
    pub const fn from_parts(number: u32, version: Version) -> Self {
        Self { number, version }
    }

    /// Which of the seats it is, from 0.
    pub const fn number(self) -> u32 {
        self.number
    }

    /// The state in which its holder last put it.
    pub const fn version(self) -> Version {
        self.version
    }
}

impl<'a> Seats<'a> {
    /// The `cap` seats under a name. The name is part of a key, so what comes from a client goes in as a hash.
    pub const fn new(store: &'a Store, name: &'a str, cap: u32) -> Self {
        Self { store, name, cap }
    }

    /// Takes a free seat for a time and leaves a value on it; `None` if all that were tried are taken.
    ///
    /// Dropping the future may leave a seat taken, until its life ends.
    ///
    /// # Errors
    /// What the store says.
    pub async fn take(&self, value: impl Into<Bytes>, life: Duration) -> Result<Option<Seat>, StoreError> {
        self.take_among(value, life, TRIES as usize, |_| true).await
    }

    /// As [`take`](Self::take), but tries at most so many seats, and none that the caller knows to be taken: whoever
    /// sees most of the seats itself finds one at once, however few are left.
    ///
    /// # Errors
    /// What the store says.
    pub async fn take_among(
        &self,
        value: impl Into<Bytes>,
        life: Duration,
        tries: usize,
        may_be_free: impl Fn(u32) -> bool,
    ) -> Result<Option<Seat>, StoreError> {
        let value = value.into();
        let order = order(self.cap, u64::from_be_bytes(random::bytes()));
        for number in order.filter(|number| may_be_free(*number)).take(tries) {
            let put = self.store.put(&self.key(number), value.clone(), Expect::Absent, Some(life)).await?;
            if let Put::Stored(version) = put {
                return Ok(Some(Seat { number, version }));
            }
        }
        Ok(None)
    }

    /// Who sits on a seat: the value left there and its version.
    ///
    /// # Errors
    /// What the store says.
    pub async fn look(&self, number: u32) -> Result<Option<Entry>, StoreError> {
        self.store.get(&self.key(number)).await
    }

    /// Keeps a seat for a time from now, with a new value; `None` if it is no longer the caller's.
    ///
    /// # Errors
    /// What the store says.
    pub async fn keep(&self, seat: Seat, value: impl Into<Bytes>, life: Duration) -> Result<Option<Seat>, StoreError> {
        let put = self.store.put(&self.key(seat.number), value, Expect::Version(seat.version), Some(life)).await?;
        Ok(match put {
            Put::Stored(version) => Some(Seat { version, ..seat }),
            Put::Refused(_) => None,
        })
    }

    /// Leaves a seat, if it is still the caller's, and says whether it was.
    ///
    /// # Errors
    /// What the store says.
    pub async fn leave(&self, seat: Seat) -> Result<bool, StoreError> {
        self.store.delete(&self.key(seat.number), Some(seat.version)).await
    }

    fn key(&self, number: u32) -> String {
        format!("{}/{number}", self.name)
    }
}

/// The seats to try: from a random one on, in steps that are prime to the cap and so meet no seat twice.
fn order(cap: u32, seed: u64) -> impl Iterator<Item = u32> {
    let cap = u64::from(cap);
    let (start, wish) = (seed >> 32, seed & 0xFFFF_FFFF);
    let step = (1..=cap).map(|more| (wish + more) % cap.max(1)).find(|step| gcd(*step, cap) == 1).unwrap_or(1);
    (0..cap).filter_map(move |turn| u32::try_from((start + turn * step) % cap).ok())
}

const fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::store::{Clock, Memory};

    const LIFE: Duration = Duration::from_mins(1);

    #[tokio::test]
    async fn seats_expire_are_kept_and_are_left() {
        let clock = Clock::manual();
        let store = Store::new(Memory::with_clock(clock.clone()));
        let seats = Seats::new(&store, "cap", 1);
        let first = seats.take("first", LIFE).await.unwrap().unwrap();
        assert_eq!(seats.take("second", LIFE).await.unwrap(), None);
        assert_eq!(seats.look(first.number()).await.unwrap().unwrap().value, "first");

        clock.advance(LIFE / 2);
        let kept = seats.keep(first, "first", LIFE).await.unwrap().unwrap();
        assert_eq!(seats.keep(first, "stale", LIFE).await.unwrap(), None, "kept from an old version");
        clock.advance(LIFE / 2);
        assert_eq!(seats.take("second", LIFE).await.unwrap(), None, "it was kept");

        clock.advance(LIFE);
        let second = seats.take("second", LIFE).await.unwrap().expect("the first has expired");
        assert_eq!(seats.keep(kept, "first", LIFE).await.unwrap(), None);
        seats.leave(kept).await.unwrap();
        assert_eq!(seats.take("third", LIFE).await.unwrap(), None, "the first left a seat that was no longer its own");
        seats.leave(Seat::from_parts(second.number(), second.version())).await.unwrap();
        assert!(seats.take("third", LIFE).await.unwrap().is_some());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn a_race_never_goes_over_the_cap_and_a_small_one_is_exact() {
        for cap in [0, 1, 2, 7, 48] {
            let store = Store::memory();
            let takers: tokio::task::JoinSet<_> = (0..cap + 30)
                .map(|_| {
                    let store = store.clone();
                    async move { Seats::new(&store, "cap", cap).take("x", LIFE).await.unwrap() }
                })
                .collect();
            let taken: Vec<Seat> = takers.join_all().await.into_iter().flatten().collect();
            assert_eq!(taken.len(), cap as usize, "cap {cap}");
            let numbers: HashSet<u32> = taken.iter().map(|seat| seat.number()).collect();
            assert_eq!(numbers.len(), taken.len());
        }
    }

    #[tokio::test]
    async fn names_do_not_share_seats() {
        let store = Store::memory();
        for name in ["of/alice", "of/bob", "of"] {
            assert!(Seats::new(&store, name, 1).take("x", LIFE).await.unwrap().is_some());
        }
    }

    proptest! {
        #[test]
        fn each_seat_is_tried_once(cap in 0..3_000_u32, seed: u64) {
            let tried: Vec<u32> = order(cap, seed).collect();
            prop_assert_eq!(tried.len(), cap as usize);
            prop_assert!(tried.iter().all(|number| *number < cap));
            prop_assert_eq!(tried.iter().collect::<HashSet<_>>().len(), tried.len());
        }
    }

    #[test]
    fn the_first_try_is_spread_over_all_seats() {
        let firsts: HashSet<u32> =
            (0..4_000).filter_map(|_| order(100, u64::from_be_bytes(random::bytes())).next()).collect();
        assert_eq!(firsts.len(), 100);
    }
}
