//! Log lines: JSON stays JSON, and what its fields hold is read as it was meant.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::index::TextIndex;
use super::redactor::Redactor;
use super::terms::{Gathered, Terms};
use super::values::{Values, scrubbed};

/// Characters of a call's reference.
const REFERENCE: usize = 22;

/// Takes what a client sent out of a text.
type Scrub<'s> = &'s dyn for<'t> Fn(&'t str) -> Cow<'t, str>;

impl Redactor {
    /// A log line without credentials and personal data, and without what the clients of these calls sent; with
    /// `only_secrets`, without what of that is secret.
    pub(crate) fn line<'a>(&self, line: &'a str, sent: &[&Values], only_secrets: bool) -> Cow<'a, str> {
        let has_escapes = line.contains('\\');
        let parsed = match serde_json::from_str(line) {
            Ok(Value::Object(members)) if has_escapes && line.starts_with('{') => Some(members),
            _ => None,
        };
        let terms = terms(line, parsed.as_ref(), sent, only_secrets);
        // What is escaped could be anything; it is rare.
        let suspect = self.suspects(line) || has_escapes || terms.stand_in(line);
        if !suspect {
            return Cow::Borrowed(line);
        }
        let scrub: Scrub<'_> = &|text| if sent.is_empty() { Cow::Borrowed(text) } else { scrubbed(&terms, text) };
        let members = parsed.or_else(|| match serde_json::from_str(line) {
            Ok(Value::Object(members)) if line.starts_with('{') => Some(members),
            _ => None,
        });
        let Some(mut members) = members else {
            let mut clean = self.sent_text(line, scrub).into_owned();
            // One that was cut or withheld is a line all the same.
            if line.ends_with('\n') && !clean.ends_with('\n') {
                clean.push('\n');
            }
            return Cow::Owned(clean);
        };
        for (name, value) in &mut members {
            match name.as_str() {
                // Names that an author chose: a client that sends one as well does not hide it.
                "target" | "call" => self.member(name, value, &|text| Cow::Borrowed(text)),
                _ if is_ours(name, value) => {}
                _ => self.member(name, value, scrub),
            }
        }
        let mut clean = Value::Object(members).to_string();
        clean.push('\n');
        Cow::Owned(clean)
    }

    /// Cleans everything in a value.
    pub(super) fn value(&self, value: &mut Value, scrub: Scrub<'_>) {
        match value {
            Value::String(text) => {
                if let Cow::Owned(clean) = self.sent_text(text, scrub) {
                    *text = clean;
                }
            }
            Value::Number(number) => {
                let text = number.to_string();
                if let Some(clean) = Some(self.sent_text(&text, scrub)).filter(|clean| **clean != text) {
                    *value = Value::String(clean.into_owned());
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item, scrub)),
            Value::Object(members) => {
                for (name, member) in members {
                    self.member(name, member, scrub);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn member(&self, name: &str, value: &mut Value, scrub: Scrub<'_>) {
        if matches!(value, Value::String(_) | Value::Number(_)) && self.is_credential(name) {
            *value = Value::String("[redacted:password]".to_owned());
            return;
        }
        self.value(value, scrub);
    }

    fn sent_text<'a>(&self, text: &'a str, scrub: Scrub<'_>) -> Cow<'a, str> {
        match scrub(text) {
            Cow::Owned(scrubbed) => Cow::Owned(self.text(&scrubbed).into_owned()),
            Cow::Borrowed(text) => self.text(text),
        }
    }
}

/// What of these calls may stand in a line: as it is written, and as its members are meant.
fn terms(line: &str, members: Option<&Map<String, Value>>, sent: &[&Values], only_secrets: bool) -> Terms {
    if sent.is_empty() {
        return Terms::None;
    }
    let mut index = TextIndex::new();
    index.add(line);
    for value in members.into_iter().flat_map(Map::values) {
        add(&mut index, value);
    }
    let gathered = sent.iter().fold(Gathered::new(&index), |gathered, sent| sent.gather(gathered, only_secrets));
    gathered.terms()
}

fn add(index: &mut TextIndex, value: &Value) {
    match value {
        Value::String(text) => index.add(text),
        Value::Array(items) => items.iter().for_each(|item| add(index, item)),
        Value::Object(members) => members.values().for_each(|member| add(index, member)),
        _ => {}
    }
}

/// Whether a member is one of those that say where a line comes from, and no word of which is a client's. An author's field
/// may have such a name, too.
fn is_ours(name: &str, value: &Value) -> bool {
    let Value::String(text) = value else { return false };
    let all = |length: usize, is_one: fn(&u8) -> bool| text.len() == length && text.as_bytes().iter().all(is_one);
    match name {
        "timestamp" => all(text.len().min(35), |byte| byte.is_ascii_digit() || b"-:.+TZ".contains(byte)),
        "level" => matches!(text.as_str(), "ERROR" | "WARN" | "INFO" | "DEBUG" | "TRACE"),
        "reference" => all(REFERENCE, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')),
        "trace_id" => all(32, u8::is_ascii_hexdigit),
        "span_id" => all(16, u8::is_ascii_hexdigit),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_named_like_one_of_ours_is_looked_through_as_well() {
        let redactor = Redactor::new(true, &[]);
        let id = "0af7651916cd43dd8448eb211c80319c";
        let line = serde_json::json!({
            "timestamp": "AKIAIOSFODNN7EXAMPLE",
            "level": "said AKIAIOSFODNN7EXAMPLE",
            "reference": "AKIAIOSFODNN7EXAMPLE",
            "call": "AKIAIOSFODNN7EXAMPLE",
            "trace_id": id,
        });
        let clean = redactor.line(&format!("{line}\n"), &[], false).into_owned();
        assert!(!clean.contains("AKIA") && clean.contains(id), "{clean}");
    }

    #[test]
    fn json_stays_json_and_says_what_is_left() {
        let redactor = Redactor::new(true, &[]);
        let line = serde_json::json!({
            "timestamp": "2026-11-21T13:54:12.123456Z",
            "level": "WARN",
            "message": "said \"Bearer abcdef0123456789\"\nAKIAIOSFODNN7EXAMPLE",
            "password": "x y \" z",
            "card": 4_111_111_111_111_111_u64,
            "micros": 1_234_567,
        });
        let clean = redactor.line(&format!("{line}\n"), &[], false).into_owned();
        assert!(clean.ends_with("}\n"));
        let clean: Value = serde_json::from_str(&clean).unwrap();
        assert_eq!(clean["message"], "said \"Bearer [redacted:bearer]\"\n[redacted:aws]");
        assert_eq!((&clean["password"], &clean["card"]), (&"[redacted:password]".into(), &"[redacted:card]".into()));
        assert_eq!(clean["micros"], 1_234_567);
    }

    /// Not a test of speed: it prints what a line costs, for whoever changes the patterns.
    #[test]
    fn a_clean_line_is_not_copied() {
        let redactor = Redactor::new(true, &["a secret of the configuration".to_owned()]);
        let line = concat!(
            r#"{"timestamp":"2026-11-21T13:54:12.123456Z","level":"WARN","target":"mcp_server::call","#,
            r#""message":"call","method":"tools/call","name":"search_tickets","outcome":"failed","kind":"internal","#,
            r#""bytes_in":421,"bytes_out":613,"micros":1523,"revision":"2026-07-28","transport":"http","#,
            r#""reference":"pWkXb0m3Qy6vR1sT","trace_id":"0af7651916cd43dd8448eb211c80319c"}"#,
        );
        let began = std::time::Instant::now();
        for _ in 0..1000 {
            assert!(matches!(redactor.line(line, &[], false), Cow::Borrowed(_)));
        }
        println!("{} bytes: {} ns a line", line.len(), began.elapsed().as_nanos() / 1000);
    }
}
