//! Names on the wire: what a tool, a header, a scope or a media type may be called.

/// What is wrong with the name of a tool or a prompt (server/tools, Tool Names).
pub(super) fn item(name: &str) -> Option<String> {
    let count = name.chars().count();
    if count > 128 {
        return Some(format!(
            "a name has at most 128 characters, this one has {count}: write a shorter `name = \"…\"`"
        ));
    }
    let bad = name.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')))?;
    Some(format!(
        "{bad:?} may not stand in a name: write `name = \"…\"` with letters A-Z a-z, digits, `_`, `-` and `.`"
    ))
}

/// What is wrong with the name of a mirrored header: a token of RFC 9110, section 5.6.2.
pub(super) fn header(name: &str) -> Option<String> {
    if name.to_ascii_lowercase().starts_with("mcp-param-") {
        return Some("the client adds `Mcp-Param-` itself: write only what follows it".to_owned());
    }
    let bad = name.chars().find(|c| !(c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(*c)))?;
    Some(format!(
        "{bad:?} may not stand in the name of a header: write letters, digits and `-`, as `header = \"Region\"`"
    ))
}

/// What is wrong with a scope: a scope-token of RFC 6749, section 3.3.
pub(super) fn scope(scope: &str) -> Option<String> {
    if scope.is_empty() {
        return Some("a scope is not empty: write `scopes(\"tickets:read\")`".to_owned());
    }
    if scope.contains(' ') {
        return Some("a scope has no spaces: list several as `scopes(\"a\", \"b\")`".to_owned());
    }
    let bad = scope.chars().find(|c| !c.is_ascii_graphic() || matches!(c, '"' | '\\'))?;
    Some(format!("{bad:?} may not stand in a scope (RFC 6749, section 3.3)"))
}

/// What is wrong with a media type.
pub(super) fn mime(mime: &str) -> Option<String> {
    let essence = mime.split_once(';').map_or(mime, |(essence, _)| essence).trim_end();
    let token =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c));
    let legal = essence.split_once('/').is_some_and(|(kind, subtype)| token(kind) && token(subtype));
    (!legal).then(|| "a media type has the form `type/subtype`: write `mime = \"text/plain\"`".to_owned())
}

/// The formats of JSON Schema that are enforced.
pub(super) const FORMATS: &[&str] = &[
    "date-time",
    "date",
    "time",
    "duration",
    "email",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uuid",
    "uri-template",
    "json-pointer",
    "relative-json-pointer",
    "regex",
];

#[cfg(test)]
mod tests {
    use super::{header, item, mime, scope};

    #[test]
    fn names_are_those_of_the_specification() {
        // F19
        assert_eq!(item("admin.tools-list_2"), None);
        assert_eq!(item(&"a".repeat(128)), None);
        assert!(item(&"a".repeat(129)).is_some());
        for bad in ["two words", "a/b", "größe"] {
            assert!(item(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn headers_are_tokens() {
        // C30
        assert_eq!(header("Region"), None);
        for bad in ["Re gion", "Region:", "Mcp-Param-Region", "Région"] {
            assert!(header(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn scopes_and_media_types() {
        assert_eq!(scope("tickets:read"), None);
        assert!(scope("a b").is_some());
        assert!(scope("a\"b").is_some());
        assert_eq!(mime("text/plain; charset=utf-8"), None);
        assert_eq!(mime("image/svg+xml"), None);
        assert!(mime("text").is_some());
        assert!(mime("text/").is_some());
    }
}
