//! `Accept`: which representations of a response a client reads (RFC 9110 section 12.5.1).

use http::HeaderMap;
use http::header::ACCEPT;
use mediatype::{MediaTypeList, ReadParams as _, names};

/// Returns whether the client reads `text/event-stream`. A request without `Accept` accepts everything.
///
/// All lines of the header count (section 5.3), letter case does not (section 8.3.1), the most specific range decides,
/// and a weight of zero refuses. A range that cannot be read is passed over.
pub(super) fn accepts_events(headers: &HeaderMap) -> bool {
    let mut best: Option<(Specificity, bool)> = None;
    let mut lines = headers.get_all(ACCEPT).iter();
    let Some(first) = lines.next() else { return true };
    // What nearly every client sends: one line without weights that names the type as it is registered.
    if headers.get_all(ACCEPT).iter().nth(1).is_none() && is_plain(first.as_bytes()) {
        return true;
    }
    for line in std::iter::once(first).chain(lines) {
        let Ok(line) = line.to_str() else { continue };
        for range in MediaTypeList::new(line).flatten() {
            let Some(specificity) = Specificity::of(&range) else { continue };
            let accepted = weight(&range) > 0.0;
            best = match best {
                // Of two equal ranges the one that accepts counts.
                Some((other, taken)) if other == specificity => Some((other, taken || accepted)),
                Some((other, taken)) if other > specificity => Some((other, taken)),
                _ => Some((specificity, accepted)),
            };
        }
    }
    best.is_some_and(|(_, accepted)| accepted)
}

fn is_plain(line: &[u8]) -> bool {
    memchr::memchr(b';', line).is_none()
        && line.split(|byte| *byte == b',').any(|range| range.trim_ascii() == b"text/event-stream")
}

/// How closely a range names the media type of an event stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Specificity {
    Anything,
    Text,
    Exact,
}

impl Specificity {
    /// Returns `None` for a range that does not include an event stream.
    fn of(range: &mediatype::MediaType<'_>) -> Option<Self> {
        match (range.ty.as_str(), range.subty.as_str()) {
            ("*", "*") => Some(Self::Anything),
            (ty, "*") if ty.eq_ignore_ascii_case("text") => Some(Self::Text),
            (ty, subty) if ty.eq_ignore_ascii_case("text") && subty.eq_ignore_ascii_case("event-stream") => {
                Some(Self::Exact)
            }
            _ => None,
        }
    }
}

/// The weight of a range: 1 without one, 0 for one that cannot be read.
fn weight(range: &mediatype::MediaType<'_>) -> f32 {
    range.get_param(names::Q).map_or(1.0, |weight| weight.unquoted_str().parse().unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn accepts(lines: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT, HeaderValue::from_str(line).unwrap());
        }
        accepts_events(&headers)
    }

    #[test]
    fn every_way_to_accept_events_is_understood() {
        for lines in [
            &[][..],
            &["application/json, text/event-stream"],
            &["application/json", "text/event-stream"],
            &["APPLICATION/JSON, Text/Event-Stream"],
            &["text/*"],
            &["*/*"],
            &["application/json;q=0.9, */*;q=0.1"],
            &["text/event-stream;q=0.001"],
            &["text/event-stream; charset=utf-8; Q=0.5"],
            &["text/*;q=0, text/event-stream"],
            &["not a range, text/event-stream"],
            &["application/json ,\ttext/event-stream"],
        ] {
            assert!(accepts(lines), "{lines:?}");
        }
    }

    #[test]
    fn every_way_to_refuse_events_is_understood() {
        for lines in [
            &["application/json"][..],
            &[""],
            &["text/html, image/*"],
            &["text/event-stream;q=0"],
            &["text/event-stream; q=0.000, */*"],
            &["text/*;q=0, */*"],
            &["text/event-streams"],
            &["application/text/event-stream"],
            &["application/json; profile=\"text/event-stream\""],
        ] {
            assert!(!accepts(lines), "{lines:?}");
        }
    }
}
