//! Patterns: what looks like a credential, and what looks like personal data.
//!
//! They are made for text as people and formatters write it: before what is looked for may stand an escape such as `\n`
//! or the end of a colour, of which nothing may be swallowed. Whoever adds one adds to the [hints](super::hint) too.

use regex::{Captures, Regex};

use super::proof;

/// The words that say of a value that it is a credential.
const NAMES: &str = concat!(
    r"(?:passw(?:or)?d|pwd|passphrase|(?:client|shared)[_.-]?secret|secret[_.-]?(?:access[_.-]?)?key|api[_.-]?key",
    r"|private[_.-]?key|(?:access|refresh|auth|api|id|session|bearer)[_.-]?token)"
);

/// Something to look for.
#[derive(Debug)]
pub(super) struct Pattern {
    /// What is said in its place.
    kind: &'static str,
    regex: Regex,
    /// Whether what was found is it.
    proof: fn(&str) -> bool,
}

struct Looks {
    kind: &'static str,
    like: String,
    proof: fn(&str) -> bool,
}

/// Something whose beginning is plain enough.
fn plain(kind: &'static str, like: &str) -> Looks {
    Looks { kind, like: like.to_owned(), proof: proof::any }
}

/// Something that begins a word.
fn word(kind: &'static str, like: &str, proof: fn(&str) -> bool) -> Looks {
    Looks { kind, like: format!(r"(?:\x1b\[[0-9;]*m|\\[nrt]|[^0-9A-Za-z]|^)({like})"), proof }
}

/// Credentials, the plainest first: what is taken out is not found again.
fn credentials() -> Vec<Looks> {
    let body = r"(?:[A-Za-z0-9+/=\s:,-]|\\+[nrt])";
    let key = r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----";
    let end = r"-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----";
    let colour = r"(?:\x1b\[[0-9;]*m)*";
    let quoted = r#"[:=]\s*(?:\\+"([^"\\]+)|"((?:[^"\\]|\\.)+)|'([^'\\]+))"#;
    vec![
        plain("private-key", &format!("{key}(?:{body}*?{end}|{body}*)")),
        plain("jwt", r"eyJ[A-Za-z0-9_-]{10,}(?:\.{1,2}[A-Za-z0-9_-]+){1,4}"),
        plain("aws", r"(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}"),
        plain("github", r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}"),
        word(
            "gitlab",
            r"gl(?:pat|ptt|dt|rt|cbt|ft|soat|agent|imt|oas|rtr)-(?:[A-Za-z0-9_-]|\.[A-Za-z0-9]){20,}",
            proof::any,
        ),
        plain("slack", r"xox[abeoprs]-(?:[A-Za-z0-9-]|\.[A-Za-z0-9]){10,}|xapp-[A-Za-z0-9-]{10,}"),
        plain("slack", r"hooks\.slack\.com/(?:services|workflows)/([A-Za-z0-9/+]+)"),
        plain("stripe", r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{20,}"),
        word("anthropic", r"sk-ant-[A-Za-z0-9_-]{20,}", proof::any),
        word("openai", r"sk-[A-Za-z0-9_-]{20,}", proof::any),
        plain("google", r"AIza[0-9A-Za-z_-]{35}|ya29\.[0-9A-Za-z_-]{20,}|GOCSPX-[0-9A-Za-z_-]{20,}"),
        word("registry", r"npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,}|hf_[A-Za-z0-9]{30,}", proof::any),
        plain("password", r#"[a-z0-9+.-]+://[^\s/:@"'\\]*:([^\s/@"'\\\[]+)@"#),
        Looks {
            kind: "bearer",
            like: r"(?i)bearer(?:\s|%20)+([A-Za-z0-9._~+/-]{8,}=*)".to_owned(),
            proof: proof::is_token,
        },
        plain("basic", r"(?i)basic\s+([A-Za-z0-9+/]{12,}=+)"),
        plain("password", &format!(r#"(?i){NAMES}{colour}\\*["']?{colour}\s*{colour}{quoted}"#)),
        plain("password", &format!(r#"(?i){NAMES}{colour}={colour}([^\s"'\\&,;()\[\]{{}}<>\x1b]{{3,}})"#)),
        plain(
            "token",
            &format!(r#"(?i)(?:\x1b\[[0-9;]*m|[^A-Za-z0-9_.-]|^)token{colour}\\*["']?{colour}\s*{colour}{quoted}"#),
        ),
    ]
}

/// Personal data.
fn personal() -> Vec<Looks> {
    let card = r"(?:[0-9]{13,19}|[0-9]{4}(?:[ -][0-9]{4}){3}|[0-9]{4}[ -][0-9]{6}[ -][0-9]{5})\b";
    vec![
        word("email", r"[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}", proof::any),
        word("card", card, proof::is_card),
        word("iban", r"[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b", proof::is_iban),
        word("ssn", r"[0-9]{3}-[0-9]{2}-[0-9]{4}\b", proof::is_social),
        word("phone", r"\+[1-9][0-9]{0,2}(?:[ ./-]?\(?[0-9]{1,5}\)?){2,7}\b", proof::is_phone),
    ]
}

/// Everything that is looked for.
pub(super) fn patterns(is_personal: bool) -> Vec<Pattern> {
    let mut all = credentials();
    if is_personal {
        all.extend(personal());
    }
    let compiled = all
        .into_iter()
        .map(|looks| Regex::new(&looks.like).map(|regex| Pattern { kind: looks.kind, regex, proof: looks.proof }));
    // Each is a constant, and a test compiles them all.
    compiled.filter_map(Result::ok).collect()
}

/// Whether a field of this name holds a credential.
pub(super) fn names() -> Option<Regex> {
    Regex::new(&format!(r"(?i)(?:{NAMES}|^token)$")).ok()
}

impl Pattern {
    /// The text without what was found in it, if anything was.
    pub(super) fn clean(&self, text: &str) -> Option<String> {
        let mut clean = String::new();
        let mut from = 0;
        for found in self.regex.captures_iter(text) {
            let Some(range) = found_in(&found) else { continue };
            let (Some(before), Some(value)) = (text.get(from..range.start), text.get(range.clone())) else { continue };
            if !(self.proof)(value) {
                continue;
            }
            clean.push_str(before);
            clean.push_str("[redacted:");
            clean.push_str(self.kind);
            clean.push(']');
            from = range.end;
        }
        if from == 0 {
            return None;
        }
        clean.push_str(text.get(from..).unwrap_or_default());
        Some(clean)
    }
}

/// Where the value itself stands.
fn found_in(found: &Captures<'_>) -> Option<std::ops::Range<usize>> {
    found.iter().skip(1).flatten().next().or_else(|| found.get(0)).map(|found| found.range())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert_eq!(patterns(true).len(), credentials().len() + personal().len());
        assert!(names().is_some());
    }
}
