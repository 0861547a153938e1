//! Search terms: what of a client's values stands in a text that is about to be written, and what is said in its place.
//!
//! The text is short and the values may be long, so the text is indexed and the values are streamed by. Only those that
//! the index cannot rule out become terms. Work and memory are bounded: what cannot be searched within the bound is
//! withheld as a whole.

use std::borrow::Cow;
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use serde_json::Value;

use super::index::TextIndex;

/// How many terms one search may have.
const MOST: usize = 512;
/// How many values and words one search may look at.
const LOOKS: usize = 200_000;
/// How many words of one value are looked at.
const WORDS: usize = 256;
/// The bytes of a longer text by which it is found: what repeats it often cuts it short.
const HEAD: usize = 48;
/// Bytes of a value that are looked for: more than a text that is searched may have.
const VALUE: usize = 20 * 1024;
/// Bytes from which a text is looked for inside of words too.
const LONG: usize = 8;
/// What stands in the place of a text that holds more values than are looked for.
const WITHHELD: &str = "[withheld: it cannot be told apart from the arguments of the call]";

/// The terms of one search.
#[derive(Debug)]
pub(super) enum Terms {
    /// Nothing that was sent can stand in the text.
    None,
    /// These may.
    Some(Found),
    /// Too many may: the text is not written.
    TooMany,
}

/// What finds the terms in the text.
#[derive(Debug)]
pub(super) struct Found {
    finder: AhoCorasick,
    meant: Vec<Meant>,
}

/// What was found.
#[derive(Debug)]
struct Meant {
    /// What is said in its place.
    label: String,
    /// How it goes on.
    rest: String,
    stands: Stands,
}

/// Where a text counts as what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    /// Anywhere.
    Anywhere,
    /// As a word.
    Alone,
    /// As a word that is quoted, or what a sentence ends in: a word of everyday.
    Quoted,
}

/// Gathers the terms of one search.
pub(super) struct Gathered<'a> {
    index: &'a TextIndex,
    texts: Vec<String>,
    meant: Vec<Meant>,
    looks: usize,
    is_over: bool,
}

impl<'a> Gathered<'a> {
    /// Gathers what may stand in texts.
    pub(super) fn new(index: &'a TextIndex) -> Self {
        Self { index, texts: Vec::new(), meant: Vec::new(), looks: 0, is_over: false }
    }

    /// Whether the bound is reached: no more need be added.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Adds a text, and the forms in which programs repeat it, where they may stand in what is searched.
    pub(super) fn add(&mut self, text: &str, label: impl Fn() -> String) {
        if !self.may_look() {
            return;
        }
        let text = text.trim();
        let text = text.get(..text.floor_char_boundary(VALUE)).unwrap_or_default();
        let head = text.get(..text.floor_char_boundary(HEAD)).unwrap_or_default();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if head.bytes().all(is_plain) && text.len() <= HEAD {
            // Most values: they have one form, and no words in them.
            if self.index.may_hold(head) {
                self.push(text.to_owned(), &label(), Stands::of(text));
            }
            return;
        }
        let forms: [fn(&str) -> String; 4] = [str::to_owned, debugged, in_json, in_url];
        for form in forms {
            if self.index.may_hold(&form(head)) {
                let form = form(text);
                if !self.texts.contains(&form) {
                    let stands = Stands::of(&form);
                    self.push(form, &label(), stands);
                }
            }
        }
        self.add_words(text, label);
    }

    /// Adds the words of a text, which are said of themselves: one that was looked for, or that was not understood.
    fn add_words(&mut self, text: &str, label: impl Fn() -> String) {
        let words = text.split(|c: char| c.is_whitespace() || ",;:\"'`()<>[]{}=|".contains(c));
        let words = words.filter(|word| word.len() >= 4 && word.len() < text.len() && !is_number(word));
        for word in words.take(WORDS) {
            if !self.may_look() {
                return;
            }
            if self.index.may_hold(word) {
                let stands = if word.chars().all(char::is_alphabetic) { Stands::Quoted } else { Stands::of(word) };
                self.push(word.to_owned(), &label(), stands);
            }
        }
    }

    fn may_look(&mut self) -> bool {
        self.looks += 1;
        self.is_over |= self.looks > LOOKS;
        !self.is_over
    }

    fn push(&mut self, mut text: String, label: &str, stands: Stands) {
        if text.is_empty() {
            return;
        }
        if self.texts.len() >= MOST {
            self.is_over = true;
            return;
        }
        let rest =
            if text.len() > HEAD + LONG { text.split_off(text.floor_char_boundary(HEAD)) } else { String::new() };
        self.texts.push(text);
        self.meant.push(Meant { label: label.to_owned(), rest, stands });
    }

    /// What finds them.
    pub(super) fn terms(self) -> Terms {
        if self.is_over {
            return Terms::TooMany;
        }
        if self.texts.is_empty() {
            return Terms::None;
        }
        let mut builder = AhoCorasick::builder();
        builder.match_kind(MatchKind::LeftmostLongest).ascii_case_insensitive(true);
        match builder.build(&self.texts) {
            Ok(finder) => Terms::Some(Found { finder, meant: self.meant }),
            Err(_) => Terms::TooMany,
        }
    }
}

impl Stands {
    fn of(form: &str) -> Self {
        if form.len() < LONG { Self::Alone } else { Self::Anywhere }
    }
}

impl Terms {
    /// Whether any of them stands in a text.
    pub(super) fn stand_in(&self, text: &str) -> bool {
        match self {
            Self::None => false,
            Self::Some(found) => found.found(text).next().is_some(),
            Self::TooMany => true,
        }
    }

    /// The text, with a word on what it was in the place of each.
    pub(super) fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self {
            Self::None => Cow::Borrowed(text),
            Self::Some(found) => found.scrub(text),
            Self::TooMany => Cow::Owned(WITHHELD.to_owned()),
        }
    }
}

impl Found {
    fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut clean = String::new();
        let mut from = 0;
        for (range, meant) in self.found(text) {
            // One that goes on over the beginning of the next takes that one with it.
            let Some(before) = text.get(from..range.start.max(from)) else { continue };
            if range.end <= from {
                continue;
            }
            clean.push_str(before);
            clean.push_str(&meant.label);
            from = range.end;
        }
        if from == 0 {
            return Cow::Borrowed(text);
        }
        clean.push_str(text.get(from..).unwrap_or_default());
        Cow::Owned(clean)
    }

    fn found<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (Range<usize>, &'a Meant)> {
        self.finder.find_iter(text).filter_map(move |found| {
            let meant = self.meant.get(found.pattern().as_usize())?;
            let (before, after) = (text.get(..found.start())?, text.get(found.end()..)?);
            let is_word = || !ends_in_word(before) && !after.starts_with(char::is_alphanumeric);
            let counts = match meant.stands {
                Stands::Anywhere => true,
                Stands::Alone => is_word(),
                Stands::Quoted => is_word() && is_introduced(before),
            };
            if !counts {
                return None;
            }
            let goes_on = meant.rest.chars().zip(after.chars()).take_while(|(one, other)| one == other);
            let more: usize = goes_on.map(|(one, _)| one.len_utf8()).sum();
            Some((found.start()..found.end() + more, meant))
        })
    }
}

/// The text as Rust shows it.
fn debugged(text: &str) -> String {
    unquoted(&format!("{text:?}"))
}

/// The text within a JSON string.
fn in_json(text: &str) -> String {
    unquoted(&Value::from(text).to_string())
}

/// A text without the quotes around it.
fn unquoted(text: &str) -> String {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text).to_owned()
}

/// Whether a text ends in a word; an escape or a colour is none.
fn ends_in_word(text: &str) -> bool {
    let is_escape = ["\\n", "\\r", "\\t"].iter().any(|escape| text.ends_with(escape));
    let is_colour = text
        .strip_suffix('m')
        .is_some_and(|text| text.trim_end_matches(|c: char| c.is_ascii_digit() || c == ';').ends_with("\u{1b}["));
    text.ends_with(char::is_alphanumeric) && !is_escape && !is_colour
}

/// Whether what follows a text is a name or a value.
fn is_introduced(text: &str) -> bool {
    text.trim_end().ends_with([':', '=']) || text.ends_with(['"', '\'', '`', '(', '<', '«', '“', '‘'])
}

/// Whether a text is a small number, of which every log is full.
pub(super) fn is_number(text: &str) -> bool {
    text.len() < 6 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b':'))
}

/// The text as a part of a URL (RFC 3986 section 2.1).
fn in_url(text: &str) -> String {
    let mut url = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push('%');
            for half in [byte >> 4, byte & 15] {
                url.extend(char::from_digit(u32::from(half), 16).map(|digit| digit.to_ascii_uppercase()));
            }
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(values: &[&str], text: &str) -> Terms {
        let mut index = TextIndex::new();
        index.add(text);
        let mut gathered = Gathered::new(&index);
        for value in values {
            gathered.add(value, || "[x]".to_owned());
        }
        gathered.terms()
    }

    fn scrub(values: &[&str], text: &str) -> String {
        terms(values, text).scrub(text).into_owned()
    }

    /// However many values there are: those that do not stand in the text become no terms.
    #[test]
    fn the_values_are_not_indexed() {
        let values: Vec<String> = (0..40_000).map(|number| format!("{number:x}-{}", number * 7919)).collect();
        let values: Vec<&str> = values.iter().map(String::as_str).chain(["the needle"]).collect();
        let text = "no such column: \"the needle\"";
        let Terms::Some(found) = terms(&values, text) else { panic!("one of them is there") };
        assert!(found.meant.len() < 20, "{}", found.meant.len());
        assert_eq!(scrub(&values, text), "no such column: \"[x]\"");
    }

    /// A sender who makes values of whatever the text can hold gets no text, and costs no more than others.
    #[test]
    fn a_text_with_too_many_values_is_withheld() {
        let text = "abcdefghijklmnopqrstuvwxyz".repeat(40);
        let values: Vec<String> = (0..1000).map(|at| text[at..at + 12 + at % 9].to_owned()).collect();
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        assert_eq!(scrub(&values, &text), WITHHELD);
    }

    #[test]
    fn a_value_is_found_in_every_form_that_programs_give_it() {
        let value = "it's \"no\"\nid";
        for form in [value.to_owned(), format!("{value:?}"), serde_json::to_string(value).unwrap(), in_url(value)] {
            assert!(!scrub(&[value], &format!("bad input {form}!")).contains("id"), "{form}");
        }
        assert_eq!(scrub(&["A0EEBC99-9C0B"], "invalid uuid: a0eebc99-9c0b"), "invalid uuid: [x]");
    }

    #[test]
    fn a_value_that_was_cut_short_is_found_too() {
        let long = "canary ".repeat(40);
        let text = scrub(&[&long], &format!("value '{}…' is too long", &long[..100]));
        assert_eq!(text, "value '[x]…' is too long");
    }

    #[test]
    fn what_identifies_is_found_without_its_sentence() {
        assert_eq!(scrub(&["find joe@example and X-1234"], "no such column: X-1234"), "no such column: [x]");
        assert_eq!(scrub(&["connection lost"], "the connection is lost"), "the connection is lost");
        assert_eq!(scrub(&["where Roe lives"], "near \"lives\": where"), "near \"[x]\": [x]");
    }

    #[test]
    fn a_short_value_is_no_part_of_a_word() {
        assert_eq!(
            scrub(&["open"], "reopened, opening, open; \"open\" a\\nopen"),
            "reopened, opening, [x]; \"[x]\" a\\n[x]"
        );
        assert_eq!(scrub(&["größe"], "die größe, größer"), "die [x], größer");
    }
}
