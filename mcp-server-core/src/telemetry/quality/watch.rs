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
mod tests;
