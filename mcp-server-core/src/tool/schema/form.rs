//! Forms: the flat part of JSON Schema in which a client can ask its user (client/elicitation, Requested Schema).

use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::derive::schema_for;
use super::description::describe;
use super::gather::gather;
use super::nullable::without_null;
use super::portable::settle;
use super::publish::example;
use super::side::Side;
use crate::protocol::Revision;

/// The formats that a form may name.
const FORMATS: [&str; 4] = ["email", "uri", "date", "date-time"];

/// A form as it can be asked.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    fields: Map<String, Value>,
    required: Vec<String>,
    /// What an answer is held against.
    enforced: Value,
}

impl Form {
    /// The form of a type.
    ///
    /// # Errors
    /// Which field cannot be asked, and what to write instead.
    pub(crate) fn of<T: JsonSchema>() -> Result<Self, String> {
        Self::from_schema(schema_for::<T>())
    }

    /// The form of a schema.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub(crate) fn from_schema(schema: Value) -> Result<Self, String> {
        let root = resolved(&schema, &schema);
        let is_object = root.get("type").and_then(Value::as_str) == Some("object");
        let composed = ["anyOf", "oneOf", "allOf"].iter().any(|keyword| root.get(*keyword).is_some());
        if !is_object
            || composed
            || root.get("additionalProperties").is_some_and(|others| *others != Value::Bool(false))
        {
            return Err("a form is a struct with named fields, and nothing flattened into it".to_owned());
        }
        let required: Vec<String> = root
            .get("required")
            .and_then(Value::as_array)
            .map(|names| names.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            .unwrap_or_default();
        let mut fields = Map::new();
        for (name, property) in root.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let asked = field(resolved(property, &schema)).map_err(|why| format!("the field `{name}` {why}"))?;
            fields.insert(name.clone(), asked);
        }
        let mut enforced = schema;
        settle(&mut enforced, Side::Input);
        gather(&mut enforced);
        Ok(Self { fields, required, enforced })
    }

    /// What an answer is held against.
    pub(crate) fn enforced(&self) -> &Value {
        &self.enforced
    }

    /// An answer without the `null` that some clients send for a field that was left blank.
    pub(crate) fn without_blanks(&self, mut answer: Value) -> Value {
        if let Some(members) = answer.as_object_mut() {
            members.retain(|name, value| !value.is_null() || self.required.contains(name));
        }
        answer
    }

    /// The schema that a client of a revision is sent.
    ///
    /// # Errors
    /// If a field is a choice of several and the client is older than those (2025-11-25).
    pub(crate) fn requested(&self, revision: Revision) -> Result<Value, String> {
        let has_choices = revision >= Revision::V2025_11_25;
        let mut fields = self.fields.clone();
        for (name, field) in &mut fields {
            let Some(members) = field.as_object_mut() else { continue };
            if members.contains_key("items") && !has_choices {
                return Err(format!(
                    "the field `{name}` lets the user choose several, which needs a client of 2025-11-25"
                ));
            }
            if !has_choices && let Some(Value::Array(titled)) = members.shift_remove("oneOf") {
                let part = |part: &str| titled.iter().filter_map(|one| one.get(part).cloned()).collect::<Vec<_>>();
                members.insert("enum".to_owned(), part("const").into());
                members.insert("enumNames".to_owned(), part("title").into());
            }
        }
        let mut schema = json!({ "type": "object", "properties": fields });
        if !self.required.is_empty() {
            schema["required"] = json!(self.required);
        }
        Ok(schema)
    }
}

/// What a reference leads to.
fn resolved<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    let target = schema.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
    target.and_then(|target| root.pointer(target)).unwrap_or(schema)
}

/// One field, in the words of a form.
fn field(property: &Value) -> Result<Value, String> {
    if let Some(mut choice) = options(property) {
        annotate(&mut choice, property, &["title", "description", "default"]);
        if choice.contains_key("enum") {
            // How the revisions before 2025-11-25 give the options their titles.
            annotate(&mut choice, property, &["enumNames"]);
        }
        return Ok(Value::Object(choice));
    }
    let mut plain = property.clone();
    settle(&mut plain, Side::Input);
    without_null(&mut plain);
    let type_ = plain.get("type").and_then(Value::as_str).unwrap_or_default();
    let mut field = Map::new();
    field.insert("type".to_owned(), type_.into());
    match type_ {
        "boolean" => annotate(&mut field, &plain, &["title", "description", "default"]),
        "integer" | "number" => {
            annotate(&mut field, &plain, &["title", "description", "default"]);
            for keyword in ["minimum", "maximum"] {
                if let Some(bound) = plain.get(keyword).filter(|bound| !super::numbers::is_extreme(bound)) {
                    field.insert(keyword.to_owned(), bound.clone());
                }
            }
        }
        "string" => {
            annotate(&mut field, &plain, &["title", "description", "default", "minLength", "maxLength"]);
            let format = plain.get("format").and_then(Value::as_str);
            match format {
                Some(format) if FORMATS.contains(&format) => {
                    field.insert("format".to_owned(), format.into());
                }
                Some(format) => {
                    if let Some(example) = example(format) {
                        describe(&mut field, &format!("Such as {example}."));
                    }
                }
                None => {}
            }
        }
        "array" => {
            let items = property.get("items").and_then(options).ok_or(
                "is a list of free values, and a form can ask only for several of given choices: make its items an enum, \
                 or ask for one text",
            )?;
            annotate(&mut field, property, &["title", "description", "default", "minItems", "maxItems"]);
            let items = match items.get("oneOf") {
                Some(titled) => json!({ "anyOf": titled }),
                None => Value::Object(items),
            };
            field.insert("items".to_owned(), items);
        }
        "object" => return Err("is an object, and a form is flat: move its fields up".to_owned()),
        _ => return Err("is no text, number, truth value or choice: give it one of these types".to_owned()),
    }
    Ok(Value::Object(field))
}

fn annotate(field: &mut Map<String, Value>, from: &Value, keywords: &[&str]) {
    for keyword in keywords {
        if let Some(value) = from.get(*keyword).filter(|value| !value.is_null()) {
            field.insert((*keyword).to_owned(), value.clone());
        }
    }
}

/// A choice of one: its options, with titles where an option says what it means.
fn options(property: &Value) -> Option<Map<String, Value>> {
    let branches = match property.get("oneOf").or_else(|| property.get("anyOf")) {
        Some(Value::Array(branches)) => branches.iter().collect(),
        _ => vec![property],
    };
    let mut listed: Vec<(String, Option<String>)> = Vec::new();
    for branch in branches {
        if branch.get("type").and_then(Value::as_str) == Some("null") {
            continue;
        }
        if branch.get("oneOf").is_some() || branch.get("anyOf").is_some() {
            let inner = options(branch)?;
            listed.extend(read(&inner));
            continue;
        }
        let own = branch.get("enum").and_then(Value::as_array).cloned();
        let own = own.or_else(|| branch.get("const").map(|only| vec![only.clone()]))?;
        let is_one = branch.get("const").is_some();
        let title = ["title", "description"].iter().find_map(|keyword| branch.get(*keyword).and_then(Value::as_str));
        for option in own.iter().filter(|option| !option.is_null()) {
            let title = title.filter(|_| is_one).map(|title| title.split_whitespace().collect::<Vec<_>>().join(" "));
            listed.push((option.as_str()?.to_owned(), title));
        }
    }
    if listed.is_empty() {
        return None;
    }
    let mut choice = Map::new();
    choice.insert("type".to_owned(), "string".into());
    if listed.iter().any(|(_, title)| title.is_some()) {
        let titled: Vec<Value> = listed
            .into_iter()
            .map(|(option, title)| {
                let title = title.unwrap_or_else(|| option.clone());
                json!({ "const": option, "title": title })
            })
            .collect();
        choice.insert("oneOf".to_owned(), titled.into());
    } else {
        let names: Vec<Value> = listed.into_iter().map(|(option, _)| option.into()).collect();
        choice.insert("enum".to_owned(), names.into());
    }
    Some(choice)
}

fn read(choice: &Map<String, Value>) -> Vec<(String, Option<String>)> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let titled = choice.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    let titled = titled.filter_map(|one| Some((text(one.get("const"))?, text(one.get("title")))));
    let plain = choice.get("enum").and_then(Value::as_array).into_iter().flatten();
    titled.chain(plain.filter_map(|one| Some((text(Some(one))?, None)))).collect()
}

#[cfg(test)]
mod tests;
