//! Shapes: a schema taken apart, so that a value that does not fit can be led to the place where it does not.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::allowed;
use super::judge::Judge;

/// Keywords that judge one value without looking into it by other schemas; `type` first, since the others follow it.
const LEAVES: [&str; 17] = [
    "type",
    "const",
    "enum",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

/// The place of a shape among all of a schema.
pub(super) type Id = usize;

/// One keyword that judges a value.
#[derive(Debug)]
pub(super) struct Leaf {
    pub(super) rule: &'static str,
    pub(super) judge: Judge,
    /// What is allowed, in words.
    pub(super) allowed: String,
    /// The texts among which the nearest is offered.
    pub(super) options: Vec<String>,
}

/// One schema of a schema.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// `false`: nothing fits.
    pub(super) never: bool,
    pub(super) leaves: Vec<Leaf>,
    pub(super) properties: Vec<(String, Id)>,
    pub(super) required: Vec<String>,
    /// Whether other properties are refused outright.
    pub(super) closed: bool,
    /// Whether properties that neither this schema nor a part of it knows are refused.
    pub(super) sealed: bool,
    /// What other properties must be.
    pub(super) others: Option<Id>,
    pub(super) first_items: Vec<Id>,
    pub(super) items: Option<Id>,
    /// All of these must hold: `allOf` and `$ref`.
    pub(super) all: Vec<Id>,
    /// Of each group one must hold: `anyOf` and `oneOf`.
    pub(super) choices: Vec<(&'static str, Vec<Id>)>,
}

/// A schema taken apart; the root comes first.
#[derive(Debug)]
pub(super) struct Shapes(Vec<Shape>);

impl Shapes {
    /// Takes a schema apart. What it does not understand is left to the judge.
    pub(super) fn of(root: &Value) -> Self {
        let mut builder = Builder { root, shapes: Vec::new(), known: HashMap::new() };
        builder.add(root, "");
        Self(builder.shapes)
    }

    pub(super) fn get(&self, id: Id) -> Option<&Shape> {
        self.0.get(id)
    }

    /// A shape and those that judge the same value: what it refers to, and its alternatives.
    pub(super) fn of_same_value(&self, id: Id) -> Vec<Id> {
        let mut all = vec![id];
        let mut next = 0;
        while let Some(shape) = all.get(next).and_then(|id| self.get(*id)) {
            next += 1;
            let more: Vec<Id> =
                shape.all.iter().chain(shape.choices.iter().flat_map(|(_, ids)| ids)).copied().collect();
            for id in more {
                if !all.contains(&id) {
                    all.push(id);
                }
            }
        }
        all
    }
}

struct Builder<'a> {
    root: &'a Value,
    shapes: Vec<Shape>,
    /// Where each pointer's shape is, so that a schema that refers to itself ends.
    known: HashMap<String, Id>,
}

impl Builder<'_> {
    fn add(&mut self, schema: &Value, pointer: &str) -> Id {
        if let Some(id) = self.known.get(pointer) {
            return *id;
        }
        let id = self.shapes.len();
        self.known.insert(pointer.to_owned(), id);
        self.shapes.push(Shape::default());
        let shape = match schema {
            Value::Bool(false) => Shape { never: true, ..Shape::default() },
            Value::Object(members) => self.shape(members, pointer),
            _ => Shape::default(),
        };
        if let Some(place) = self.shapes.get_mut(id) {
            *place = shape;
        }
        id
    }

    fn shape(&mut self, members: &Map<String, Value>, pointer: &str) -> Shape {
        let mut shape = Shape { leaves: leaves(members), ..Shape::default() };
        if let Some(properties) = members.get("properties").and_then(Value::as_object) {
            for (name, schema) in properties {
                let at = format!("{pointer}/properties/{}", escape(name));
                shape.properties.push((name.clone(), self.add(schema, &at)));
            }
        }
        if let Some(required) = members.get("required").and_then(Value::as_array) {
            shape.required = required.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        }
        // `patternProperties` would have a say in what is additional: then the judge alone decides.
        match members.get("additionalProperties").filter(|_| !members.contains_key("patternProperties")) {
            Some(Value::Bool(false)) => shape.closed = true,
            Some(schema) => shape.others = Some(self.add(schema, &format!("{pointer}/additionalProperties"))),
            None => {}
        }
        shape.sealed = members.get("unevaluatedProperties") == Some(&Value::Bool(false));
        shape.first_items = self.list(members, "prefixItems", pointer);
        if let Some(items) = members.get("items").filter(|items| !items.is_array()) {
            shape.items = Some(self.add(items, &format!("{pointer}/items")));
        }
        shape.all = self.list(members, "allOf", pointer);
        if let Some(target) = members.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#')) {
            let root = self.root;
            if let Some(schema) = root.pointer(target) {
                shape.all.push(self.add(schema, target));
            }
        }
        for choice in ["anyOf", "oneOf"] {
            let branches = self.list(members, choice, pointer);
            if !branches.is_empty() {
                shape.choices.push((choice, branches));
            }
        }
        shape
    }

    fn list(&mut self, members: &Map<String, Value>, keyword: &str, pointer: &str) -> Vec<Id> {
        let Some(schemas) = members.get(keyword).and_then(Value::as_array) else { return Vec::new() };
        let ids = schemas.iter().enumerate();
        ids.map(|(index, schema)| self.add(schema, &format!("{pointer}/{keyword}/{index}"))).collect()
    }
}

fn leaves(members: &Map<String, Value>) -> Vec<Leaf> {
    let leaves = LEAVES.into_iter().filter_map(|rule| {
        let said = members.get(rule)?;
        // It compiled as a part of the whole, so it compiles alone.
        let judge = Judge::compile(&json!({ rule: said })).ok()?;
        let options = match (rule, said) {
            ("enum", Value::Array(options)) => options.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        Some(Leaf { rule, judge, allowed: allowed::sentence(rule, said, members), options })
    });
    leaves.collect()
}

/// A name as a step of a JSON pointer (RFC 6901).
pub(super) fn escape(name: &str) -> String {
    if name.contains(['~', '/']) { name.replace('~', "~0").replace('/', "~1") } else { name.to_owned() }
}
