//! Needles: the texts that are looked for in what is said of a call, and what is said in their place.

use std::borrow::Cow;
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use serde_json::Value;

/// How many are looked for at most.
const MOST: usize = 4096;
/// How many of them may be parts of texts.
const PARTS: usize = 256;
/// The bytes of a longer text by which it is found: what repeats it often cuts it short.
const HEAD: usize = 48;
/// Bytes from which a text is looked for inside of words too.
const LONG: usize = 8;

/// The texts.
#[derive(Debug)]
pub(super) struct Needles {
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

/// Gathers texts.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    texts: Vec<String>,
    meant: Vec<Meant>,
    parts: usize,
}

impl Gathered {
    /// Adds a text, and the forms in which programs repeat it.
    pub(super) fn add(&mut self, text: &str, label: &str) {
        let text = text.trim();
        let mut forms = vec![
            text.to_owned(),
            unquoted(&format!("{text:?}")),
            unquoted(&Value::from(text).to_string()),
            in_url(text),
        ];
        forms.dedup();
        for form in forms {
            let stands = if form.len() < LONG { Stands::Alone } else { Stands::Anywhere };
            self.push(form, label, stands);
        }
        self.add_parts(text, label);
    }

    /// Adds the words of a text, which are said of themselves: one that was looked for, or that was not understood.
    fn add_parts(&mut self, text: &str, label: &str) {
        let words = text.split(|c: char| c.is_whitespace() || ",;:\"'`()<>[]{}=|".contains(c));
        for word in words.filter(|word| word.len() >= 4 && word.len() < text.len() && !is_number(word)) {
            if self.parts == PARTS {
                return;
            }
            self.parts += 1;
            let is_plain = word.chars().all(char::is_alphabetic);
            let stands = match (is_plain, word.len() < LONG) {
                (true, _) => Stands::Quoted,
                (false, true) => Stands::Alone,
                (false, false) => Stands::Anywhere,
            };
            self.push(word.to_owned(), label, stands);
        }
    }

    fn push(&mut self, mut text: String, label: &str, stands: Stands) {
        if self.texts.len() >= MOST || text.is_empty() {
            return;
        }
        let rest =
            if text.len() > HEAD + LONG { text.split_off(text.floor_char_boundary(HEAD)) } else { String::new() };
        self.texts.push(text);
        self.meant.push(Meant { label: label.to_owned(), rest, stands });
    }

    /// What looks for them; nothing if there are none.
    pub(super) fn needles(self) -> Option<Needles> {
        if self.texts.is_empty() {
            return None;
        }
        let mut builder = AhoCorasick::builder();
        builder.match_kind(MatchKind::LeftmostLongest).ascii_case_insensitive(true);
        let finder = builder.build(&self.texts).ok()?;
        Some(Needles { finder, meant: self.meant })
    }
}

impl Needles {
    /// Whether any of them stands in a text.
    pub(super) fn stand_in(&self, text: &str) -> bool {
        self.found(text).next().is_some()
    }

    /// The text, with a word on what it was in the place of each.
    pub(super) fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
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

    fn scrub(values: &[&str], text: &str) -> String {
        let mut gathered = Gathered::default();
        for value in values {
            gathered.add(value, "[x]");
        }
        gathered.needles().unwrap().scrub(text).into_owned()
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
