//! What each change of a contract means, one change a row.

use serde_json::{Value, json};

use super::{Difference, Impact, compare};
use Impact::{Breaking, Compatible, Text};

fn tool(members: &Value) -> Value {
    let mut tool = json!({ "name": "t" });
    for (name, value) in members.as_object().unwrap() {
        tool[name] = value.clone();
    }
    json!({ "tools": [tool] })
}

fn differences(schema: &str, before: &Value, after: &Value) -> Vec<Difference> {
    compare(&tool(&json!({ schema: before })), &tool(&json!({ schema: after })))
}

/// The only difference between two schemas, as input and as output.
#[track_caller]
fn both(before: &Value, after: &Value) -> (Impact, Impact, String) {
    let (input, output) = (differences("inputSchema", before, after), differences("outputSchema", before, after));
    assert_eq!((input.len(), output.len()), (1, 1), "{input:#?} {output:#?}");
    assert_eq!(input[0].pointer.replace("input", "output"), output[0].pointer);
    (input[0].impact, output[0].impact, input[0].pointer.replace("/tools/0/inputSchema", ""))
}

#[test]
fn equal_contracts_have_no_difference() {
    let contract = json!({
        "server": { "name": "a", "version": "1" },
        "tools": [{ "name": "t", "inputSchema": {
            "$ref": "#/$defs/a", "$defs": { "a": { "items": { "$ref": "#/$defs/a" } } },
        } }],
        "prompts": [{ "name": "p" }],
        "resources": [{ "uri": "a://b" }],
        "resourceTemplates": [{ "uriTemplate": "a://{b}" }],
    });
    assert_eq!(compare(&contract, &contract), []);
}

#[test]
fn entries_come_and_go() {
    for (list, id) in
        [("tools", "name"), ("prompts", "name"), ("resources", "uri"), ("resourceTemplates", "uriTemplate")]
    {
        let one = json!({ list: [{ id: "a" }] });
        let two = json!({ list: [{ id: "b" }, { id: "a" }] });
        let come = compare(&one, &two);
        assert_eq!((come[0].impact, come[0].pointer.as_str()), (Compatible, format!("/{list}/0").as_str()));
        let gone = compare(&two, &one);
        assert_eq!((gone[0].impact, gone[0].pointer.as_str()), (Breaking, format!("/{list}/0").as_str()));
        assert_eq!((come.len(), gone.len()), (1, 1));
        assert!(gone[0].sentence.ends_with("`b`: it is gone"), "{}", gone[0].sentence);
    }
}

#[test]
fn narrower_breaks_callers_and_wider_breaks_readers() {
    for (narrow, wide, pointer) in [
        (json!({ "type": "string" }), json!({}), "/type"),
        (json!({ "type": "string" }), json!({ "type": ["string", "null"] }), "/type"),
        (json!({ "type": "integer" }), json!({ "type": "number" }), "/type"),
        (json!({ "type": ["integer", "null"] }), json!({ "type": ["null", "number"] }), "/type"),
        (json!({ "enum": ["a"] }), json!({ "enum": ["b", "a"] }), "/enum"),
        (json!({ "enum": ["a"] }), json!({}), "/enum"),
        (json!({ "const": 1 }), json!({}), "/const"),
        (json!({ "minimum": 1 }), json!({ "minimum": 0 }), "/minimum"),
        (json!({ "minimum": 1.5 }), json!({ "minimum": 1 }), "/minimum"),
        (json!({ "minimum": 1 }), json!({}), "/minimum"),
        (json!({ "maximum": 10 }), json!({ "maximum": 11 }), "/maximum"),
        (json!({ "exclusiveMaximum": 10 }), json!({}), "/exclusiveMaximum"),
        (json!({ "minLength": 1 }), json!({}), "/minLength"),
        (json!({ "maxLength": 1 }), json!({ "maxLength": 2 }), "/maxLength"),
        (json!({ "minItems": 2 }), json!({ "minItems": 1 }), "/minItems"),
        (json!({ "maxItems": 2 }), json!({}), "/maxItems"),
        (json!({ "uniqueItems": true }), json!({ "uniqueItems": false }), "/uniqueItems"),
        (json!({ "pattern": "^a$" }), json!({}), "/pattern"),
        (json!({ "format": "uri" }), json!({}), "/format"),
        (json!({ "additionalProperties": false }), json!({}), "/additionalProperties"),
        (json!({ "items": { "type": "string" } }), json!({ "items": {} }), "/items/type"),
        (json!({ "items": { "type": "string" } }), json!({}), "/items/type"),
        (json!({ "anyOf": [{ "const": 1 }] }), json!({ "anyOf": [{ "const": 2 }, { "const": 1 }] }), "/anyOf"),
        (json!({ "anyOf": [{ "const": 1 }] }), json!({}), "/anyOf"),
        (json!({ "allOf": [{ "minimum": 1 }, { "maximum": 2 }] }), json!({ "allOf": [{ "minimum": 1 }] }), "/allOf"),
        (json!({ "oneOf": [{ "minimum": 1 }] }), json!({ "oneOf": [{ "minimum": 0 }] }), "/oneOf/0/minimum"),
        (
            json!({ "properties": { "a": { "maximum": 1 } } }),
            json!({ "properties": { "a": {} } }),
            "/properties/a/maximum",
        ),
    ] {
        assert_eq!(both(&wide, &narrow), (Breaking, Compatible, pointer.to_owned()), "{wide} to {narrow}");
        assert_eq!(both(&narrow, &wide), (Compatible, Breaking, pointer.to_owned()), "{narrow} to {wide}");
    }
}

#[test]
fn what_cannot_be_compared_is_breaking() {
    for (before, after) in [
        (json!({ "pattern": "^a$" }), json!({ "pattern": "^b$" })),
        (json!({ "const": 1 }), json!({ "const": 2 })),
        (json!({ "not": { "const": 1 } }), json!({ "not": { "const": 2 } })),
        (json!({ "multipleOf": 2 }), json!({ "multipleOf": 3 })),
        (json!({ "anyOf": [{ "const": 1 }] }), json!({ "anyOf": [{ "const": 2 }, { "const": 3 }] })),
    ] {
        let (input, output, _) = both(&before, &after);
        assert_eq!((input, output), (Breaking, Breaking), "{before} to {after}");
    }
}

#[test]
fn an_enum_that_lost_and_gained_is_both() {
    let found = differences("inputSchema", &json!({ "enum": ["a", "b"] }), &json!({ "enum": ["b", "c"] }));
    assert_eq!(found.iter().map(|found| found.impact).collect::<Vec<_>>(), [Breaking, Compatible]);
    assert_eq!(found[0].sentence, "tool `t`: enum lost \"a\": less is accepted");
}

#[test]
fn order_does_not_matter_where_it_means_nothing() {
    for (before, after) in [
        (json!({ "enum": ["a", "b"] }), json!({ "enum": ["b", "a"] })),
        (json!({ "type": ["string", "null"] }), json!({ "type": ["null", "string"] })),
        (json!({ "required": ["a", "b"] }), json!({ "required": ["b", "a"] })),
        (json!({ "anyOf": [{ "const": 1 }, { "const": 2 }] }), json!({ "anyOf": [{ "const": 2 }, { "const": 1 }] })),
        (json!({ "type": "string" }), json!({ "type": ["string"] })),
    ] {
        assert_eq!(differences("inputSchema", &before, &after), [], "{before} to {after}");
    }
}

#[test]
fn arguments_and_fields_come_go_and_are_required() {
    let schema = |properties: &[&str], required: &[&str]| {
        let properties: serde_json::Map<_, _> =
            properties.iter().map(|name| ((*name).to_owned(), json!({ "type": "string" }))).collect();
        json!({ "type": "object", "properties": properties, "required": required })
    };
    for (before, after, input, output, pointer) in [
        (schema(&[], &[]), schema(&["a"], &[]), Compatible, Compatible, "/properties/a"),
        (schema(&[], &[]), schema(&["a"], &["a"]), Breaking, Compatible, "/properties/a"),
        (schema(&["a"], &[]), schema(&[], &[]), Breaking, Breaking, "/properties/a"),
        (schema(&["a"], &["a"]), schema(&[], &[]), Breaking, Breaking, "/properties/a"),
        (schema(&["a"], &[]), schema(&["a"], &["a"]), Breaking, Compatible, "/required"),
        (schema(&["a"], &["a"]), schema(&["a"], &[]), Compatible, Breaking, "/required"),
    ] {
        assert_eq!(both(&before, &after), (input, output, pointer.to_owned()), "{before} to {after}");
    }
}

#[test]
fn words_are_text() {
    for member in ["title", "description", "examples", "$comment"] {
        let (input, output, _) =
            both(&json!({ "properties": { "a": {} } }), &json!({ "properties": { "a": { member: "x" } } }));
        assert_eq!((input, output), (Text, Text), "{member}");
    }
    let (input, output, _) = both(&json!({ "default": 1 }), &json!({ "default": 2 }));
    assert_eq!((input, output), (Compatible, Text));
    for member in ["title", "description", "icons"] {
        let found = compare(&tool(&json!({})), &tool(&json!({ member: "x" })));
        assert_eq!((found.len(), found[0].impact), (1, Text), "{member}");
    }
}

#[test]
fn references_are_followed_once_and_named_where_they_lead() {
    let tree = |least: u64| {
        json!({
            "properties": { "root": { "$ref": "#/$defs/node" }, "other": { "$ref": "#/$defs/node" } },
            "$defs": { "node": { "properties": {
                "value": { "minimum": least },
                "left": { "$ref": "#/$defs/node" }, "right": { "$ref": "#/$defs/node" },
            } } },
        })
    };
    let (input, output, pointer) = both(&tree(0), &tree(1));
    assert_eq!((input, output), (Breaking, Compatible));
    assert_eq!(pointer, "/$defs/node/properties/value/minimum");
    let inlined = json!({ "properties": { "a": { "type": "string" } } });
    let referred = json!({ "properties": { "a": { "$ref": "#/$defs/a" } }, "$defs": { "a": { "type": "string" } } });
    assert_eq!(differences("inputSchema", &inlined, &referred), []);
    assert_eq!(differences("inputSchema", &referred, &inlined), []);
    let circle = |name: &str| {
        let a = json!({ "$ref": "#/$defs/a" });
        json!({ "properties": { "a": a }, "$defs": { "a": a, name: {} } })
    };
    assert_eq!(differences("inputSchema", &circle("x"), &circle("y")), []);
}

#[test]
fn hints_count_by_what_they_promise() {
    let annotated = |annotations: &Value| tool(&json!({ "annotations": annotations }));
    for (before, after, impact) in [
        (json!({}), json!({ "readOnlyHint": true }), Compatible),
        (json!({ "readOnlyHint": true }), json!({}), Breaking),
        (json!({}), json!({ "destructiveHint": false }), Compatible),
        (json!({ "destructiveHint": false }), json!({ "destructiveHint": true }), Breaking),
        (json!({ "idempotentHint": true }), json!({ "idempotentHint": false }), Breaking),
        (json!({ "openWorldHint": false }), json!({}), Breaking),
        (json!({}), json!({ "title": "T" }), Text),
    ] {
        let found = compare(&annotated(&before), &annotated(&after));
        assert_eq!((found.len(), found[0].impact), (1, impact), "{before} to {after}");
    }
    assert_eq!(compare(&annotated(&json!({})), &annotated(&json!({ "readOnlyHint": false }))), []);
    assert_eq!(compare(&annotated(&json!({ "destructiveHint": true })), &tool(&json!({}))), []);
}

#[test]
fn scopes_and_output_schemas_count() {
    for (before, after, impact) in [
        (json!({}), json!({ "scopes": ["a"] }), Breaking),
        (json!({ "scopes": ["a"] }), json!({}), Compatible),
        (json!({ "outputSchema": { "type": "object" } }), json!({}), Breaking),
        (json!({}), json!({ "outputSchema": { "type": "object" } }), Compatible),
        (json!({ "_meta": 1 }), json!({ "_meta": 2 }), Compatible),
        (json!({}), json!({ "execution": { "taskSupport": "optional" } }), Compatible),
        (
            json!({ "execution": { "taskSupport": "optional" } }),
            json!({ "execution": { "taskSupport": "required" } }),
            Breaking,
        ),
        (json!({ "execution": { "taskSupport": "required" } }), json!({}), Compatible),
    ] {
        let found = compare(&tool(&before), &tool(&after));
        assert_eq!((found.len(), found[0].impact), (1, impact), "{before} to {after}");
    }
}

#[test]
fn prompts_promise_their_arguments_and_resources_their_type() {
    let prompt = |arguments: &Value| json!({ "prompts": [{ "name": "p", "arguments": arguments }] });
    for (before, after, impact) in [
        (json!([]), json!([{ "name": "a" }]), Compatible),
        (json!([]), json!([{ "name": "a", "required": true }]), Breaking),
        (json!([{ "name": "a" }]), json!([]), Breaking),
        (json!([{ "name": "a" }]), json!([{ "name": "a", "required": true }]), Breaking),
        (json!([{ "name": "a", "required": true }]), json!([{ "name": "a" }]), Compatible),
        (json!([{ "name": "a" }]), json!([{ "name": "a", "description": "x" }]), Text),
    ] {
        let found = compare(&prompt(&before), &prompt(&after));
        assert_eq!((found.len(), found[0].impact), (1, impact), "{before} to {after}");
    }
    let resource = |mime: &str| json!({ "resources": [{ "uri": "a://b", "mimeType": mime }] });
    assert_eq!(compare(&resource("text/plain"), &resource("text/html"))[0].impact, Breaking);
}

#[test]
fn pointers_are_escaped() {
    let found = differences("inputSchema", &json!({}), &json!({ "properties": { "a/b~c": {} } }));
    assert_eq!(found[0].pointer, "/tools/0/inputSchema/properties/a~1b~0c");
}
