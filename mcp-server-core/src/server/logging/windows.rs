//! Windows: how many equal lines there were in the last minute, for a bounded number of kinds of lines.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;
use tracing::Metadata;

/// Time within which equal lines are counted, from the first one on.
pub(super) const LENGTH: Duration = Duration::from_mins(1);
/// Kinds of lines that are told apart at most.
const KINDS: usize = 256;
/// Calls that are named at most where their lines were left out.
const REFERENCES: usize = 64;

/// A line that was logged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    /// Equal for equal lines.
    pub(super) key: u64,
    /// Where it comes from.
    pub(super) metadata: &'static Metadata<'static>,
    /// The call that it is about.
    pub(super) reference: Option<&'a str>,
}

/// What becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is written.
    Write,
    /// It is counted.
    LeaveOut,
    /// It would be the first one that is left out, and has to come again with what it says.
    Unnamed,
}

/// Equal lines that were not written.
#[derive(Debug)]
pub(super) struct LeftOut {
    /// How many.
    pub(super) lines: u64,
    /// Where they come from.
    pub(super) metadata: &'static Metadata<'static>,
    /// What they say.
    pub(super) like: String,
    /// The first of the calls that they are about.
    pub(super) references: Vec<String>,
    /// Since when they were counted.
    pub(super) since: Instant,
}

/// What is to be told.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Equal lines, by their kind.
    pub(super) kinds: Vec<LeftOut>,
    /// Lines of more kinds than are told apart.
    pub(super) others: u64,
}

#[derive(Debug)]
struct Window {
    began: Instant,
    written: usize,
    left_out: Option<LeftOut>,
}

/// The windows of all kinds.
#[derive(Debug)]
pub(super) struct Windows {
    most: usize,
    open: HashMap<u64, Window>,
    told: Told,
    news: bool,
    closed: bool,
}

impl Windows {
    /// Writes so many equal lines of each window.
    pub(super) fn new(most: usize) -> Self {
        Self { most, open: HashMap::new(), told: Told::default(), news: false, closed: false }
    }

    /// Judges a line. What it says is needed for the first one that is left out.
    pub(super) fn meet(&mut self, line: Line<'_>, text: Option<String>, now: Instant) -> Verdict {
        if self.closed {
            return Verdict::Write;
        }
        if let Some(window) = self.open.get_mut(&line.key) {
            if !window.is_over(now) {
                return window.meet(line, text, self.most, &mut self.news);
            }
            self.end(line.key);
        }
        if self.open.len() == KINDS
            && let Some(oldest) = self.open.iter().min_by_key(|(_, window)| window.began).map(|(key, _)| *key)
        {
            self.end(oldest);
        }
        self.open.insert(line.key, Window { began: now, written: 1, left_out: None });
        Verdict::Write
    }

    /// Whether the next thing to tell has changed since this was asked.
    pub(super) fn has_news(&mut self) -> bool {
        std::mem::take(&mut self.news)
    }

    /// When there is something to tell next.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        if !self.told.kinds.is_empty() || self.told.others > 0 {
            return Some(now);
        }
        let counting = self.open.values().filter(|window| window.left_out.is_some());
        counting.map(|window| window.began + LENGTH).min()
    }

    /// Ends what is over, and gives out what is to be told.
    pub(super) fn take(&mut self, now: Instant) -> Told {
        let over: Vec<u64> = self.open.iter().filter(|(_, window)| window.is_over(now)).map(|(key, _)| *key).collect();
        for key in over {
            self.end(key);
        }
        std::mem::take(&mut self.told)
    }

    /// Ends everything. From now on every line is written, for nobody would tell of it.
    pub(super) fn close(&mut self) -> Told {
        self.closed = true;
        let left_out = self.open.drain().filter_map(|(_, window)| window.left_out);
        self.told.kinds.extend(left_out);
        std::mem::take(&mut self.told)
    }

    fn end(&mut self, key: u64) {
        let Some(left_out) = self.open.remove(&key).and_then(|window| window.left_out) else { return };
        self.news = true;
        if self.told.kinds.len() < KINDS {
            self.told.kinds.push(left_out);
        } else {
            self.told.others += left_out.lines;
        }
    }
}

impl Window {
    fn is_over(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.began) >= LENGTH
    }

    fn meet(&mut self, line: Line<'_>, text: Option<String>, most: usize, news: &mut bool) -> Verdict {
        if self.written < most {
            self.written += 1;
            return Verdict::Write;
        }
        let left_out = match (&mut self.left_out, text) {
            (Some(left_out), _) => left_out,
            (None, None) => return Verdict::Unnamed,
            (none @ None, Some(text)) => {
                *news = true;
                none.insert(LeftOut {
                    lines: 0,
                    metadata: line.metadata,
                    like: text,
                    references: Vec::new(),
                    since: self.began,
                })
            }
        };
        left_out.lines += 1;
        if let (Some(reference), true) = (line.reference, left_out.references.len() < REFERENCES) {
            left_out.references.push(reference.to_owned());
        }
        Verdict::LeaveOut
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata() -> &'static Metadata<'static> {
        let callsite = tracing::callsite!(
            name: "line",
            kind: tracing::metadata::Kind::EVENT,
            target: "author",
            level: tracing::Level::WARN,
            fields: message
        );
        tracing::callsite::Callsite::metadata(callsite)
    }

    fn line(key: u64, reference: Option<&str>) -> Line<'_> {
        Line { key, metadata: metadata(), reference }
    }

    /// Judges a line that says so, as often as it has to be judged.
    fn meet(windows: &mut Windows, line: Line<'_>, now: Instant) -> bool {
        let verdict = match windows.meet(line, None, now) {
            Verdict::Unnamed => windows.meet(line, Some("it is down".to_owned()), now),
            verdict => verdict,
        };
        verdict == Verdict::Write
    }

    fn written(windows: &mut Windows, lines: usize, now: Instant) -> usize {
        (0..lines).filter(|_| meet(windows, line(1, None), now)).count()
    }

    #[test]
    fn every_line_is_either_written_or_in_a_count() {
        let mut windows = Windows::new(5);
        let began = Instant::now();
        assert_eq!(written(&mut windows, 10_000, began), 5);
        assert_eq!(windows.due(began), Some(began + LENGTH));
        assert!(windows.take(began).kinds.is_empty(), "the minute goes on");
        let told = windows.take(began + LENGTH);
        assert_eq!((told.kinds.len(), told.kinds[0].lines, told.kinds[0].like.as_str()), (1, 9_995, "it is down"));
        assert_eq!(windows.due(began + LENGTH), None);
        assert!(windows.open.is_empty());
    }

    #[test]
    fn a_new_minute_writes_again_and_loses_no_count() {
        let mut windows = Windows::new(5);
        let began = Instant::now();
        assert_eq!(written(&mut windows, 8, began), 5);
        let next = began + LENGTH;
        // Nobody has taken the count yet.
        assert_eq!(written(&mut windows, 7, next), 5);
        assert!(windows.has_news());
        assert_eq!(windows.due(next), Some(next));
        assert_eq!(windows.take(next).kinds[0].lines, 3);
        assert_eq!(windows.take(next + LENGTH).kinds[0].lines, 2);
    }

    #[test]
    fn lines_that_are_not_many_have_no_count() {
        let mut windows = Windows::new(5);
        let began = Instant::now();
        assert_eq!(written(&mut windows, 5, began), 5);
        assert_eq!(windows.due(began), None);
        assert!(windows.take(began + LENGTH).kinds.is_empty() && !windows.has_news());
    }

    #[test]
    fn kinds_are_bounded_and_the_oldest_goes_first_with_its_count() {
        let mut windows = Windows::new(1);
        let began = Instant::now();
        for key in 0..KINDS as u64 * 3 {
            let now = began + Duration::from_millis(key);
            assert!(meet(&mut windows, line(key, None), now) && !meet(&mut windows, line(key, None), now));
        }
        assert_eq!((windows.open.len(), windows.told.kinds.len()), (KINDS, KINDS));
        assert!(!windows.open.contains_key(&0) && windows.open.contains_key(&(KINDS as u64 * 3 - 1)));
        assert_eq!(windows.told.others, KINDS as u64, "what nobody takes is bounded too, and still counted");
        let told = windows.take(began + 2 * LENGTH);
        assert_eq!(told.kinds.iter().map(|kind| kind.lines).sum::<u64>() + told.others, KINDS as u64 * 3);
    }

    #[test]
    fn the_calls_whose_lines_are_missing_are_named_up_to_a_bound() {
        let mut windows = Windows::new(1);
        let now = Instant::now();
        for call in 0..1000 {
            meet(&mut windows, line(1, Some(&call.to_string())), now);
        }
        let told = windows.take(now + LENGTH);
        let references = &told.kinds[0].references;
        assert_eq!((references.len(), references[0].as_str()), (REFERENCES, "1"));
    }

    #[test]
    fn after_the_end_nothing_is_left_out() {
        let mut windows = Windows::new(5);
        let now = Instant::now();
        written(&mut windows, 12, now);
        assert_eq!(windows.close().kinds[0].lines, 7);
        assert_eq!(written(&mut windows, 100, now), 100);
        assert!(windows.close().kinds.is_empty());
    }
}
