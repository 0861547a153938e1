//! Repeats: the same call of the same caller, again and again within a while.
//!
//! What is remembered has a fixed size: where there is no room for another call, the one that was not seen for longest
//! gives way. A call is remembered by a keyed hash alone.

use std::hash::{BuildHasher as _, Hash, Hasher as _, RandomState};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value};

use crate::store::Clock;

/// How many lists of calls there are, each with its lock.
const LISTS: usize = 128;
/// How many calls a list holds.
const LENGTH: usize = 32;

/// Who repeats itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Who<'a> {
    /// A session, or the one at the other end of a pipe.
    Session(u128),
    /// The run of an agent.
    Trace(u128),
    /// Somebody who proved an identity.
    Principal(&'a str),
}

/// The calls of the last while, and how often each was made.
#[derive(Debug)]
pub(crate) struct Repeats {
    lists: OnceLock<Box<[Mutex<List>]>>,
    hasher: RandomState,
    window: u64,
    clock: Clock,
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    call: u64,
    /// When its window began, and when it was last made.
    since: u64,
    last: u64,
    times: u32,
}

type List = [Seen; LENGTH];

impl Repeats {
    /// Counts within windows of this length.
    pub(crate) fn new(window: Duration) -> Self {
        Self::with_clock(window, Clock::steady())
    }

    fn with_clock(window: Duration, clock: Clock) -> Self {
        let window = u64::try_from(window.as_millis()).unwrap_or(u64::MAX);
        Self { lists: OnceLock::new(), hasher: RandomState::new(), window, clock }
    }

    /// Takes a call in, and says how often it was made within the window, this time included.
    pub(crate) fn count(&self, who: Who<'_>, tool: &str, arguments: &Map<String, Value>) -> u32 {
        let call = self.hash(|hasher| {
            who.hash(hasher);
            tool.hash(hasher);
            self.object(arguments, hasher);
        });
        let now = self.clock.millis();
        let lists = self.lists.get_or_init(|| (0..LISTS).map(|_| Mutex::default()).collect());
        let Some(list) = usize::try_from(call % LISTS as u64).ok().and_then(|at| lists.get(at)) else { return 1 };
        let mut list = list.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seen) = list.iter_mut().find(|seen| seen.call == call && seen.times > 0) {
            if now.saturating_sub(seen.since) >= self.window {
                *seen = Seen { call, since: now, last: now, times: 0 };
            }
            seen.times = seen.times.saturating_add(1);
            seen.last = now;
            return seen.times;
        }
        if let Some(place) = list.iter_mut().min_by_key(|seen| seen.last) {
            *place = Seen { call, since: now, last: now, times: 1 };
        }
        1
    }

    fn hash(&self, feed: impl FnOnce(&mut std::hash::DefaultHasher)) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        feed(&mut hasher);
        hasher.finish()
    }

    /// Members count in any order: their hashes are added up.
    fn object(&self, members: &Map<String, Value>, hasher: &mut std::hash::DefaultHasher) {
        let sum = members.iter().fold(0_u64, |sum, (name, value)| {
            sum.wrapping_add(self.hash(|hasher| {
                name.hash(hasher);
                self.value(value, hasher);
            }))
        });
        (5_u8, members.len(), sum).hash(hasher);
    }

    fn value(&self, value: &Value, hasher: &mut std::hash::DefaultHasher) {
        match value {
            Value::Null => 0_u8.hash(hasher),
            Value::Bool(flag) => (1_u8, flag).hash(hasher),
            Value::Number(number) => (2_u8, number).hash(hasher),
            Value::String(text) => (3_u8, text).hash(hasher),
            Value::Array(items) => {
                (4_u8, items.len()).hash(hasher);
                for item in items {
                    self.value(item, hasher);
                }
            }
            Value::Object(members) => self.object(members, hasher),
        }
    }
}

/// What an agent is told that repeats itself.
pub(crate) fn note(times: u32, window: Duration) -> String {
    format!(
        "You have made this same call {times} times within {} s; its answer is unlikely to change: use what you have, or \
         tell the user.",
        window.as_secs()
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const WINDOW: Duration = Duration::from_mins(1);
    const ME: Who<'_> = Who::Session(1);

    fn repeats() -> (Repeats, Clock) {
        let clock = Clock::manual();
        (Repeats::with_clock(WINDOW, clock.clone()), clock)
    }

    fn count(repeats: &Repeats, who: Who<'_>, tool: &str, arguments: &Value) -> u32 {
        repeats.count(who, tool, arguments.as_object().unwrap())
    }

    #[test]
    fn the_same_call_counts_whatever_the_order_of_its_members() {
        let (repeats, _) = repeats();
        let inner = json!({ "x": [1, { "y": 2, "z": null }], "w": true });
        assert_eq!(count(&repeats, ME, "find", &json!({ "a": 1, "b": inner })), 1);
        let turned = json!({ "w": true, "x": [1, { "z": null, "y": 2 }] });
        assert_eq!(count(&repeats, ME, "find", &json!({ "b": turned, "a": 1 })), 2);
        assert_eq!(count(&repeats, ME, "find", &json!({ "a": 1, "b": inner })), 3);
    }

    #[test]
    fn another_call_is_another() {
        let (repeats, _) = repeats();
        let all = [
            (ME, "find", json!({})),
            (ME, "fetch", json!({})),
            (ME, "find", json!({ "a": 1 })),
            (ME, "find", json!({ "a": "1" })),
            (ME, "find", json!({ "a": [1] })),
            (ME, "find", json!({ "a": [1, 2] })),
            (ME, "find", json!({ "a": [2, 1] })),
            (ME, "find", json!({ "a": 1, "b": 1 })),
            (ME, "find", json!({ "a": { "b": 1 } })),
            (Who::Session(2), "find", json!({})),
            (Who::Trace(1), "find", json!({})),
            (Who::Principal("alice"), "find", json!({})),
        ];
        for (who, tool, arguments) in &all {
            assert_eq!(count(&repeats, *who, tool, arguments), 1, "{who:?} {tool} {arguments}");
        }
    }

    #[test]
    fn a_window_that_is_over_counts_no_more() {
        let (repeats, clock) = repeats();
        let call = || count(&repeats, ME, "find", &json!({ "a": 1 }));
        assert_eq!((call(), call()), (1, 2));
        clock.advance(WINDOW.checked_sub(Duration::from_millis(1)).unwrap());
        assert_eq!(call(), 3);
        clock.advance(Duration::from_millis(1));
        assert_eq!(call(), 1);
    }

    #[test]
    fn many_different_calls_take_no_more_room_and_leave_one_that_goes_on_alone() {
        let (repeats, clock) = repeats();
        for number in 0..20_000 {
            if number % 100 == 0 {
                let times = count(&repeats, ME, "poll", &json!({}));
                assert_eq!(times, number / 100 + 1);
            }
            clock.advance(Duration::from_millis(1));
            count(&repeats, ME, "find", &json!({ "number": number }));
        }
        assert_eq!(repeats.lists.get().unwrap().len() * LENGTH, 4_096);
    }
}
