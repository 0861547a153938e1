//! Log lines: JSON stays JSON, and what its fields hold is read as it was meant.

use std::borrow::Cow;

use serde_json::Value;

use super::needles::Needles;
use super::redactor::Redactor;
use super::values::Values;

/// The members of a line that say where it comes from, and no word of which is a client's.
const FIXED: [&str; 7] = ["timestamp", "level", "target", "call", "reference", "trace_id", "span_id"];

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
                if !FIXED.contains(&name.as_str()) {
                    self.member(name, value, sent);
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

#[cfg(test)]
mod tests {
    use super::*;

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
