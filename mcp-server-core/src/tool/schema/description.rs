//! Descriptions: what a schema says in words, and what is added to it.

use serde_json::{Map, Value};

/// Adds a sentence to a description.
pub(super) fn describe(members: &mut Map<String, Value>, text: &str) {
    let before = members.get("description").and_then(Value::as_str).unwrap_or_default();
    if before.contains(text) {
        return;
    }
    let joined = match before.chars().last() {
        None => text.to_owned(),
        Some(_) if text.starts_with("- ") => format!("{before}\n{text}"),
        Some('.' | '!' | '?') => format!("{before} {text}"),
        Some(_) => format!("{before}. {text}"),
    };
    members.insert("description".to_owned(), joined.into());
}
