//! Closing: objects that take their declared members and no others.

use serde_json::{Map, Value};

use super::parts;

/// Keywords by which a schema takes members from elsewhere: closing it alone would refuse those.
const OPEN: [&str; 11] = [
    "$ref",
    "$dynamicRef",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "patternProperties",
    "additionalProperties",
    "unevaluatedProperties",
    "dependentSchemas",
];

/// Keywords with which nobody can say in advance what the members are.
const UNCERTAIN: [&str; 6] =
    ["additionalProperties", "unevaluatedProperties", "patternProperties", "not", "if", "dependentSchemas"];

/// Refuses unknown members at every depth, where a schema alone says what the members are.
///
/// Decoding would drop an unknown member without a word, and the caller would believe that it was heeded.
pub(super) fn close(schema: &mut Value) {
    // A definition that is only a part of what refers to it must stay open.
    let mut parts_only = false;
    parts::all(schema, &mut |members| parts_only |= members.contains_key("$ref") && shares_with_reference(members));
    whole(schema, parts_only);
}

fn whole(schema: &mut Value, open_definitions: bool) {
    let Value::Object(members) = schema else { return };
    if members.contains_key("properties") && !OPEN.iter().any(|keyword| members.contains_key(*keyword)) {
        members.insert("additionalProperties".to_owned(), false.into());
    } else if is_composed(members) && !UNCERTAIN.iter().any(|keyword| members.contains_key(*keyword)) {
        // Decoding a flattened enum drops an unknown member without a word too.
        members.insert("unevaluatedProperties".to_owned(), false.into());
    }
    let shared = shares_members(members);
    parts::each(members, |keyword, part| {
        let same_value =
            matches!(keyword, "allOf" | "anyOf" | "oneOf" | "not" | "if" | "then" | "else" | "dependentSchemas");
        let definition = matches!(keyword, "$defs" | "definitions");
        if (definition && open_definitions) || (same_value && shared) {
            inside(part, open_definitions);
        } else {
            whole(part, open_definitions);
        }
    });
}

/// Whether an object is put together from several schemas, each of which says a part of its members.
fn is_composed(members: &Map<String, Value>) -> bool {
    let own = members.contains_key("properties");
    let elsewhere = ["$ref", "anyOf", "oneOf"].iter().any(|keyword| members.contains_key(*keyword));
    (own && elsewhere) || (members.contains_key("allOf") && (own || members.contains_key("type")))
}

/// Leaves a schema open and closes what is inside it.
fn inside(part: &mut Value, open_definitions: bool) {
    let Value::Object(members) = part else { return };
    parts::each(members, |keyword, part| match keyword {
        "properties" | "items" | "prefixItems" | "additionalProperties" | "patternProperties" => {
            whole(part, open_definitions);
        }
        _ => inside(part, open_definitions),
    });
}

/// Whether what stands beside a `$ref` has a say in the members too.
fn shares_with_reference(members: &Map<String, Value>) -> bool {
    members.contains_key("properties") || OPEN.iter().skip(1).any(|keyword| members.contains_key(*keyword))
}

/// Whether several schemas have a say in the members of one value.
fn shares_members(members: &Map<String, Value>) -> bool {
    members.contains_key("properties")
        || members.contains_key("allOf")
        || members.contains_key("if")
        || members.contains_key("$ref")
        || (members.contains_key("anyOf") && members.contains_key("oneOf"))
        || members.contains_key("not")
        || members.contains_key("dependentSchemas")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn closed(mut schema: Value) -> Value {
        close(&mut schema);
        schema
    }

    /// TE2: at every depth.
    #[test]
    fn what_says_its_members_takes_no_others() {
        let inner = json!({"type": "object", "properties": {"a": {}}});
        let schema = closed(json!({
            "type": "object",
            "properties": {
                "list": {"type": "array", "items": inner},
                "one": {"anyOf": [inner, {"type": "null"}]}
            }
        }));
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["properties"]["list"]["items"]["additionalProperties"], false);
        assert_eq!(schema["properties"]["one"]["anyOf"][0]["additionalProperties"], false);
    }

    #[test]
    fn what_shares_its_members_or_is_a_map_stays_open() {
        let map = json!({"type": "object", "additionalProperties": {"type": "string"}});
        assert_eq!(closed(map.clone()), map);
        let free = json!({"type": "object"});
        assert_eq!(closed(free.clone()), free);
        let uncertain = json!({"properties": {"a": {}}, "if": {"required": ["a"]}, "then": {"properties": {"b": {}}}});
        assert_eq!(closed(uncertain.clone()), uncertain);
        let alone = json!({"items": {"$ref": "#/$defs/A"}, "$defs": {"A": {"properties": {"a": {}}}}});
        assert_eq!(closed(alone)["$defs"]["A"]["additionalProperties"], false);
        let all = json!({"allOf": [{"properties": {"b": {}}}, {"properties": {"c": {}}}]});
        assert_eq!(closed(all.clone()), all);
    }

    /// A flattened enum: the members of the struct and those of one alternative, and no others.
    #[test]
    fn what_is_put_together_takes_no_others_either() {
        for mut open in [
            json!({"properties": {"a": {}}, "anyOf": [{"properties": {"b": {}}}, {"properties": {"c": {}}}]}),
            json!({"$ref": "#/$defs/A", "properties": {"b": {}}, "$defs": {"A": {"properties": {"a": {}}}}}),
            json!({"type": "object", "allOf": [{"properties": {"b": {}}}, {"properties": {"c": {}}}]}),
        ] {
            let made = closed(open.clone());
            open["unevaluatedProperties"] = false.into();
            assert_eq!(made, open);
        }
    }
}
