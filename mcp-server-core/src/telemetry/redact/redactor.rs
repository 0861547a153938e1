//! The redactor: text without credentials and personal data.

use std::borrow::Cow;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;

use super::hint::Hints;
use super::pattern::{Pattern, names, patterns};

/// The least length of a secret of the configuration that is looked for by its text: shorter ones are parts of words.
const LEAST: usize = 6;

/// Takes credentials, known secrets and personal data out of text.
#[derive(Debug)]
pub(crate) struct Redactor {
    is_personal: bool,
    /// Made when they are first needed: that takes milliseconds, and a server over stdio is waited for.
    patterns: OnceLock<Vec<Pattern>>,
    names: OnceLock<Option<Regex>>,
    /// What tells at a glance that none of them is there: most text has none.
    hints: Hints,
    known: Option<AhoCorasick>,
}

impl Redactor {
    /// Looks for credentials, for these secrets, and for personal data if that is wanted.
    pub(crate) fn new(is_personal: bool, known: &[String]) -> Self {
        let known: Vec<&String> = known.iter().filter(|secret| secret.len() >= LEAST).collect();
        let known = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&known).ok();
        let known = known.filter(|known| known.patterns_len() > 0);
        let (patterns, names) = (OnceLock::new(), OnceLock::new());
        Self { is_personal, patterns, names, hints: Hints::new(is_personal), known }
    }

    /// Whether a text may hold something that has to be taken out.
    pub(super) fn suspects(&self, text: &str) -> bool {
        self.hints.are_in(text) || self.known.as_ref().is_some_and(|known| known.is_match(text))
    }

    /// Whether a field of this name holds a credential, whatever it looks like.
    pub(super) fn is_credential(&self, name: &str) -> bool {
        self.names.get_or_init(names).as_ref().is_some_and(|names| names.is_match(name))
    }

    /// The text, with `[redacted:KIND]` in the place of what was taken out.
    pub(crate) fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if !self.suspects(text) {
            return Cow::Borrowed(text);
        }
        let mut clean = match &self.known {
            Some(known) => Cow::Owned(known.replace_all(text, &vec!["[redacted:secret]"; known.patterns_len()])),
            None => Cow::Borrowed(text),
        };
        for pattern in self.patterns.get_or_init(|| patterns(self.is_personal)) {
            if let Some(cleaner) = pattern.clean(&clean) {
                clean = Cow::Owned(cleaner);
            }
        }
        clean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(text: &str) -> String {
        Redactor::new(true, &["correct-horse-battery".to_owned()]).text(text).into_owned()
    }

    #[test]
    fn credentials_are_taken_out_wherever_they_stand() {
        let pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----";
        for (kind, secret) in [
            ("aws", "AKIAIOSFODNN7EXAMPLE"),
            ("github", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"),
            ("github", "github_pat_11ABCDEFG0123456789_abcdefghijklmnop"),
            ("gitlab", "glpat-ABCdef0123456789_-xyz"),
            ("slack", "xoxb-1234567890-abcdefghij"),
            ("stripe", concat!("sk_", "live_4eC39HqLyjWDarjtT1zdp7dc")),
            ("openai", "sk-proj-abcdefghijklmnopqrstuvwx0123"),
            ("anthropic", "sk-ant-api03-abcdefghijklmnopqrstuvwx"),
            ("google", "AIzaSyA1234567890abcdefghijklmnopqrstuv"),
            ("jwt", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"),
            ("private-key", pem),
            ("secret", "correct-horse-battery"),
        ] {
            for (before, after) in
                [("", ""), ("it said: ", "."), ("(", ")"), ("\u{1b}[2m=\u{1b}[0m\"", "\""), ("\\n", "\\n")]
            {
                let text = clean(&format!("{before}{secret}{after}"));
                assert_eq!(text, format!("{before}[redacted:{kind}]{after}"), "{secret}");
            }
        }
    }

    #[test]
    fn what_stands_around_a_credential_stays() {
        for (text, expected) in [
            ("postgres://app:hunter2@db.example.org/x", "postgres://app:[redacted:password]@db.example.org/x"),
            ("Authorization: Bearer abcdef0123456789", "Authorization: Bearer [redacted:bearer]"),
            ("Authorization: Basic YWxhZGRpbjpvcGVuc2VzYW1l=", "Authorization: Basic [redacted:basic]"),
            ("https://x.example/?api_key=0123abcd&page=2", "https://x.example/?api_key=[redacted:password]&page=2"),
            ("login password=\"two words\" user=\"joe\"", "login password=\"[redacted:password]\" user=\"joe\""),
            (
                "{\\\"password\\\":\\\"hunter2\\\",\\\"a\\\":1}",
                "{\\\"password\\\":\\\"[redacted:password]\\\",\\\"a\\\":1}",
            ),
            ("got token=\"tok-1\" there", "got token=\"[redacted:token]\" there"),
        ] {
            assert_eq!(clean(text), expected);
        }
    }

    #[test]
    fn personal_data_is_taken_out_where_that_is_wanted() {
        let text = "joe@example.org, 4111 1111 1111 1111, DE89 3704 0044 0532 0130 00, 219-09-9999, +49 30 1234567";
        let expected = "[redacted:email], [redacted:card], [redacted:iban], [redacted:ssn], [redacted:phone]";
        assert_eq!(clean(text), expected);
        assert_eq!(Redactor::new(false, &[]).text(text), text);
    }

    #[test]
    fn what_only_looks_alike_stays() {
        for text in [
            "2026-11-21T13:54:12.123456Z  INFO mcp_server: listening address=127.0.0.1:8080",
            "a bearer token is needed: bearer authentication is required",
            "password: must be at least 12 characters; the secret of `a` is too short",
            "trace 0af7651916cd43dd8448eb211c80319c span b7ad6b7169203331 took 1763733252123456789 ns",
            "task-0123456789abcdef0123 desk-aaaaaaaaaaaaaaaaaaaaaaaa global-configuration-of-the-server",
            "id 550e8400-e29b-41d4-a716-446655440000, 123456789, +12 and 1e+10, next_page_token is absent",
            "user@localhost, http://127.0.0.1:9000/path, sqlite:///var/lib/x.db, redis://cache:6379/0",
            "http://127.0.0.1:9000/#token=abcdefgh0123",
        ] {
            assert_eq!(clean(text), text);
        }
    }
}
