//! Log lines: JSON stays JSON, and what its fields hold is read as it was meant.

use std::borrow::Cow;

use serde_json::Value;

use super::needles::Needles;
use super::redactor::Redactor;
use super::values::Values;

/// Characters of a call's reference.
const REFERENCE: usize = 22;

impl Redactor {
    /// A log line without credentials and personal data, and without what the current call was sent.
    pub(crate) fn line<'a>(&self, line: &'a str, sent: Option<&Values>) -> Cow<'a, str> {
        let sent = sent.and_then(Values::needles);
        // What is escaped could be anything; it is rare.
        let suspect = self.suspects(line) || line.contains('\\') || sent.is_some_and(|needles| needles.stand_in(line));
        if !suspect {
            return Cow::Borrowed(line);
        }
        if line.starts_with('{')
            && let Ok(Value::Object(mut members)) = serde_json::from_str(line)
        {
            for (name, value) in &mut members {
                match name.as_str() {
                    // Names that an author chose: a client that sends one as well does not hide it.
                    "target" | "call" => self.member(name, value, None),
                    _ if is_ours(name, value) => {}
                    _ => self.member(name, value, sent),
                }
            }
            let mut clean = Value::Object(members).to_string();
            clean.push('\n');
            return Cow::Owned(clean);
        }
        Cow::Owned(self.sent_text(line, sent).into_owned())
    }

    /// Cleans everything in a value.
    pub(super) fn value(&self, value: &mut Value, sent: Option<&Needles>) {
        match value {
            Value::String(text) => {
                if let Cow::Owned(clean) = self.sent_text(text, sent) {
                    *text = clean;
                }
            }
            Value::Number(number) => {
                let text = number.to_string();
                if let Some(clean) = Some(self.sent_text(&text, sent)).filter(|clean| **clean != text) {
                    *value = Value::String(clean.into_owned());
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item, sent)),
            Value::Object(members) => {
                for (name, member) in members {
                    self.member(name, member, sent);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn member(&self, name: &str, value: &mut Value, sent: Option<&Needles>) {
        if matches!(value, Value::String(_) | Value::Number(_)) && self.is_credential(name) {
            *value = Value::String("[redacted:password]".to_owned());
            return;
        }
        self.value(value, sent);
    }

    fn sent_text<'a>(&self, text: &'a str, sent: Option<&Needles>) -> Cow<'a, str> {
        match sent.map(|needles| needles.scrub(text)) {
            Some(Cow::Owned(scrubbed)) => Cow::Owned(self.text(&scrubbed).into_owned()),
            _ => self.text(text),
        }
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
        let clean = redactor.line(&format!("{line}\n"), None).into_owned();
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
        let clean = redactor.line(&format!("{line}\n"), None).into_owned();
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
            assert!(matches!(redactor.line(line, None), Cow::Borrowed(_)));
        }
        println!("{} bytes: {} ns a line", line.len(), began.elapsed().as_nanos() / 1000);
    }
}
