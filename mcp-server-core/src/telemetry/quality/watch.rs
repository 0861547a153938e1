//! A watch holds each result of a tool against what is normal, and learns from it what is.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::baseline::{Baseline, FULL, Normal, Seen};
use super::bounds::Bounds;
use super::verdict::{Deviation, Size, Verdict};

/// How many results a round takes in of a tool whose baseline is grown, and how many of what is off in any case.
pub(crate) const ROUND: u32 = 16;
/// How many results a baseline stands on that no longer takes everything in.
const GROWN: u64 = 1024;
/// How many results are kept at most.
const KEPT: u64 = 4096;
/// The weight of what is off for itself.
const LITTLE: u32 = FULL / 64;
/// How many results a baseline must stand on for an exception to count in full: in fewer it would be a share.
const STEADY: u64 = 200;
/// The last results, as bits: what most of them are, the tool is.
const LAST: u32 = 20;
/// How many results are taken in before the bounds are drawn anew.
const REDRAWN: u64 = 64;
/// How often the same is told of a tool.
const TOLD: Duration = Duration::from_mins(1);

/// Holds the results of a tool against its baseline.
#[derive(Debug)]
pub(crate) struct Watch {
    after: u64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Everything that is known.
    all: Baseline,
    /// The part of it that nobody else knows yet.
    fresh: Baseline,
    /// The part that is being told.
    telling: Baseline,
    bounds: Bounds,
    until_redrawn: u64,
    /// How much more may be taken in in this round: ordinary results, and others.
    room: [u32; 2],
    used: bool,
    shared: bool,
    last: Last,
    told: [Told; 3],
}

/// What the last results were, a bit each, the newest lowest.
#[derive(Clone, Copy, Debug, Default)]
struct Last {
    rare: Bits,
    few: Bits,
    light: Bits,
    slow: Bits,
}

#[derive(Clone, Copy, Debug, Default)]
struct Bits(u32);

#[derive(Clone, Copy, Debug, Default)]
struct Told {
    at: Option<Instant>,
    unsaid: u64,
}

impl Bits {
    /// Adds one, and says whether most of the last are set.
    const fn push(&mut self, bit: bool) -> bool {
        self.0 = ((self.0 << 1) | bit as u32) & ((1 << LAST) - 1);
        self.0.count_ones() > LAST / 2
    }
}

impl Watch {
    /// A watch that knows nothing; it holds results against what it has learned from `after` of them.
    pub(crate) fn new(after: u64) -> Self {
        let state = State {
            all: Baseline::default(),
            fresh: Baseline::default(),
            telling: Baseline::default(),
            bounds: Bounds::NONE,
            until_redrawn: 0,
            room: [ROUND; 2],
            used: false,
            shared: false,
            last: Last::default(),
            told: [Told::default(); 3],
        };
        Self { after: after.max(1), state: Mutex::new(state) }
    }

    /// Holds a result against the baseline, and takes it in.
    pub(crate) fn judge(&self, seen: &Seen) -> Verdict {
        let mut state = self.lock();
        state.used = true;
        let verdict = state.judge(seen);
        state.learn(seen, verdict, self.after);
        verdict
    }

    /// What is normal; `None` as long as nobody can tell.
    pub(crate) fn normal(&self) -> Option<Normal> {
        let normal = self.lock().all.normal();
        (normal.results >= self.after).then_some(normal)
    }

    /// Whether a deviation is to be told now, and how many of its like were not told since the last time.
    pub(crate) fn tells(&self, deviation: Deviation, now: Instant) -> Option<u64> {
        let mut state = self.lock();
        let [empty, small, slow] = &mut state.told;
        let told = match deviation {
            Deviation::Empty => empty,
            Deviation::Small(_) => small,
            Deviation::Slow => slow,
        };
        if told.at.is_some_and(|at| now.saturating_duration_since(at) < TOLD) {
            told.unsaid += 1;
            return None;
        }
        told.at = Some(now);
        Some(std::mem::take(&mut told.unsaid))
    }

    /// Begins a round in which so many results are taken in.
    pub(crate) fn begin_round(&self, room: u32) {
        self.lock().room = [room; 2];
    }

    /// What is to be told to the others: everything since [`settle`](Self::settle). `None` if there was no call, and what
    /// the others know is known.
    pub(crate) fn fresh(&self) -> Option<Baseline> {
        let mut state = self.lock();
        let used = std::mem::take(&mut state.used);
        if !used && state.shared && state.telling.is_blank() {
            return None;
        }
        let State { fresh, telling, .. } = &mut *state;
        telling.merge(fresh);
        telling.fade(self.most());
        *fresh = Baseline::default();
        Some(telling.clone())
    }

    /// Everything that is known.
    pub(crate) fn all(&self) -> Baseline {
        self.lock().all.clone()
    }

    /// Takes over what all know together, which includes what [`fresh`](Self::fresh) gave out.
    pub(crate) fn settle(&self, mut sum: Baseline) {
        let mut state = self.lock();
        sum.merge(&state.fresh);
        state.telling = Baseline::default();
        state.shared = true;
        state.all = sum;
        state.redraw(self.after);
    }

    /// How many results are kept at most: enough for twice those that it stands on, whatever was configured.
    pub(crate) fn most(&self) -> u64 {
        most(self.after)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn most(after: u64) -> u64 {
    KEPT.max(after.saturating_mul(2))
}

impl State {
    fn judge(&mut self, seen: &Seen) -> Verdict {
        let Bounds { never_empty, rows, bytes, micros } = self.bounds;
        let mut verdict = Verdict::default();
        if seen.empty {
            verdict.rare = never_empty;
            verdict.content = never_empty.then_some(Deviation::Empty);
        }
        // Rows first: they say more than bytes do.
        if let Some(value) = seen.rows() {
            let most = self.last.few.push(value < rows.half);
            verdict.small(Size::Rows, value < rows.rare, most && value < rows.half);
        }
        if let Some(value) = seen.bytes() {
            let most = self.last.light.push(value < bytes.half);
            verdict.small(Size::Bytes, value < bytes.rare, most && value < bytes.half);
        }
        if let Some(value) = seen.micros() {
            let most = self.last.slow.push(value > micros.tenfold);
            verdict.rare |= value > micros.rare;
            verdict.slow = value > micros.rare || (most && value > micros.tenfold);
        }
        verdict
    }

    fn learn(&mut self, seen: &Seen, verdict: Verdict, after: u64) {
        let results = self.all.results();
        let exception = verdict.rare && self.last.rare.0 == 0 && results >= STEADY.max(after);
        self.last.rare.push(verdict.rare);
        let weight = if verdict.rare && !exception { LITTLE } else { FULL };
        let [ordinary, off] = &mut self.room;
        let room = if verdict.is_off() { off } else { ordinary };
        let all_in = !verdict.is_off() && results < GROWN.max(after);
        if *room == 0 && !all_in {
            return;
        }
        *room = room.saturating_sub(1);
        self.all.add(seen, weight);
        self.fresh.add(seen, weight);
        self.until_redrawn = self.until_redrawn.saturating_sub(1);
        if self.until_redrawn == 0 || (results < after && self.all.results() >= after) {
            self.all.fade(most(after));
            self.fresh.fade(most(after));
            self.redraw(after);
        }
    }

    fn redraw(&mut self, after: u64) {
        self.bounds = Bounds::of(&self.all, after);
        // Each result moves a young baseline by much.
        self.until_redrawn = REDRAWN.min(self.all.results() / 8 + 1);
    }
}

impl Verdict {
    fn small(&mut self, size: Size, rare: bool, drifts: bool) {
        self.rare |= rare;
        if (rare || drifts) && self.content.is_none() {
            self.content = Some(Deviation::Small(size));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AFTER: u64 = 100;

    fn result(rows: u64, millis: u64) -> Seen {
        let took = Some(Duration::from_millis(millis));
        Seen { empty: rows == 0, rows: Some(rows), bytes: Some(200 + rows * 50), took }
    }

    /// A watch that has seen so many ordinary results: 10 to 14 rows in 20 to 24 ms.
    fn grown(results: u64) -> Watch {
        let watch = Watch::new(AFTER);
        for number in 0..results {
            watch.begin_round(ROUND);
            assert!(!watch.judge(&ordinary(number)).is_off());
        }
        watch
    }

    fn ordinary(number: u64) -> Seen {
        result(10 + number % 5, 20 + number % 5)
    }

    fn words(verdict: Verdict) -> Vec<&'static str> {
        verdict.deviations().map(Deviation::word).collect()
    }

    /// How many results of a sort are off until one is not, with so many in each round.
    fn until_normal(watch: &Watch, seen: &Seen, in_a_round: usize) -> usize {
        let results = std::iter::repeat_n((), 1_000_000).enumerate();
        let mut off = results.map(|(number, ())| {
            if number % in_a_round == 0 {
                watch.begin_round(ROUND);
            }
            watch.judge(seen).is_off()
        });
        off.position(|off| !off).unwrap()
    }

    #[test]
    fn nothing_is_off_before_the_baseline_stands() {
        let watch = grown(AFTER - 1);
        assert_eq!(watch.normal(), None);
        assert!(!watch.judge(&result(0, 9_000)).is_off());
    }

    #[test]
    fn nothing_where_there_were_always_rows_is_off() {
        let watch = grown(AFTER);
        assert_eq!(words(watch.judge(&result(0, 20))), ["empty"]);
        assert_eq!(words(watch.judge(&result(12, 20))), [""; 0]);
        assert_eq!(watch.normal().unwrap().rows, Some(12));
    }

    #[test]
    fn a_tool_that_is_often_empty_never_deviates_by_being_empty() {
        let watch = Watch::new(AFTER);
        let empty = |number: u64| number % 20 == 7;
        let off = (0..2_000).filter(|number| {
            watch.begin_round(ROUND);
            watch.judge(&if empty(*number) { result(0, 20) } else { ordinary(*number) }).is_off()
        });
        assert_eq!(off.count(), 0);
        assert!((0..100).all(|_| !watch.judge(&result(0, 20)).is_off()));
    }

    #[test]
    fn exceptions_among_ordinary_results_are_learned() {
        let watch = grown(1_000);
        let of_the_last = |range: std::ops::Range<u64>| {
            let off = range.filter(|number| {
                watch.begin_round(ROUND);
                watch.judge(&if number % 40 == 7 { result(0, 20) } else { ordinary(*number) }).is_off()
            });
            off.count()
        };
        assert!(of_the_last(0..400) > 0, "they are off at first");
        of_the_last(400..4_000);
        assert_eq!(of_the_last(4_000..8_000), 0, "one in forty is normal by now");
    }

    #[test]
    fn much_less_than_any_is_small() {
        let watch = grown(AFTER);
        assert_eq!(words(watch.judge(&result(4, 20))), ["small"]);
        assert_eq!(words(watch.judge(&result(6, 20))), [""; 0], "half of the least is ordinary variation");
        let bytes = Seen { bytes: Some(100), ..Seen::default() };
        assert_eq!(watch.judge(&bytes).content, Some(Deviation::Small(Size::Bytes)));
        assert!(!watch.judge(&Seen { bytes: None, ..bytes }).is_off(), "it is not known");
    }

    #[test]
    fn results_that_vary_are_small_when_most_of_the_last_ones_are() {
        let watch = Watch::new(AFTER);
        for number in 0..1_000 {
            watch.begin_round(ROUND);
            assert!(!watch.judge(&result(1 + number * 7 % 100, 20)).is_off(), "1 to 100 rows are ordinary");
        }
        let off: Vec<bool> = (0..30).map(|_| watch.judge(&result(15, 20)).is_off()).collect();
        assert!(!off[0] && off[20..].iter().all(|off| *off), "{off:?}");
    }

    #[test]
    fn ten_times_slower_is_slow_and_a_blink_never_is() {
        let watch = grown(AFTER);
        assert_eq!(words(watch.judge(&result(12, 190))), [""; 0]);
        assert_eq!(words(watch.judge(&result(12, 300))), ["slow"]);
        assert_eq!(words(watch.judge(&result(0, 300))), ["empty", "slow"]);
        let quick = Watch::new(AFTER);
        for _ in 0..AFTER {
            quick.judge(&result(12, 1));
        }
        assert_eq!(words(quick.judge(&result(12, 90))), [""; 0]);
        assert_eq!(words(quick.judge(&result(12, 110))), ["slow"]);
    }

    #[test]
    fn tools_with_a_long_tail_are_slow_when_most_of_the_last_calls_are() {
        let watch = Watch::new(AFTER);
        let mut off = 0;
        for number in 0..1_000 {
            watch.begin_round(ROUND);
            off += usize::from(watch.judge(&result(12, if number % 10 == 9 { 2_000 } else { 20 })).is_off());
        }
        assert_eq!(off, 0, "one in ten always took a hundred times as long");
        let off: Vec<bool> = (0..30).map(|_| watch.judge(&result(12, 2_000)).is_off()).collect();
        assert!(!off[0] && off[20..].iter().all(|off| *off), "{off:?}");
    }

    #[test]
    fn a_fault_does_not_soon_become_normal() {
        // A tool that is called 100 times in each round of half a minute.
        let off = until_normal(&grown(KEPT / 2), &result(0, 20), 100);
        assert!((80 * 100..160 * 100).contains(&off), "{off} results, 100 in half a minute, are about an hour");
        // One that is called now and then.
        let off = until_normal(&grown(KEPT / 2), &result(0, 20), 1);
        assert!((1_000..1_600).contains(&off), "{off} results of about 2048");
        let off = until_normal(&grown(AFTER), &result(0, 20), 1);
        assert!((60..120).contains(&off), "{off} results of 100");
    }

    #[test]
    fn a_change_that_lasts_becomes_normal() {
        let slower =
            |millis: u64| Seen { rows: Some(12), took: Some(Duration::from_millis(millis)), ..Seen::default() };
        for results in [AFTER, KEPT / 2] {
            let off = until_normal(&grown(results), &slower(1_000), 1) as u64;
            assert!((results / 2..results * 3).contains(&off), "slow: {off} of {results}");
            let off = until_normal(&grown(results), &result(3, 20), 1) as u64;
            assert!((results / 2..results * 3).contains(&off), "small: {off} of {results}");
        }
        let off = until_normal(&grown(KEPT / 2), &slower(1_000), 1_000) / 1_000;
        assert!((100..500).contains(&off), "{off} half minutes are one to four hours");
    }

    #[test]
    fn a_busy_tool_is_compared_with_hours() {
        let watch = grown(GROWN);
        let before = watch.all().results();
        assert!((0..10_000).all(|number| !watch.judge(&ordinary(number)).is_off()));
        assert!(watch.all().results() - before <= u64::from(ROUND));
    }

    #[test]
    fn a_baseline_that_is_asked_for_many_results_comes_to_stand() {
        let watch = Watch::new(10_000);
        assert!((0..10_000).all(|number| !watch.judge(&ordinary(number)).is_off()));
        assert!(watch.judge(&result(0, 20)).is_off());
        for number in 0..200_000 {
            watch.begin_round(ROUND);
            watch.judge(&ordinary(number));
        }
        assert!(watch.all().results() >= 10_000, "and stands on as many for ever");
        assert!(watch.judge(&result(0, 20)).is_off());
    }

    #[test]
    fn what_is_told_is_told_once() {
        let (here, there) = (grown(60), grown(60));
        let mut sum = here.fresh().unwrap();
        here.settle(sum.clone());
        assert_eq!(here.fresh(), None, "nothing is new");
        there.judge(&ordinary(0));
        sum.merge(&there.fresh().unwrap());
        there.settle(sum.clone());
        assert_eq!(sum.results(), 121);
        assert!(there.judge(&result(0, 20)).is_off(), "neither has seen 100 results for itself");
        assert_eq!(there.fresh().unwrap().results(), 0);
    }

    #[test]
    fn what_could_not_be_told_is_told_later() {
        let watch = grown(30);
        watch.settle(watch.fresh().unwrap());
        watch.judge(&ordinary(0));
        assert_eq!(watch.fresh().unwrap().results(), 1);
        assert_eq!(watch.fresh().unwrap().results(), 1, "it was not settled");
        watch.judge(&ordinary(1));
        assert_eq!(watch.fresh().unwrap().results(), 2);
    }

    #[test]
    fn the_same_is_said_once_in_a_minute() {
        let (watch, now) = (Watch::new(AFTER), Instant::now());
        assert_eq!(watch.tells(Deviation::Empty, now), Some(0));
        assert_eq!(watch.tells(Deviation::Slow, now), Some(0), "another sort is told for itself");
        assert_eq!(watch.tells(Deviation::Empty, now + TOLD / 2), None);
        assert_eq!(watch.tells(Deviation::Empty, now + TOLD), Some(1));
    }
}
