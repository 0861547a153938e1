//! Absent members: `null` where a client means that it leaves a member out.

use serde_json::Value;

use super::shape::{Id, Shapes};

/// How deep is looked: a schema that refers to itself has no end.
const MOST_DEPTH: usize = 128;

/// Takes out of a value every member that is `null`, may be left out, and may not be `null`.
///
/// Many clients, and models in strict modes, send `null` for "not given".
pub(super) fn without_absent(shapes: &Shapes, value: &mut Value) {
    walk(shapes, &[0], value, 0);
}

fn walk(shapes: &Shapes, ids: &[Id], value: &mut Value, depth: usize) {
    if depth > MOST_DEPTH || ids.is_empty() {
        return;
    }
    let mut same: Vec<Id> = Vec::new();
    for id in ids.iter().flat_map(|id| shapes.of_same_value(*id)) {
        if !same.contains(&id) {
            same.push(id);
        }
    }
    let of_same = || same.iter().filter_map(|id| shapes.get(*id));
    match value {
        Value::Object(members) => {
            let inner = |name: &str| -> Vec<Id> {
                of_same()
                    .filter_map(|shape| {
                        let known = shape.properties.iter().find(|(known, _)| known == name).map(|(_, id)| *id);
                        known.or(shape.others)
                    })
                    .collect()
            };
            let optional = |name: &str| {
                of_same().any(|shape| {
                    shape.properties.iter().any(|(known, _)| known == name)
                        && !shape.required.iter().any(|needed| needed == name)
                })
            };
            members.retain(|name, member| {
                !(member.is_null() && optional(name) && !inner(name).iter().any(|id| allows_null(shapes, *id)))
            });
            for (name, member) in members.iter_mut() {
                if member.is_object() || member.is_array() {
                    walk(shapes, &inner(name), member, depth + 1);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                if item.is_object() || item.is_array() {
                    let inner: Vec<Id> =
                        of_same().filter_map(|shape| shape.first_items.get(index).copied().or(shape.items)).collect();
                    walk(shapes, &inner, item, depth + 1);
                }
            }
        }
        _ => {}
    }
}

fn allows_null(shapes: &Shapes, id: Id) -> bool {
    let alone = |id: &Id| {
        shapes.get(*id).is_some_and(|shape| {
            !shape.never
                && shape.choices.is_empty()
                && shape.all.is_empty()
                && shape.leaves.iter().all(|leaf| leaf.judge.accepts(&Value::Null))
        })
    };
    shapes.of_same_value(id).iter().any(alone)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn without(schema: &Value, mut value: Value) -> Value {
        without_absent(&Shapes::of(schema), &mut value);
        value
    }

    #[test]
    fn null_for_what_may_be_left_out_is_dropped_at_every_depth() {
        let inner = json!({
            "type": "object",
            "properties": {
                "given": {"type": "string"},
                "optional": {"type": "integer"},
                "nullable": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                "any": {},
            },
            "required": ["given"],
        });
        let schema = json!({"type": "object", "properties": {
            "list": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/I"}]}},
            "map": {"type": "object", "additionalProperties": {"$ref": "#/$defs/I"}},
            "gone": {"type": "string"},
        }, "$defs": {"I": inner}});
        let full = json!({"given": null, "optional": null, "nullable": null, "any": null, "unknown": null});
        let rest = json!({"given": null, "nullable": null, "any": null, "unknown": null});
        assert_eq!(
            without(&schema, json!({"list": [full, null, [null]], "map": {"a": full, "b": null}, "gone": null})),
            json!({"list": [rest, null, [null]], "map": {"a": rest, "b": null}})
        );
    }
}
