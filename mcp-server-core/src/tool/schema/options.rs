//! Options: every way to list the texts that are allowed, as one `enum` of strings.

use serde_json::{Map, Value, json};

use super::description::describe;

/// Turns `const` and `oneOf` into what hosts know: `enum` and `anyOf`.
///
/// The texts of several branches become one list, and what each of them says one description.
pub(super) fn collect(members: &mut Map<String, Value>) {
    constant(members);
    if let Some(branches) = members.shift_remove("oneOf") {
        if members.get_mut("anyOf").is_none() {
            members.insert("anyOf".to_owned(), branches);
        } else {
            let all = members.entry("allOf").or_insert_with(|| json!([]));
            if let Value::Array(all) = all {
                all.push(json!({ "anyOf": branches }));
            }
        }
    }
    let Some(Value::Array(branches)) = members.get_mut("anyOf") else { return };
    let branches = std::mem::take(branches);
    let (texts, mut others): (Vec<Value>, Vec<Value>) = branches.into_iter().partition(is_text);
    if texts.is_empty() || (texts.len() == 1 && !others.is_empty()) {
        others.splice(0..0, texts);
        members.insert("anyOf".to_owned(), others.into());
        return;
    }
    let listed = list(texts);
    if others.is_empty() {
        members.shift_remove("anyOf");
        for (keyword, value) in listed {
            match (keyword.as_str(), value) {
                ("description", Value::String(text)) => describe(members, &text),
                (_, value) => {
                    members.entry(keyword).or_insert(value);
                }
            }
        }
        return;
    }
    others.insert(0, Value::Object(listed));
    members.insert("anyOf".to_owned(), others.into());
}

fn constant(members: &mut Map<String, Value>) {
    if let Some(only) = members.shift_remove("const") {
        let type_ = match &only {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::String(_) => "string",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        members.entry("type").or_insert_with(|| type_.into());
        if !only.is_null() {
            members.entry("enum").or_insert_with(|| json!([only]));
        }
    }
    let texts = |options: &Vec<Value>| !options.is_empty() && options.iter().all(Value::is_string);
    if members.get("enum").and_then(Value::as_array).is_some_and(texts) {
        members.entry("type").or_insert_with(|| "string".into());
    }
}

/// Whether a branch only lists texts.
fn is_text(branch: &Value) -> bool {
    let Some(members) = branch.as_object() else { return false };
    let strings = |options: &Vec<Value>| options.iter().all(Value::is_string);
    members.get("enum").and_then(Value::as_array).is_some_and(strings)
        && members.keys().all(|keyword| {
            matches!(keyword.as_str(), "type" | "enum" | "description" | "title" | "deprecated" | "examples")
        })
}

fn list(branches: Vec<Value>) -> Map<String, Value> {
    let (mut options, mut texts) = (Vec::new(), Vec::new());
    for branch in branches {
        let own: Vec<Value> = branch.get("enum").and_then(Value::as_array).cloned().unwrap_or_default();
        if let Some(text) = branch.get("description").and_then(Value::as_str) {
            let names: Vec<String> = own.iter().filter_map(Value::as_str).map(|option| format!("`{option}`")).collect();
            let is_list = text.starts_with("- `");
            texts.push(if is_list { text.to_owned() } else { format!("- {}: {}", names.join(", "), one_line(text)) });
        }
        for option in own {
            if !options.contains(&option) {
                options.push(option);
            }
        }
    }
    let mut listed = Map::new();
    listed.insert("type".to_owned(), "string".into());
    listed.insert("enum".to_owned(), options.into());
    if !texts.is_empty() {
        listed.insert("description".to_owned(), texts.join("\n").into());
    }
    listed
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
