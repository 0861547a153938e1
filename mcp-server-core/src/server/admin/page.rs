//! The operator page: one file, which carries no data; its script asks for them with the token.

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, X_FRAME_OPTIONS};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const PAGE: &str = include_str!("page.html");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// The page with what a browser may do with it.
#[derive(Debug)]
pub(super) struct Document {
    policy: HeaderValue,
}

impl Document {
    pub(super) fn new() -> Self {
        let policy = HeaderValue::from_str(&policy(PAGE));
        // Digests are visible ASCII; were they not, nothing would run.
        Self { policy: policy.unwrap_or(HeaderValue::from_static("default-src 'none'")) }
    }

    /// The page as an answer.
    pub(super) fn answer(&self) -> Response {
        let headers = [
            (CONTENT_TYPE, HTML),
            (CONTENT_SECURITY_POLICY, self.policy.clone()),
            (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
            (OPENER, HeaderValue::from_static("same-origin")),
        ];
        (headers, PAGE).into_response()
    }
}

/// The one style and the one script of the page run, known by their digests, and nothing else: no other script, no
/// resource from elsewhere, no frame around it (Content Security Policy Level 3).
fn policy(page: &str) -> String {
    let allowed = |tag: &str| {
        let (opens, ends) = (format!("<{tag}>"), format!("</{tag}>"));
        let inside = page.split_once(&opens).and_then(|(_, rest)| rest.split_once(&ends)).map(|(inside, _)| inside);
        format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, inside.unwrap_or_default().as_bytes())))
    };
    format!(
        "default-src 'none'; script-src {}; style-src {}; connect-src 'self'; img-src data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
        allowed("script"),
        allowed("style")
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::telemetry::instruments::{self, label};
    use crate::telemetry::semconv::{attribute, outcome};

    #[test]
    fn the_page_is_whole_in_itself() {
        for tag in ["style", "script"] {
            assert_eq!(PAGE.matches(&format!("<{tag}>")).count(), 1, "{tag}");
            assert_eq!(PAGE.matches(&format!("<{tag}")).count(), 1, "{tag} without attributes");
        }
        // What the policy would stop anyway: attributes that are scripts or styles, and resources from elsewhere.
        for part in [" style=\"", " onclick=", " onload=", " src=\"", "https://", "@import", "innerHTML", "eval("] {
            assert!(!PAGE.contains(part), "{part}");
        }
    }

    /// A name that is misspelt would only be a chart that stays empty.
    #[test]
    fn the_page_reads_what_is_measured() {
        let words = PAGE.split(|character: char| !(character.is_ascii_alphanumeric() || character == '_'));
        let read: BTreeSet<&str> = words.filter(|word| word.starts_with("mcp") && word.contains('_')).collect();
        let measured: BTreeSet<String> = instruments::ALL.iter().map(instruments::Instrument::prometheus).collect();
        assert!(read.len() > 8, "{read:?}");
        for name in read {
            assert!(measured.contains(name), "{name}");
        }
        for name in [label(attribute::TOOL), label(attribute::TOKEN_TYPE)] {
            assert!(PAGE.contains(&format!("\"{name}\"")), "{name}");
        }
        for word in outcome::ALL.iter().filter(|word| **word != outcome::ACCEPTED) {
            assert!(PAGE.contains(&format!("[\"{word}\", ")), "calls that end in {word} are drawn");
        }
    }

    #[test]
    fn a_changed_script_has_another_policy() {
        let page = |script: &str| format!("<style>a{{}}</style><script>{script}</script>");
        assert_ne!(policy(&page("one()")), policy(&page("two()")));
        let empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        assert!(policy(&page("")).contains(&format!("script-src 'sha256-{empty}'")), "the digest of nothing");
    }
}
