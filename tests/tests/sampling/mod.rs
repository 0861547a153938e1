//! Values made from a published schema.

use serde_json::{Map, Value, json};

/// Makes values that a schema admits, the same ones from the same seed.
pub(crate) struct Sampler<'a> {
    root: &'a Value,
    state: u64,
    depth: usize,
    /// Texts and names of members that were learned.
    texts: Vec<String>,
    names: Vec<String>,
    /// Patterns, each with a learned text that stood where it is given.
    patterns: Vec<(String, String)>,
}

impl<'a> Sampler<'a> {
    /// Values under the definitions of a schema.
    pub(crate) fn new(root: &'a Value, seed: u64) -> Self {
        Self {
            root,
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            depth: 0,
            texts: Vec::new(),
            names: Vec::new(),
            patterns: Vec::new(),
        }
    }

    /// Learns the texts of a value and the names of its members: about half of those that are made are then of these, and
    /// most of those for which the schema gives a pattern.
    pub(crate) fn learn(&mut self, schema: &Value, value: &Value) {
        self.learn_words(value);
        self.learn_patterns(schema, value);
    }

    fn learn_patterns(&mut self, schema: &Value, value: &Value) {
        let root = self.root;
        if let Some(target) = schema["$ref"].as_str() {
            self.learn_patterns(root.pointer(target.strip_prefix('#').unwrap()).unwrap(), value);
        }
        for keyword in ["anyOf", "allOf"] {
            schema[keyword].as_array().into_iter().flatten().for_each(|part| self.learn_patterns(part, value));
        }
        match value {
            Value::String(text) => {
                if let Some(pattern) = schema["pattern"].as_str() {
                    self.patterns.push((pattern.to_owned(), text.clone()));
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn_patterns(&schema["items"], item)),
            Value::Object(members) => {
                for (name, member) in members {
                    let property = schema["properties"].get(name).unwrap_or(&schema["additionalProperties"]);
                    self.learn_patterns(property, member);
                }
            }
            _ => {}
        }
    }

    fn learn_words(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.texts.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|item| self.learn_words(item)),
            Value::Object(members) => {
                for (name, member) in members {
                    self.names.push(name.clone());
                    self.learn_words(member);
                }
            }
            _ => {}
        }
    }

    /// Below a bound, by xorshift.
    fn below(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }

    /// One of several.
    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    /// A value.
    pub(crate) fn value(&mut self, schema: &Value) -> Value {
        self.depth += 1;
        let value = self.of(schema);
        self.depth -= 1;
        value
    }

    fn of(&mut self, schema: &Value) -> Value {
        if let Some(target) = schema["$ref"].as_str() {
            let root = self.root;
            return self.value(root.pointer(target.strip_prefix('#').unwrap()).unwrap());
        }
        if let Some(options) = schema["enum"].as_array() {
            return self.pick(options);
        }
        let mut own = match schema["type"].as_str() {
            Some("string") => self.text(schema),
            Some("integer") => self.integer(schema),
            Some("number") => self.number(schema),
            Some("boolean") => json!(self.below(2) == 0),
            Some("null") => Value::Null,
            Some("array") => self.list(schema),
            Some("object") => Value::Object(self.object(schema)),
            _ if schema["anyOf"].is_array() || schema["allOf"].is_array() => Value::Null,
            _ => self.pick(&[json!(1), json!("a"), json!(null), json!([true]), json!({"a": {"b": 0.5}})]),
        };
        for part in schema["allOf"].as_array().into_iter().flatten() {
            let more = self.value(part);
            own = joined(own, more);
        }
        if let Some(branches) = schema["anyOf"].as_array() {
            // What is deep ends with the simplest branch.
            let at = if self.depth > 6 { Self::simplest(branches) } else { self.below(branches.len()) };
            let more = self.value(&branches[at].clone());
            own = joined(own, more);
        }
        own
    }

    fn simplest(branches: &[Value]) -> usize {
        let weight = |branch: &Value| (branch.to_string().contains("$ref"), branch.to_string().len());
        (0..branches.len()).min_by_key(|at| weight(&branches[*at])).unwrap_or(0)
    }

    fn text(&mut self, schema: &Value) -> Value {
        // A text that matches a pattern is not easily made.
        let known = self.patterns.iter().filter(|(pattern, _)| schema["pattern"] == pattern.as_str());
        let matching: Vec<String> = known.map(|(_, text)| text.clone()).collect();
        if !matching.is_empty() && self.below(4) > 0 {
            return self.pick(&matching).into();
        }
        if !self.texts.is_empty() && self.below(2) == 0 {
            let texts = self.texts.clone();
            return self.pick(&texts).into();
        }
        if schema["format"] == "date-time" {
            return self.pick(&[json!("2026-11-21T10:00:00Z"), json!("1999-02-28T23:59:59.5+02:00")]);
        }
        // A format that is only described: its example.
        let description = schema["description"].as_str().unwrap_or_default();
        if let Some((_, example)) = description.split_once(", such as ")
            && description.contains("Format: ")
            && self.below(4) > 0
        {
            return example.trim_end_matches('.').into();
        }
        let least = schema["minLength"].as_u64().unwrap_or(0);
        let most = schema["maxLength"].as_u64().unwrap_or(least + 6);
        let length = least + u64::try_from(self.below(usize::try_from(most - least + 1).unwrap())).unwrap();
        let letters = if schema["pattern"].is_string() {
            vec!['a', 'b']
        } else {
            vec!['a', 'Z', ' ', '0', 'é', '"', '\u{1f600}']
        };
        (0..length).map(|_| self.pick(&letters)).collect::<String>().into()
    }

    fn integer(&mut self, schema: &Value) -> Value {
        let least = schema["minimum"].as_i64().unwrap_or(-9_007_199_254_740_991);
        let most = schema["maximum"].as_i64().unwrap_or(9_007_199_254_740_991);
        let some = i64::try_from(self.below(100)).unwrap();
        let among = [least, most, least.saturating_add(some), most.saturating_sub(some), 0, 1, some];
        let among: Vec<i64> = among.into_iter().filter(|number| (least..=most).contains(number)).collect();
        json!(self.pick(&among))
    }

    fn number(&mut self, schema: &Value) -> Value {
        let least = schema["minimum"].as_f64().unwrap_or(-1e30);
        let most = schema["maximum"].as_f64().unwrap_or(1e30);
        let among: Vec<f64> =
            [least, most, 0.0, 1.0, 0.5, -2.25].into_iter().filter(|n| (least..=most).contains(n)).collect();
        json!(self.pick(&among))
    }

    fn list(&mut self, schema: &Value) -> Value {
        let least = schema["minItems"].as_u64().unwrap_or(0);
        let most = schema["maxItems"].as_u64().unwrap_or(least + 3);
        let room = if self.depth > 6 { 0 } else { most - least };
        let length = least + u64::try_from(self.below(usize::try_from(room + 1).unwrap())).unwrap();
        let items = schema["items"].clone();
        (0..length).map(|_| self.value(&items)).collect()
    }

    fn object(&mut self, schema: &Value) -> Map<String, Value> {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut members = Map::new();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            if required.contains(&name.as_str()) || (self.depth <= 6 && self.below(2) == 0) {
                members.insert(name.clone(), self.value(property));
            }
        }
        let others = schema["additionalProperties"].clone();
        if others.is_object() && self.depth <= 6 {
            let is_learned = !self.names.is_empty() && self.below(2) == 0;
            let names = if is_learned { self.names.clone() } else { ["1", "key", "7"].map(str::to_owned).to_vec() };
            let count = self.below(4);
            for name in names.into_iter().take(count) {
                if !members.contains_key(&name) {
                    let value = self.value(&others);
                    members.insert(name, value);
                }
            }
        }
        members
    }
}

fn joined(own: Value, more: Value) -> Value {
    match (own, more) {
        (Value::Object(mut own), Value::Object(more)) => {
            own.extend(more);
            Value::Object(own)
        }
        (Value::Null, more) => more,
        (own, _) => own,
    }
}
