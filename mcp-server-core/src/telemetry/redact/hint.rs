//! Hints: what every text has in which a pattern finds something, and nearly no other text. They are looked for first,
//! since a log has many lines and nearly none of them has a credential.

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// What stands in everything that a pattern for credentials finds, in any case.
const LITERALS: [&str; 67] = [
    "private key",
    "eyj",
    "akia",
    "asia",
    "abia",
    "acca",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "glptt-",
    "gldt-",
    "glrt-",
    "glcbt-",
    "glft-",
    "glsoat-",
    "glagent-",
    "glimt-",
    "gloas-",
    "glrtr-",
    "xox",
    "xapp-",
    "slack.com/",
    "k_live_",
    "k_test_",
    "whsec_",
    "sk-",
    "aiza",
    "ya29.",
    "gocspx-",
    "npm_",
    "pypi-",
    "hf_",
    "bearer",
    "basic",
    "passwd",
    "password",
    "pwd",
    "passphrase",
    "secret",
    "api_key",
    "api-key",
    "api.key",
    "apikey",
    "private_key",
    "private-key",
    "private.key",
    "privatekey",
    "_token",
    "-token",
    ".token",
    "accesstoken",
    "refreshtoken",
    "authtoken",
    "apitoken",
    "idtoken",
    "sessiontoken",
    "bearertoken",
    "token\"",
    "token\\",
    "token'",
    "token:",
    "token=",
    "token\u{1b}",
];

/// Looks for hints.
#[derive(Debug)]
pub(super) struct Hints {
    literals: Option<AhoCorasick>,
    is_personal: bool,
}

impl Hints {
    /// Looks for those of credentials, and for those of personal data if that is wanted.
    pub(super) fn new(is_personal: bool) -> Self {
        // The one that is made fastest but for the one that looks slowest: the first line of a log waits for it.
        let mut builder = AhoCorasick::builder();
        builder.ascii_case_insensitive(true).kind(Some(AhoCorasickKind::ContiguousNFA));
        Self { literals: builder.build(LITERALS).ok(), is_personal }
    }

    /// Whether a text has any.
    pub(super) fn are_in(&self, text: &str) -> bool {
        memchr::memchr(b'@', text.as_bytes()).is_some()
            || self.literals.as_ref().is_none_or(|literals| literals.is_match(text))
            || (self.is_personal && has_number(text.as_bytes()))
    }
}

/// Whether there is something like the number of a card, an account or a phone, or a social security number.
fn has_number(text: &[u8]) -> bool {
    let mut digits = 0;
    let mut last = [0_u8; 3];
    for byte in text {
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                let is_iban = last[0].is_ascii_uppercase() && last[1].is_ascii_uppercase() && last[2].is_ascii_digit();
                if digits >= 9 || last[2] == b'+' || is_iban {
                    return true;
                }
            }
            b' ' | b'-' => {}
            _ => digits = 0,
        }
        last = [last[1], last[2], *byte];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_everyday_has_none() {
        let hints = Hints::new(true);
        for line in [
            "2026-11-21T13:54:12.123456Z  INFO mcp_server: listening address=127.0.0.1:8080",
            r#"{"level":"WARN","target":"mcp_server::tool","name":"search","reference":"pWkXb0m3Qy6vR1sT"}"#,
        ] {
            assert!(!hints.are_in(line), "{line}");
        }
        for line in ["call +49 30 1234567", "DE89 3704", "219-09-9999", "a@b.cd", "Authorization: BEARER x"] {
            assert!(hints.are_in(line), "{line}");
        }
    }
}
