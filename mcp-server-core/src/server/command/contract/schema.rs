//! Differences between two JSON schemas, judged by who must fit them: callers, or our results.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};

use serde_json::{Map, Value};

use super::difference::{Found, members, step};
use super::keyword::{self, Shift};

/// Schemas nest no deeper than this in a comparison; what is below is compared as a whole.
const DEEPEST: usize = 32;

/// Who must fit a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Callers send it: accepting less breaks them.
    Input,
    /// Callers receive it: sending more kinds of things breaks them.
    Output,
}

/// Compares two schemas; an absent one allows anything.
pub(super) fn compare_schemas(
    before: Option<&Value>,
    after: Option<&Value>,
    side: Side,
    pointer: &str,
    found: &mut Found<'_>,
) {
    let anything = Value::Bool(true);
    let (before, after) = (before.unwrap_or(&anything), after.unwrap_or(&anything));
    let comparison = Comparison { earlier: before, later: after, side, root: pointer, followed: RefCell::default() };
    comparison.schemas(before, after, pointer, DEEPEST, found);
}

/// Two whole documents, in which references are looked up.
struct Comparison<'a> {
    earlier: &'a Value,
    later: &'a Value,
    side: Side,
    /// Where the later document is.
    root: &'a str,
    /// Pairs of references that were compared or are being compared: each is once, and a circle ends.
    followed: RefCell<HashSet<(String, String)>>,
}

impl Comparison<'_> {
    fn schemas(&self, before: &Value, after: &Value, pointer: &str, depth: usize, found: &mut Found<'_>) {
        if self.same(before, after) {
            return;
        }
        match (reference(before), reference(after)) {
            (None, None) => self.inline(before, after, pointer, depth, found),
            (was, is) => {
                let named = |name: Option<&str>| name.unwrap_or_default().to_owned();
                let both = was.is_some() && is.is_some();
                if both && !self.followed.borrow_mut().insert((named(was), named(is))) {
                    return;
                }
                let before = was.and_then(|name| self.earlier.pointer(name)).unwrap_or(before);
                let after = is.and_then(|name| self.later.pointer(name)).unwrap_or(after);
                let at = is.map_or_else(|| pointer.to_owned(), |name| format!("{}{name}", self.root));
                // A reference to a reference is followed on the next level; one to nowhere is compared as it stands.
                if reference(before).or(reference(after)).is_some() && depth > 0 && !both {
                    return self.schemas(before, after, &at, depth - 1, found);
                }
                self.inline(before, after, &at, depth, found);
            }
        }
    }

    /// Equal text may stand for different things if it refers to definitions that differ.
    fn same<T: PartialEq>(&self, before: &T, after: &T) -> bool {
        before == after && self.earlier.get("$defs") == self.later.get("$defs")
    }

    fn inline(&self, before: &Value, after: &Value, pointer: &str, depth: usize, found: &mut Found<'_>) {
        if self.same(before, after) {
            return;
        }
        if depth == 0 {
            found.breaking(pointer, "it differs too deep inside to say how");
            return;
        }
        let (Some(old), Some(new)) = (object(before), object(after)) else {
            self.report(
                if object(after).is_none() { Shift::Narrower } else { Shift::Wider },
                pointer,
                "what is allowed",
                found,
            );
            return;
        };
        self.properties(&old, &new, pointer, depth, found);
        for member in members(before, after) {
            let (was, is) = (old.get(&member), new.get(&member));
            let at = step(pointer, &member);
            match member.as_str() {
                "properties" | "required" | "$defs" | "$schema" | "$id" => {}
                "items" | "additionalProperties" | "contains" | "propertyNames" | "not" => {
                    self.one(was, is, &member, &at, depth, found);
                }
                "anyOf" | "oneOf" | "allOf" | "prefixItems" => self.several(was, is, &member, &at, depth, found),
                _ if was == is => {}
                "title" | "description" | "examples" | "$comment" | "deprecated" => {
                    found.text(&at, format!("the {member} differs"));
                }
                "default" if self.side == Side::Input => found.compatible(&at, "the default differs"),
                "default" => found.text(&at, "the default differs"),
                _ => {
                    for (shift, what) in keyword::shifts(&member, was, is) {
                        self.report(shift, &at, &what, found);
                    }
                }
            }
        }
    }

    /// A keyword that holds one schema; of the inverting ones nobody can say what a change does.
    fn one(
        &self,
        was: Option<&Value>,
        is: Option<&Value>,
        member: &str,
        at: &str,
        depth: usize,
        found: &mut Found<'_>,
    ) {
        if self.same(&was, &is) {
            return;
        }
        let anything = Value::Bool(true);
        match member {
            "not" | "contains" => self.report(Shift::Other, at, &format!("`{member}`"), found),
            _ => self.schemas(was.unwrap_or(&anything), is.unwrap_or(&anything), at, depth - 1, found),
        }
    }

    /// A keyword that holds a list of schemas.
    fn several(
        &self,
        was: Option<&Value>,
        is: Option<&Value>,
        member: &str,
        at: &str,
        depth: usize,
        found: &mut Found<'_>,
    ) {
        let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
        let (old, new) = (list(was), list(is));
        let kept = |some: &[Value], among: &[Value]| some.iter().all(|schema| among.contains(schema));
        if member != "prefixItems" && kept(&old, &new) && kept(&new, &old) && self.same(&old.len(), &new.len()) {
            return;
        }
        if old.len() == new.len() {
            for (index, (before, after)) in old.iter().zip(&new).enumerate() {
                self.schemas(before, after, &step(at, index), depth - 1, found);
            }
            return;
        }
        // More alternatives allow more, more demands allow less; from no alternative at all anything was allowed.
        let grown = if new.len() > old.len() { Shift::Wider } else { Shift::Narrower };
        let alternatives = matches!(member, "anyOf" | "oneOf");
        let shift = match (alternatives, old.is_empty(), new.is_empty()) {
            (true, false, false) => grown,
            (_, true, _) => Shift::Narrower,
            (_, _, true) => Shift::Wider,
            (false, _, _) => grown.turned(),
        };
        let plain = if new.len() > old.len() { kept(&old, &new) } else { kept(&new, &old) };
        self.report(if plain { shift } else { Shift::Other }, at, &format!("`{member}`"), found);
    }

    fn properties(
        &self,
        old: &Map<String, Value>,
        new: &Map<String, Value>,
        pointer: &str,
        depth: usize,
        found: &mut Found<'_>,
    ) {
        let empty = Value::Null;
        let (before, after) = (old.get("properties").unwrap_or(&empty), new.get("properties").unwrap_or(&empty));
        let (needed, needs) = (required(old), required(new));
        let names = members(before, after).into_iter().chain(needed.iter().cloned()).chain(needs.iter().cloned());
        for name in names.collect::<BTreeSet<_>>() {
            let at = step(&step(pointer, "properties"), &name);
            match (before.get(&name), after.get(&name)) {
                (None, None) => {
                    self.need(&name, needed.contains(&name), needs.contains(&name), &step(pointer, "required"), found);
                }
                (Some(was), Some(is)) => {
                    self.schemas(was, is, &at, depth - 1, found);
                    self.need(&name, needed.contains(&name), needs.contains(&name), &step(pointer, "required"), found);
                }
                (Some(_), None) => found.breaking(&at, format!("{} `{name}` is gone", self.noun())),
                (None, _) if self.side == Side::Input && needs.contains(&name) => {
                    found.breaking(&at, format!("{} `{name}` is new and required", self.noun()));
                }
                (None, _) => found.compatible(&at, format!("{} `{name}` is new", self.noun())),
            }
        }
    }

    fn need(&self, name: &str, was: bool, is: bool, at: &str, found: &mut Found<'_>) {
        let noun = self.noun();
        match (self.side, was, is) {
            (Side::Input, false, true) => found.breaking(at, format!("{noun} `{name}` is required now")),
            (Side::Input, true, false) => found.compatible(at, format!("{noun} `{name}` is not required any more")),
            (Side::Output, true, false) => found.breaking(at, format!("{noun} `{name}` is not always there any more")),
            (Side::Output, false, true) => found.compatible(at, format!("{noun} `{name}` is always there now")),
            _ => {}
        }
    }

    const fn noun(&self) -> &'static str {
        match self.side {
            Side::Input => "argument",
            Side::Output => "field",
        }
    }

    fn report(&self, shift: Shift, at: &str, what: &str, found: &mut Found<'_>) {
        match (self.side, shift) {
            (Side::Input, Shift::Narrower) => found.breaking(at, format!("{what}: less is accepted")),
            (Side::Input, Shift::Wider) => found.compatible(at, format!("{what}: more is accepted")),
            (Side::Output, Shift::Narrower) => found.compatible(at, format!("{what}: results are narrower")),
            (Side::Output, Shift::Wider) => found.breaking(at, format!("{what}: results may be what they never were")),
            (_, Shift::Other) => found.breaking(at, format!("{what} differs")),
        }
    }
}

fn required(schema: &Map<String, Value>) -> BTreeSet<String> {
    let names = schema.get("required").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    names.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A schema as an object; `true` is the empty one, `false` and what is no schema are none.
fn object(schema: &Value) -> Option<Map<String, Value>> {
    match schema {
        Value::Bool(true) => Some(Map::new()),
        Value::Object(object) => Some(object.clone()),
        _ => None,
    }
}

/// The pointer of a reference within the document that stands alone.
fn reference(schema: &Value) -> Option<&str> {
    let alone = schema.as_object().filter(|object| object.len() == 1)?;
    alone.get("$ref")?.as_str()?.strip_prefix('#')
}
