//! The places of a listener: how many connections it has, of whom, and which of them gives its place to a newcomer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::activity::{Activity, Idleness};
use crate::peer::Peer;

/// Connections that one look chooses to give way, so that a flood of newcomers does not look at all of them each time.
const CHOSEN: usize = 64;
/// Connections that are closing for others at once.
const MAX_CLOSING: usize = 256;
/// The time for which what a look found holds: later, newcomers may do less than those that it chose.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// How long a connection has been idle at least before it gives way: its client may be sending the next request.
const REST: Duration = Duration::from_millis(250);
/// How long a body has been arriving at least.
const SLOW: Duration = Duration::from_secs(1);

/// The places of a listener.
#[derive(Debug)]
pub(super) struct Places {
    max: usize,
    max_per_peer: usize,
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// By their number; a number is used again.
    open: Vec<Option<Entry>>,
    unused: Vec<usize>,
    count: usize,
    /// Connections that have given their place up and are not closed yet.
    closing: usize,
    peers: HashMap<Peer, Share>,
    /// The next ones to give way, the best last.
    chosen: Vec<Choice>,
    /// When the next look is due; `None` is at once.
    look_again: Option<Instant>,
}

/// What one peer has.
#[derive(Debug, Default)]
struct Share {
    count: usize,
    chosen: Vec<Choice>,
    look_again: Option<Instant>,
}

#[derive(Debug)]
struct Entry {
    peer: Option<Peer>,
    activity: Arc<Activity>,
}

/// A connection that may give way, if it is still as it was.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Choice {
    idleness: Idleness,
    since: Instant,
    number: usize,
    begun: u32,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// All places are taken, and every connection is at work.
    All,
    /// The peer has its share, and all of it is at work.
    Peer,
}

/// A place that is taken until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    number: usize,
    activity: Arc<Activity>,
}

/// How many connections do what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) running: usize,
    pub(super) idle: usize,
    pub(super) closing: usize,
}

impl Places {
    pub(super) fn new(max: usize, max_per_peer: usize) -> Arc<Self> {
        Arc::new(Self { max, max_per_peer, state: Mutex::default(), freed: Notify::new() })
    }

    /// How many there are.
    pub(super) fn max(&self) -> usize {
        self.max
    }

    /// Takes a place for a connection of a peer; `None` is not counted against any share. If there is none, the
    /// connection that does least gives its place up.
    ///
    /// # Errors
    /// Every connection that could give way is at work.
    pub(super) fn take(self: &Arc<Self>, peer: Option<Peer>, activity: &Arc<Activity>) -> Result<Place, Full> {
        let mut state = self.lock();
        if let Some(peer) = peer
            && state.peers.get(&peer).is_some_and(|share| share.count >= self.max_per_peer)
            && !state.evict(Some(peer))
        {
            return Err(Full::Peer);
        }
        if state.count >= self.max && !state.evict(None) {
            return Err(Full::All);
        }
        let entry = Some(Entry { peer, activity: Arc::clone(activity) });
        let number = if let Some(number) = state.unused.pop() {
            number
        } else {
            state.open.push(None);
            state.open.len() - 1
        };
        if let Some(slot) = state.open.get_mut(number) {
            *slot = entry;
        }
        state.count += 1;
        if let Some(peer) = peer {
            state.peers.entry(peer).or_default().count += 1;
        }
        drop(state);
        Ok(Place { places: Arc::clone(self), number, activity: Arc::clone(activity) })
    }

    /// Makes the connection that does least give its place up, for what else needs a descriptor.
    pub(super) fn evict(&self) -> bool {
        self.lock().evict(None)
    }

    /// Waits until a place is free.
    pub(super) async fn freed(&self) {
        self.freed.notified().await;
    }

    pub(super) fn counts(&self) -> Counts {
        let state = self.lock();
        let mut counts = Counts { closing: state.closing, ..Counts::default() };
        for entry in state.open.iter().flatten() {
            match entry.activity.idleness() {
                None | Some(Idleness::Receiving) => counts.running += 1,
                Some(Idleness::NeverAsked | Idleness::Between) => counts.idle += 1,
                Some(Idleness::Closing) => counts.closing += 1,
            }
        }
        counts
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Makes a connection give its place up: one of a peer, or of anybody.
    fn evict(&mut self, peer: Option<Peer>) -> bool {
        if self.closing >= MAX_CLOSING {
            return false;
        }
        loop {
            self.choose(peer);
            let Some((chosen, look_again)) = self.chosen(peer) else { return false };
            let Some(choice) = chosen.pop() else { return false };
            if chosen.is_empty() {
                *look_again = None;
            }
            let entry = self.open.get(choice.number).and_then(Option::as_ref);
            let is_same = |entry: &&Entry| {
                (entry.activity.idleness(), entry.activity.begun(), entry.activity.since())
                    == (Some(choice.idleness), choice.begun, choice.since)
            };
            if let Some(entry) = entry.filter(is_same) {
                entry.activity.evict();
                self.remove(choice.number);
                self.closing += 1;
                return true;
            }
        }
    }

    /// Those that were chosen to give way, and when to look again.
    fn chosen(&mut self, peer: Option<Peer>) -> Option<(&mut Vec<Choice>, &mut Option<Instant>)> {
        match peer {
            None => Some((&mut self.chosen, &mut self.look_again)),
            Some(peer) => self.peers.get_mut(&peer).map(|share| (&mut share.chosen, &mut share.look_again)),
        }
    }

    /// Looks at all connections and chooses those that do least, if a look is due.
    fn choose(&mut self, peer: Option<Peer>) {
        let now = Instant::now();
        if self.chosen(peer).is_some_and(|(_, again)| again.is_some_and(|again| again > now)) {
            return;
        }
        let of_peer = |entry: &&Entry| peer.is_none() || entry.peer == peer;
        let choice = |(number, entry): (usize, &Entry)| {
            let (activity, since) = (&entry.activity, entry.activity.since());
            let idleness = activity.idleness()?;
            let least = match idleness {
                Idleness::Closing | Idleness::NeverAsked => Duration::ZERO,
                Idleness::Between => REST,
                Idleness::Receiving => SLOW,
            };
            (since + least <= now).then(|| Choice { idleness, since, number, begun: activity.begun() })
        };
        let open = self.open.iter().enumerate().filter_map(|(number, entry)| Some((number, entry.as_ref()?)));
        let mut found: Vec<Choice> = open.filter(|(_, entry)| of_peer(entry)).filter_map(choice).collect();
        found.sort_unstable();
        found.truncate(CHOSEN);
        found.reverse();
        if let Some((chosen, again)) = self.chosen(peer) {
            *again = Some(now + LOOK_AGAIN);
            *chosen = found;
        }
    }

    fn remove(&mut self, number: usize) {
        let Some(entry) = self.open.get_mut(number).and_then(Option::take) else { return };
        self.unused.push(number);
        self.count -= 1;
        if let Some(peer) = entry.peer
            && let Some(share) = self.peers.get_mut(&peer)
        {
            share.count -= 1;
            if share.count == 0 {
                self.peers.remove(&peer);
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.places.lock();
        let own = state.open.get(self.number).and_then(Option::as_ref);
        if own.is_some_and(|entry| Arc::ptr_eq(&entry.activity, &self.activity)) {
            state.remove(self.number);
        } else {
            state.closing -= 1;
        }
        drop(state);
        self.places.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use http::Version;

    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "as a connection has it")]
    fn peer(last: u8) -> Option<Peer> {
        Some(Peer::new([192, 0, 2, last].into()))
    }

    #[tokio::test(start_paused = true)]
    async fn the_connection_that_does_least_gives_way() {
        let places = Places::new(3, 3);
        let all: Vec<_> = (0..3).map(|_| Activity::new()).collect();
        let taken: Vec<_> = all.iter().map(|activity| places.take(peer(1), activity).unwrap()).collect();
        // The first is at work, the second has been idle since its request, the third was never asked anything.
        let _running = all[0].begin(Version::HTTP_11);
        drop(all[1].begin(Version::HTTP_11));
        tokio::time::advance(REST).await;
        let second = places.take(peer(2), &Activity::new()).unwrap();
        assert!(all[2].is_evicted() && !all[1].is_evicted());
        tokio::time::advance(LOOK_AGAIN).await;
        let running: Vec<_> = [Activity::new()].into_iter().collect();
        let _third = places.take(peer(2), &running[0]).unwrap();
        assert!(!all[1].is_evicted(), "another that was never asked is there");
        let _at_work = running[0].begin(Version::HTTP_11);
        let fourth = Activity::new();
        let _fourth = places.take(peer(2), &fourth).unwrap();
        assert!(all[1].is_evicted() && !all[0].is_evicted());
        let _at_work = fourth.begin(Version::HTTP_11);
        assert_eq!(places.take(peer(2), &Activity::new()).unwrap_err(), Full::All);
        assert_eq!(places.counts(), Counts { running: 3, idle: 0, closing: 3 });
        drop((taken, second));
        assert_eq!(places.counts(), Counts { running: 2, idle: 0, closing: 0 });
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_has_a_share() {
        let places = Places::new(10, 1);
        let first = Activity::new();
        let _first = places.take(peer(1), &first).unwrap();
        let _at_work = first.begin(Version::HTTP_11);
        assert_eq!(places.take(peer(1), &Activity::new()).unwrap_err(), Full::Peer);
        let _other = places.take(peer(2), &Activity::new()).unwrap();
        let _proxies = [places.take(None, &Activity::new()).unwrap(), places.take(None, &Activity::new()).unwrap()];
    }
}
