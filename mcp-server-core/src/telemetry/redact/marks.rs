//! Marks: which members of a call's arguments are secret, and which words are public, as the schema says.

use std::collections::HashSet;

use serde_json::{Map, Value};

/// What stands in the place of a secret.
pub(super) const SECRET: &str = "[secret]";
/// How many steps a walk through a schema may take that refers to itself in many ways.
const MOST_STEPS: usize = 10_000;

/// What a schema says of the values that it describes.
///
/// Secret is what is declared so, and in a schema of one's own what has `writeOnly: true` or `format: password`. A secret
/// is known by the name of the member that holds it, at any depth: what has the same name elsewhere is hidden too.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks {
    secret: HashSet<String>,
    /// Whether members of any name may be secret.
    all: bool,
    /// The names that the schema has for members.
    names: HashSet<String>,
    /// The values that the schema has itself.
    words: HashSet<String>,
}

impl Marks {
    /// Reads a schema.
    pub(crate) fn of(schema: &Value) -> Self {
        let mut walk = Walk { root: schema, marks: Self::default(), steps: 0, seen: HashSet::new() };
        walk.visit(schema, None);
        walk.marks
    }

    /// Members by their names, and whether each is secret.
    pub(crate) fn named<'a>(members: impl IntoIterator<Item = (&'a str, bool)>) -> Self {
        let mut marks = Self::default();
        for (name, is_secret) in members {
            marks.names.insert(name.to_owned());
            if is_secret {
                marks.secret.insert(name.to_owned());
            }
        }
        marks
    }

    /// Whether a member of this name is secret.
    pub(super) fn is_secret(&self, name: &str) -> bool {
        self.all || self.secret.contains(name)
    }

    /// Whether anything is secret.
    pub(crate) fn has_secrets(&self) -> bool {
        self.all || !self.secret.is_empty()
    }

    /// Whether a member has its name from the schema and not from a client.
    pub(super) fn is_name(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Whether everybody knows a value, for the schema has it.
    pub(super) fn is_public(&self, value: &str) -> bool {
        self.words.contains(value)
    }

    /// Members with `[secret]` in the place of what is.
    pub(crate) fn hide(&self, members: &Map<String, Value>) -> Map<String, Value> {
        let shown = |(name, value): (&String, &Value)| {
            let shown = if self.is_secret(name) { SECRET.into() } else { self.hide_in(value) };
            (name.clone(), shown)
        };
        members.iter().map(shown).collect()
    }

    fn hide_in(&self, value: &Value) -> Value {
        match value {
            Value::Object(members) => Value::Object(self.hide(members)),
            Value::Array(items) => items.iter().map(|item| self.hide_in(item)).collect(),
            other => other.clone(),
        }
    }
}

struct Walk<'a> {
    root: &'a Value,
    marks: Marks,
    steps: usize,
    /// The references that were followed, and under which name.
    seen: HashSet<(&'a str, Option<&'a str>)>,
}

impl<'a> Walk<'a> {
    /// Visits a schema of what stands under a name, or of the whole.
    fn visit(&mut self, schema: &'a Value, under: Option<&'a str>) {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            // What was not looked at may be secret.
            self.marks.all = true;
            return;
        }
        let Some(members) = schema.as_object() else { return };
        let says = |keyword: &str| members.get(keyword);
        if says("writeOnly") == Some(&Value::Bool(true)) || says("format").and_then(Value::as_str) == Some("password") {
            self.marks.all |= under.is_none();
            self.marks.secret.extend(under.map(str::to_owned));
        }
        for value in says("enum").and_then(Value::as_array).into_iter().flatten().chain(says("const")) {
            self.marks.words.extend(value.as_str().map(str::to_owned));
        }
        if let Some(to) = says("$ref").and_then(Value::as_str)
            && self.seen.insert((to, under))
            && let Some(target) = to.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer))
        {
            self.visit(target, under);
        }
        for (name, property) in says("properties").and_then(Value::as_object).into_iter().flatten() {
            self.marks.names.insert(name.clone());
            self.visit(property, Some(name));
        }
        for keyword in
            ["items", "additionalProperties", "contains", "if", "then", "else", "not", "unevaluatedProperties"]
        {
            if let Some(inner) = says(keyword) {
                self.visit(inner, under);
            }
        }
        for keyword in ["allOf", "anyOf", "oneOf", "prefixItems"] {
            for inner in says(keyword).and_then(Value::as_array).into_iter().flatten() {
                self.visit(inner, under);
            }
        }
        for keyword in ["patternProperties", "dependentSchemas"] {
            for inner in says(keyword).and_then(Value::as_object).into_iter().flatten().map(|(_, inner)| inner) {
                self.visit(inner, under);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_is_found_at_any_depth_and_through_references() {
        let schema = json!({
            "type": "object",
            "properties": {
                "user": { "type": "string" },
                "pin": { "type": "integer", "writeOnly": true },
                "accounts": { "type": "array", "items": { "$ref": "#/$defs/Account" } },
                "keys": { "type": "array", "items": { "type": "string", "format": "password" } },
                "status": { "enum": ["open", "closed"] },
            },
            "$defs": {
                "Account": { "type": "object", "properties": {
                    "code": { "anyOf": [{ "$ref": "#/$defs/Code" }, { "type": "null" }] },
                    "inner": { "$ref": "#/$defs/Account" },
                } },
                "Code": { "type": "string", "writeOnly": true },
            },
        });
        let marks = Marks::of(&schema);
        let arguments = json!({
            "user": "joe", "pin": 1234, "keys": ["a", "b"], "status": "open",
            "accounts": [{ "code": "x", "inner": { "code": "y", "user": "ann" } }],
        });
        let expected = json!({
            "user": "joe", "pin": "[secret]", "keys": "[secret]", "status": "open",
            "accounts": [{ "code": "[secret]", "inner": { "code": "[secret]", "user": "ann" } }],
        });
        assert_eq!(Value::Object(marks.hide(arguments.as_object().unwrap())), expected);
        assert!(marks.is_public("open") && !marks.is_public("joe") && marks.is_name("inner"));
    }

    #[test]
    fn a_secret_map_hides_whatever_it_is_keyed_by() {
        let all = Marks::of(&json!({ "type": "object", "additionalProperties": { "format": "password" } }));
        assert!(all.is_secret("anything") && all.has_secrets());
        assert!(!Marks::of(&json!(true)).has_secrets());
    }
}
