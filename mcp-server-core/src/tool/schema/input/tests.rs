//! What parameters become.

use schemars::JsonSchema;
use serde::Deserialize;

use super::*;
use crate::tool::parameter::Bound;
use crate::tool::schema::schema_for;

const PLAIN: ParamSpec = ParamSpec::new("value", "What it is.");

fn one<T: JsonSchema>(spec: &'static ParamSpec, optional: bool) -> Result<Value, String> {
    input_schema(&[Parameter::Argument { spec, schema: schema_for::<T>(), optional, notes: Vec::new() }])
}

macro_rules! spec {
    ($($field:ident: $value:expr),* $(,)?) => {{
        const SPEC: ParamSpec = ParamSpec { $($field: $value,)* ..PLAIN };
        &SPEC
    }};
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema is of interest")]
struct Tree {
    name: String,
    children: Vec<Tree>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is of interest")]
enum Shape {
    Circle { radius: f64 },
    Square { side: f64 },
}

/// F09: a tool without parameters.
#[test]
fn no_parameters_are_an_empty_closed_object() {
    assert_eq!(
        input_schema(&[Parameter::Injected { needs: None, can_log: true }]).unwrap(),
        json!({"type": "object", "properties": {}, "additionalProperties": false})
    );
}

/// TE1, TE2: constraints are published, and nothing else is taken.
#[test]
fn constraints_are_published() {
    let schema =
        one::<String>(spec! { min_length: Some(1), max_length: Some(200), pattern: Some("^a") }, false).unwrap();
    assert_eq!(
        schema,
        json!({
            "type": "object",
            "properties": {"value": {"type": "string", "description": "What it is.", "minLength": 1, "maxLength": 200, "pattern": "^a"}},
            "required": ["value"],
            "additionalProperties": false,
        })
    );
    let spec = spec! { minimum: Some(Bound::Int(1)), maximum: Some(Bound::Int(100)), default: Some(|| json!(20)) };
    let schema = one::<u32>(spec, false).unwrap();
    assert_eq!(
        schema["properties"]["value"],
        json!({"type": "integer", "minimum": 1, "maximum": 100, "description": "What it is.", "default": 20})
    );
    assert!(schema.get("required").is_none());
    let schema = one::<u8>(spec! { exclusive_maximum: Some(Bound::Int(10)) }, false).unwrap();
    assert_eq!(schema["properties"]["value"]["maximum"], 9);
}

/// Promise: no setting is accepted and then ignored.
#[test]
fn constraints_that_say_nothing_are_refused() {
    for (fault, schema) in [
        ("for type `string`", one::<u32>(spec! { min_length: Some(1) }, false)),
        ("for type `array`", one::<String>(spec! { max_items: Some(1) }, false)),
        ("for numbers", one::<String>(spec! { minimum: Some(Bound::Int(1)) }, false)),
        ("no format of JSON Schema", one::<String>(spec! { format: Some("phone") }, false)),
        ("beyond the type", one::<u8>(spec! { maximum: Some(Bound::Int(256)) }, false)),
        ("nothing fits", one::<u8>(spec! { minimum: Some(Bound::Int(9)), maximum: Some(Bound::Int(1)) }, false)),
        (
            "breaks its own schema",
            one::<u8>(spec! { maximum: Some(Bound::Int(9)), default: Some(|| json!(10)) }, false),
        ),
        ("breaks its own schema", one::<String>(spec! { default: Some(|| json!(10)) }, false)),
        ("integer or boolean", one::<f64>(spec! { header: Some("V") }, false)),
        ("secret", one::<String>(spec! { header: Some("V"), secret: true }, false)),
        ("must be an integer", one::<i32>(spec! { minimum: Some(Bound::Float(0.5)) }, false)),
    ] {
        let told = schema.unwrap_err();
        assert!(told.contains(fault) && told.contains("`value`"), "{told}");
    }
}

/// DS3: what is optional is published once, as optional.
#[test]
fn an_optional_parameter_is_not_nullable() {
    assert_eq!(one::<Option<u8>>(&PLAIN, true).unwrap()["properties"]["value"]["type"], "integer");
    let schema = one::<Option<Shape>>(&PLAIN, true).unwrap();
    assert!(!schema.to_string().contains("null"), "{schema}");
    assert_eq!(schema["properties"]["value"]["anyOf"].as_array().map(Vec::len), Some(2));
    assert!(schema.get("required").is_none());
}

/// C31: a mirrored integer is one that every client reads exactly.
#[test]
fn a_mirrored_integer_is_bounded() {
    let schema = one::<u64>(spec! { header: Some("Value") }, false).unwrap();
    assert_eq!(
        schema["properties"]["value"],
        json!({
            "type": "integer", "minimum": 0, "maximum": 9_007_199_254_740_991_u64, "description": "What it is.",
            "x-mcp-header": "Value",
        })
    );
}

#[test]
fn a_struct_as_all_arguments_is_closed_at_every_depth() {
    let schema = input_schema(&[Parameter::Whole { schema: schema_for::<Tree>(), notes: Vec::new() }]).unwrap();
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["properties"]["children"]["items"]["$ref"], "#/$defs/Tree");
    assert_eq!(one::<Tree>(&PLAIN, false).unwrap()["properties"]["value"]["additionalProperties"], false);
    assert!(one::<Tree>(&PLAIN, false).unwrap()["$defs"]["Tree"].is_object());
    assert!(input_schema(&[Parameter::Whole { schema: schema_for::<Vec<u8>>(), notes: Vec::new() }]).is_err());
    let schema = input_schema(&[Parameter::Whole { schema: schema_for::<Shape>(), notes: Vec::new() }]).unwrap();
    assert_eq!(schema["type"], "object");
}

#[test]
fn two_ways_to_take_the_arguments_clash() {
    let whole = || Parameter::Whole { schema: schema_for::<Tree>(), notes: Vec::new() };
    let argument =
        || Parameter::Argument { spec: &PLAIN, schema: schema_for::<u8>(), optional: false, notes: Vec::new() };
    assert!(input_schema(&[whole(), argument()]).is_err());
    assert!(input_schema(&[whole(), whole()]).is_err());
    assert!(input_schema(&[argument(), argument()]).unwrap_err().contains("two parameters"));
}
