//! A difference between two contracts, and what it means for clients that know the earlier one.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

/// What a difference means for a client that was written for the earlier contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Impact {
    /// Something that worked may fail now.
    Breaking,
    /// All that worked works.
    Compatible,
    /// Only words for people and models differ.
    Text,
}

impl fmt::Display for Impact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Breaking => "breaking",
            Self::Compatible => "compatible",
            Self::Text => "text",
        })
    }
}

/// One difference between two contracts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// What it means.
    pub impact: Impact,
    /// Where it is: a JSON pointer into the later contract, or into the earlier one for what is gone.
    pub pointer: String,
    /// What differs, in a sentence.
    pub sentence: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<10}  {}  {}", self.impact, self.pointer, self.sentence)
    }
}

/// The differences, the worst first, and a line that counts them.
pub fn show_differences(differences: &[Difference]) -> String {
    if differences.is_empty() {
        return "no difference\n".to_owned();
    }
    let mut lines = Vec::new();
    let mut counts = Vec::new();
    for impact in [Impact::Breaking, Impact::Compatible, Impact::Text] {
        let before = lines.len();
        lines.extend(differences.iter().filter(|found| found.impact == impact).map(ToString::to_string));
        counts.push(format!("{} {impact}", lines.len() - before));
    }
    lines.push(counts.join(", "));
    lines.join("\n") + "\n"
}

/// Where a comparison stands, and what it has found.
pub(super) struct Found<'a> {
    /// What the place belongs to, such as ``tool `search` ``.
    pub(super) subject: &'a str,
    pub(super) differences: &'a mut Vec<Difference>,
}

impl Found<'_> {
    pub(super) fn add(&mut self, impact: Impact, pointer: &str, what: impl fmt::Display) {
        let sentence = if self.subject.is_empty() { what.to_string() } else { format!("{}: {what}", self.subject) };
        self.differences.push(Difference { impact, pointer: pointer.to_owned(), sentence });
    }

    pub(super) fn breaking(&mut self, pointer: &str, what: impl fmt::Display) {
        self.add(Impact::Breaking, pointer, what);
    }

    pub(super) fn compatible(&mut self, pointer: &str, what: impl fmt::Display) {
        self.add(Impact::Compatible, pointer, what);
    }

    pub(super) fn text(&mut self, pointer: &str, what: impl fmt::Display) {
        self.add(Impact::Text, pointer, what);
    }
}

/// A pointer one step further, escaped as RFC 6901 wants it.
pub(super) fn step(pointer: &str, token: impl fmt::Display) -> String {
    format!("{pointer}/{}", token.to_string().replace('~', "~0").replace('/', "~1"))
}

/// The members of both objects, each once, in the order of their names.
pub(super) fn members(earlier: &Value, later: &Value) -> BTreeSet<String> {
    let names =
        |value: &Value| value.as_object().map(|object| object.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    names(earlier).into_iter().chain(names(later)).collect()
}

/// What became of a member that differs.
pub(super) fn became(before: Option<&Value>, after: Option<&Value>) -> &'static str {
    match (before, after) {
        (None, _) => "is new",
        (_, None) => "is gone",
        _ => "differs",
    }
}
