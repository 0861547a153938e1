//! Definitions of embedded schemas, gathered where `#/$defs/…` looks for them: at the root.

use serde_json::{Map, Value};

use super::parts;

/// Moves every `$defs` inside a schema to its root, so that the references of an embedded schema lead somewhere.
pub(crate) fn gather(schema: &mut Value) {
    let Value::Object(root) = schema else { return };
    let mut definitions = match root.remove("$defs") {
        Some(Value::Object(definitions)) => definitions,
        _ => Map::new(),
    };
    parts::each(root, |_, part| lift(part, &mut definitions));
    if !definitions.is_empty() {
        root.insert("$defs".to_owned(), Value::Object(definitions));
    }
}

/// Takes the definitions out of a part; one whose name is taken by another gets a new name.
fn lift(part: &mut Value, definitions: &mut Map<String, Value>) {
    let Value::Object(members) = part else { return };
    if let Some(Value::Object(own)) = members.remove("$defs") {
        let mut names: Vec<(String, String)> = Vec::new();
        for (name, definition) in &own {
            let chosen = free_name(name, |free| {
                names.iter().all(|(_, chosen)| chosen != free)
                    && definitions.get(free).is_none_or(|other| other == definition)
            });
            names.push((name.clone(), chosen));
        }
        let moved: Vec<_> =
            names.iter().map(|(old, new)| (format!("#/$defs/{old}"), format!("#/$defs/{new}"))).collect();
        for ((_, mut definition), (_, name)) in own.into_iter().zip(names) {
            parts::all(&mut definition, &mut |members| redirect(members, &moved));
            definitions.insert(name, definition);
        }
        parts::all(part, &mut |members| redirect(members, &moved));
    }
    if let Value::Object(members) = part {
        parts::each(members, |_, part| lift(part, definitions));
    }
}

fn free_name(name: &str, free: impl Fn(&str) -> bool) -> String {
    if free(name) {
        return name.to_owned();
    }
    (2..u32::MAX).map(|number| format!("{name}{number}")).find(|name| free(name)).unwrap_or_else(|| name.to_owned())
}

fn redirect(members: &mut Map<String, Value>, renamed: &[(String, String)]) {
    if let Some(Value::String(target)) = members.get_mut("$ref")
        && let Some((_, new)) = renamed.iter().find(|(old, _)| old == target)
    {
        target.clone_from(new);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn definitions_move_to_the_root_and_keep_apart() {
        let node = |kind: &str| json!({"$ref": "#/$defs/Node", "$defs": {"Node": {"type": kind, "items": {"$ref": "#/$defs/Node"}}}});
        let mut schema =
            json!({"type": "object", "properties": {"a": node("array"), "b": node("array"), "c": node("string")}});
        gather(&mut schema);
        assert_eq!(
            schema,
            json!({
                "type": "object",
                "properties": {
                    "a": {"$ref": "#/$defs/Node"}, "b": {"$ref": "#/$defs/Node"}, "c": {"$ref": "#/$defs/Node2"},
                },
                "$defs": {
                    "Node": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
                    "Node2": {"type": "string", "items": {"$ref": "#/$defs/Node2"}},
                },
            })
        );
    }
}
