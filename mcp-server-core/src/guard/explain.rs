//! Explanations: where and why a value does not fit its schema, in a bounded number of steps.

use serde_json::{Map, Value};

use super::allowed;
use super::shape::{Id, Leaf, Shape, Shapes, escape};
use super::violation::Violation;
use crate::protocol::nearest::nearest;

/// How many violations are told of one value.
pub(super) const MOST_VIOLATIONS: usize = 8;
/// How many steps an explanation may take: alternatives that refer to themselves could take forever.
const MOST_STEPS: usize = 20_000;
/// How many characters of a name that the client invented are repeated.
const MOST_NAME: usize = 64;

/// Says what is wrong with a value that the judge refused; never nothing.
pub(super) fn explain(shapes: &Shapes, value: &Value) -> Vec<Violation> {
    let mut walk = Walk { shapes, steps: 0, path: String::new(), found: Vec::new(), room: MOST_VIOLATIONS };
    walk.visit(0, value);
    if walk.found.is_empty() {
        walk.tell("schema", "does not fit the schema".to_owned(), None);
    }
    walk.found
}

struct Walk<'a> {
    shapes: &'a Shapes,
    steps: usize,
    path: String,
    found: Vec<Violation>,
    room: usize,
}

impl Walk<'_> {
    fn done(&self) -> bool {
        self.found.len() >= self.room || self.steps >= MOST_STEPS
    }

    fn tell(&mut self, rule: &'static str, allowed: String, nearest: Option<String>) {
        let violation = Violation { pointer: self.path.clone(), rule, allowed, nearest };
        if self.found.len() < self.room && !self.found.contains(&violation) {
            self.found.push(violation);
        }
    }

    /// Goes one step down, and up again.
    fn below(&mut self, step: &str, visit: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push('/');
        self.path.push_str(step);
        visit(self);
        self.path.truncate(length);
    }

    fn visit(&mut self, id: Id, value: &Value) {
        self.steps += 1;
        if self.done() {
            return;
        }
        let Some(shape) = self.shapes.get(id) else { return };
        if shape.never {
            return self.tell("false", "is not allowed".to_owned(), None);
        }
        if !self.leaves(&shape.leaves, value) {
            return;
        }
        match value {
            Value::Object(_) => self.object(id, shape, value),
            Value::Array(items) => self.array(shape, items),
            _ => {}
        }
        for id in &shape.all {
            self.visit(*id, value);
        }
        for (rule, branches) in &shape.choices {
            self.choice(rule, branches, value);
        }
    }

    /// Whether the value has the right type, so that it is worth to look on.
    fn leaves(&mut self, leaves: &[Leaf], value: &Value) -> bool {
        for leaf in leaves.iter().filter(|leaf| !leaf.judge.accepts(value)) {
            if leaf.rule == "type" {
                let given = if value.is_null() { "null" } else { allowed::type_of(value) };
                self.tell(leaf.rule, format!("{}, not {given}", leaf.allowed), None);
                return false;
            }
            let near = value.as_str().and_then(|text| nearest(text, leaf.options.iter().map(String::as_str)));
            self.tell(leaf.rule, leaf.allowed.clone(), near.map(str::to_owned));
        }
        true
    }

    fn object(&mut self, id: Id, shape: &Shape, value: &Value) {
        let Value::Object(members) = value else { return };
        for (name, member) in members {
            if self.done() {
                return;
            }
            match shape.properties.iter().find(|(known, _)| known == name) {
                Some((_, id)) => self.below(&escape(name), |walk| walk.visit(*id, member)),
                None if shape.closed => {
                    let free = shape.properties.iter().map(|(name, _)| name.as_str());
                    let near = nearest(name, free.filter(|name| !members.contains_key(*name))).map(str::to_owned);
                    let known: Vec<&str> = shape.properties.iter().map(|(name, _)| name.as_str()).collect();
                    self.below(&escape(&clipped(name)), |walk| {
                        walk.tell("additionalProperties", unknown(&known), near);
                    });
                }
                None => {
                    if let Some(id) = shape.others {
                        self.below(&escape(&clipped(name)), |walk| walk.visit(id, member));
                    }
                }
            }
        }
        if shape.sealed {
            self.sealed(id, members);
        }
        for name in &shape.required {
            if !members.contains_key(name) {
                self.below(&escape(name), |walk| walk.tell("required", "is required".to_owned(), None));
            }
        }
    }

    /// Names the members that no part of a schema knows.
    fn sealed(&mut self, id: Id, members: &Map<String, Value>) {
        let shapes: Vec<&Shape> =
            self.shapes.of_same_value(id).into_iter().filter_map(|id| self.shapes.get(id)).collect();
        if shapes.iter().any(|shape| shape.others.is_some()) {
            return;
        }
        let mut known: Vec<&str> = Vec::new();
        for (name, _) in shapes.iter().flat_map(|shape| &shape.properties) {
            if !known.contains(&name.as_str()) {
                known.push(name);
            }
        }
        for name in members.keys().filter(|name| !known.contains(&name.as_str())) {
            let free = known.iter().copied().filter(|name| !members.contains_key(*name));
            let near = nearest(name, free).map(str::to_owned);
            self.below(&escape(&clipped(name)), |walk| walk.tell("unevaluatedProperties", unknown(&known), near));
        }
    }

    fn array(&mut self, shape: &Shape, items: &[Value]) {
        for (index, item) in items.iter().enumerate() {
            if self.done() {
                return;
            }
            if let Some(id) = shape.first_items.get(index).copied().or(shape.items) {
                self.below(&index.to_string(), |walk| walk.visit(id, item));
            }
        }
    }

    fn choice(&mut self, rule: &'static str, branches: &[Id], value: &Value) {
        let mut told = Vec::with_capacity(branches.len());
        for id in branches {
            let mut branch = Walk {
                shapes: self.shapes,
                steps: self.steps,
                path: self.path.clone(),
                found: Vec::new(),
                room: MOST_VIOLATIONS,
            };
            branch.visit(*id, value);
            self.steps = branch.steps;
            if self.done() {
                return self.tell(rule, "does not fit any of the allowed forms".to_owned(), None);
            }
            told.push(branch.found);
        }
        match told.iter().filter(|found| found.is_empty()).count() {
            0 => {}
            // One branch holds, or a branch holds as far as this walk can see.
            1 => return,
            _ if rule == "oneOf" => return self.tell(rule, "fits more than one of the allowed forms".to_owned(), None),
            _ => return,
        }
        if let Some((pointer, rule, allowed)) = same_place(&told) {
            let violation = Violation { pointer, rule, allowed, nearest: None };
            return if self.found.len() < self.room {
                self.found.push(violation);
            };
        }
        let path = self.path.as_str();
        if let Some(best) = told.into_iter().min_by_key(|found| distance(found, path)) {
            let room = self.room.saturating_sub(self.found.len());
            self.found.extend(best.into_iter().take(room));
        }
    }
}

/// Where every branch stumbles over one tag or type at the same place, what the branches allow there together.
fn same_place(told: &[Vec<Violation>]) -> Option<(String, &'static str, String)> {
    let first = told.first()?.iter().find(|violation| decides(violation))?;
    let mut allowed: Vec<&str> = Vec::new();
    for found in told {
        let same = found.iter().find(|violation| decides(violation) && violation.pointer == first.pointer)?;
        let words = same.allowed.strip_prefix("must be ").unwrap_or(&same.allowed);
        if !allowed.contains(&words) {
            allowed.push(words);
        }
    }
    if first.rule == "type" {
        let given = allowed.first()?.rsplit_once(", not ")?.1;
        let types: Vec<&str> =
            allowed.iter().filter_map(|text| text.rsplit_once(", not ")).map(|(type_, _)| type_).collect();
        return Some((first.pointer.clone(), "type", format!("must be {}, not {given}", types.join(" or "))));
    }
    Some((first.pointer.clone(), "enum", format!("must be {}", allowed.join(" or "))))
}

fn decides(violation: &Violation) -> bool {
    matches!(violation.rule, "const" | "enum" | "type")
}

/// How far a value is from a branch: one with a wrong tag or a wrong type was not meant.
fn distance(found: &[Violation], path: &str) -> (bool, bool, usize) {
    let here = found.iter().any(|violation| violation.rule == "type" && violation.pointer == path);
    let tag = found.iter().any(|violation| matches!(violation.rule, "const" | "enum"));
    (here, tag, found.len())
}

fn unknown(known: &[&str]) -> String {
    const MOST_NAMES: usize = 16;
    if known.is_empty() {
        return "is unknown: nothing is expected here".to_owned();
    }
    let mut text =
        format!("is unknown; known are `{}`", known.iter().take(MOST_NAMES).copied().collect::<Vec<_>>().join("`, `"));
    if known.len() > MOST_NAMES {
        text.push_str(" and others");
    }
    text
}

fn clipped(name: &str) -> String {
    let mut text: String = name.chars().take(MOST_NAME).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.len() < name.len() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests;
