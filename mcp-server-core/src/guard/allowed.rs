//! Sentences: what a keyword of JSON Schema allows, as a model reads it.

use serde_json::{Map, Value};

/// How many options of an `enum` are listed.
const MOST_OPTIONS: usize = 24;
/// How many characters of a pattern or a constant are shown.
const MOST_TEXT: usize = 200;

/// What a keyword allows, as the rest of a sentence; its neighbours help to say a range as a range.
pub(super) fn sentence(rule: &str, said: &Value, beside: &Map<String, Value>) -> String {
    match rule {
        "type" => types(said),
        "const" => format!("must be {}", shown(said)),
        "enum" => options(said),
        "minimum" | "maximum" => match (beside.get("minimum"), beside.get("maximum")) {
            (Some(least), Some(most)) => format!("must be from {least} to {most}"),
            _ if rule == "minimum" => format!("must be at least {said}"),
            _ => format!("must be at most {said}"),
        },
        "exclusiveMinimum" => format!("must be more than {said}"),
        "exclusiveMaximum" => format!("must be less than {said}"),
        "multipleOf" => format!("must be a multiple of {said}"),
        "minLength" | "maxLength" => counted(beside, "minLength", "maxLength", "character"),
        "minItems" | "maxItems" => counted(beside, "minItems", "maxItems", "item"),
        "minProperties" | "maxProperties" => counted(beside, "minProperties", "maxProperties", "member"),
        "pattern" => format!("must match the pattern {}", shown(said)),
        "format" => format_of(said.as_str().unwrap_or_default()),
        "uniqueItems" => "must not have an item twice".to_owned(),
        _ => format!("must keep the rule `{rule}`"),
    }
}

fn counted(beside: &Map<String, Value>, least: &str, most: &str, what: &str) -> String {
    let plural = |count: &Value| if count.as_u64() == Some(1) { what.to_owned() } else { format!("{what}s") };
    match (beside.get(least), beside.get(most)) {
        (Some(least), Some(most)) if least == most => format!("must have {least} {}", plural(least)),
        (Some(least), Some(most)) => format!("must have {least} to {most} {what}s"),
        (Some(least), None) => format!("must have at least {least} {}", plural(least)),
        (None, Some(most)) => format!("must have at most {most} {}", plural(most)),
        (None, None) => format!("must have another number of {what}s"),
    }
}

fn types(said: &Value) -> String {
    let names: Vec<&str> = match said {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let names: Vec<&str> = names.into_iter().map(with_article).collect();
    format!("must be {}", names.join(" or "))
}

/// The type of a value, with its article.
pub(super) fn type_of(value: &Value) -> &'static str {
    with_article(match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    })
}

fn with_article(name: &str) -> &'static str {
    match name {
        "string" => "a string",
        "integer" => "an integer",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "an array",
        "object" => "an object",
        _ => "null",
    }
}

fn options(said: &Value) -> String {
    let Some(all) = said.as_array() else { return "must be one of the options".to_owned() };
    let mut text = "must be one of ".to_owned();
    for (index, option) in all.iter().take(MOST_OPTIONS).enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        text.push_str(&shown(option));
    }
    if all.len() > MOST_OPTIONS {
        text.push_str(" and more");
    }
    text
}

fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(MOST_TEXT) {
        Some((end, _)) => format!("`{}…`", text.get(..end).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}

/// A format with an example: names such as `date-time` do not say enough.
fn format_of(name: &str) -> String {
    let Some(example) = crate::tool::schema::example(name) else { return format!("must have the format `{name}`") };
    format!("must have the format `{name}`, such as {example}")
}
