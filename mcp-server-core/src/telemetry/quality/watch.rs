//! A watch holds each result of a tool against what is normal, and learns from it what is.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::baseline::{FULL, Normal, Seen};
use super::bounds::Bounds;
use super::known::Known;
use super::recent::{Ended, Recent};
use super::runs::Runs;
use super::verdict::{Deviation, Size, Verdict};

/// How many results a round takes in of a tool whose baseline is grown, and how many of what is off in any case.
pub(crate) const ROUND: u32 = 16;
/// How many results a baseline stands on that no longer takes everything in.
const GROWN: u64 = 1024;
/// How many results are kept at most.
const KEPT: u64 = 4096;
/// The weight of what is off for itself.
const LITTLE: u32 = FULL / 64;
/// How many results a baseline must stand on for a small or slow exception to count in full: in fewer it would be a share.
const STEADY: u64 = 200;
/// After how many results that are off a change is taken to last.
pub(super) const LASTING: u32 = 256;
/// From how many results on a tool that never returned anything is off.
pub(super) const NEVER_ANYTHING: u64 = 10;
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
    all: Known,
    /// The part of it that nobody else knows yet.
    fresh: Known,
    /// The part that is being told.
    telling: Known,
    bounds: Bounds,
    until_redrawn: u64,
    /// How much more may be taken in in this round: ordinary results, and others.
    room: [u32; 2],
    used: bool,
    shared: bool,
    last: Last,
    runs: Runs,
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
            all: Known::default(),
            fresh: Known::default(),
            telling: Known::default(),
            bounds: Bounds::NONE,
            until_redrawn: 0,
            room: [ROUND; 2],
            used: false,
            shared: false,
            last: Last::default(),
            runs: Runs::default(),
            told: [Told::default(); 3],
        };
        Self { after: after.max(1), state: Mutex::new(state) }
    }

    /// Holds a result that ended at this time (in milliseconds since 1970) against the baseline, and takes it in.
    pub(crate) fn judge(&self, seen: &Seen, at: u64) -> Verdict {
        let mut state = self.lock();
        let mut verdict = state.judge(seen, self.after);
        let before = state.all.baseline.results();
        verdict.normal = verdict.is_off().then(|| state.all.baseline.normal());
        state.learn(seen, verdict, self.after);
        let baseline = &state.all.baseline;
        let stands = before < self.after && baseline.results() >= self.after;
        verdict.stands_empty = stands && baseline.empties() * 2 >= baseline.results();
        state.ended(
            match (seen.empty, verdict.is_off()) {
                (false, false) => Ended::Data,
                (false, true) => Ended::OffData,
                (true, false) => Ended::Empty,
                (true, true) => Ended::OffEmpty,
            },
            at,
        );
        verdict
    }

    /// Adds a call that failed at this time (in milliseconds since 1970), and not by its caller's fault, to the last ones.
    pub(crate) fn failed(&self, at: u64) {
        self.lock().ended(Ended::Failed, at);
    }

    /// What is normal; `None` as long as the baseline does not stand.
    pub(crate) fn normal(&self) -> Option<Normal> {
        let normal = self.seen_so_far();
        (normal.results >= self.after).then_some(normal)
    }

    /// The figures of the baseline, whether it stands or not.
    pub(crate) fn seen_so_far(&self) -> Normal {
        self.lock().all.baseline.normal()
    }

    /// The last results.
    pub(crate) fn recent(&self) -> Recent {
        self.lock().all.recent.clone()
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
    /// the others know is known. While the last results are not as usual, what the others know may have changed.
    pub(crate) fn fresh(&self) -> Option<Known> {
        let mut state = self.lock();
        let used = std::mem::take(&mut state.used);
        if !used && state.shared && state.telling.is_blank() && state.all.recent.is_usual() {
            return None;
        }
        let State { fresh, telling, .. } = &mut *state;
        telling.merge(fresh);
        telling.baseline.fade(self.most());
        *fresh = Known::default();
        Some(telling.clone())
    }

    /// Everything that is known.
    pub(crate) fn all(&self) -> Known {
        self.lock().all.clone()
    }

    /// Takes over what all know together, which includes what [`fresh`](Self::fresh) gave out.
    pub(crate) fn settle(&self, mut sum: Known) {
        let mut state = self.lock();
        sum.merge(&state.fresh);
        state.telling = Known::default();
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
    fn ended(&mut self, ended: Ended, at: u64) {
        self.used = true;
        self.all.recent.add(ended, at);
        self.fresh.recent.add(ended, at);
    }

    fn judge(&mut self, seen: &Seen, after: u64) -> Verdict {
        let Bounds { never_empty, rows, bytes, micros } = self.bounds;
        let mut verdict = Verdict::default();
        if seen.empty {
            let (results, empties) = (self.all.baseline.results(), self.all.baseline.empties());
            verdict.rare = never_empty || self.runs.is_off(results, empties);
            let never_anything = results == empties && (NEVER_ANYTHING..after).contains(&(results + 1));
            verdict.content = (verdict.rare || never_anything).then_some(Deviation::Empty);
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
        let results = self.all.baseline.results();
        // One empty result among few is no share: runs of them are judged by what is known of their share.
        let steady = if seen.empty { after } else { STEADY.max(after) };
        let exception = verdict.rare && self.last.rare.0 == 0 && results >= steady;
        self.last.rare.push(verdict.rare);
        let lasts = seen.empty && self.runs.streak() >= LASTING;
        let weight = if verdict.rare && !exception && !lasts { LITTLE } else { FULL };
        let [ordinary, off] = &mut self.room;
        let room = if verdict.is_off() { off } else { ordinary };
        let all_in = !verdict.is_off() && results < GROWN.max(after);
        let is_learned = *room > 0 || all_in;
        self.runs.push(seen.empty, seen.empty && verdict.rare, is_learned && weight == FULL);
        if !is_learned {
            return;
        }
        *room = room.saturating_sub(1);
        self.all.baseline.add(seen, weight);
        self.fresh.baseline.add(seen, weight);
        self.until_redrawn = self.until_redrawn.saturating_sub(1);
        if self.until_redrawn == 0 || (results < after && self.all.baseline.results() >= after) {
            self.all.baseline.fade(most(after));
            self.fresh.baseline.fade(most(after));
            self.redraw(after);
        }
    }

    fn redraw(&mut self, after: u64) {
        self.bounds = Bounds::of(&self.all.baseline, after);
        // Each result moves a young baseline by much.
        self.until_redrawn = REDRAWN.min(self.all.baseline.results() / 8 + 1);
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
mod tests;
