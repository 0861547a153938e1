//! What types become, on the way in and on the way out.

use std::collections::{BTreeMap, HashSet};
use std::num::{NonZeroI32, NonZeroU8};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::*;
use crate::tool::parameter::{ParamSpec, Parameter};
use crate::tool::schema::{OutputForm, Publishing, input_schema, output_schema_for, published, schema_for, wrapped};

const PLAIN: ParamSpec = ParamSpec::new("value", "What it is.");

/// The published schema of an argument of a type.
fn shown<T: JsonSchema>() -> Value {
    let parameter = Parameter::Argument { spec: &PLAIN, schema: schema_for::<T>(), optional: false, notes: Vec::new() };
    let mut root = published(&input_schema(&[parameter]).unwrap(), Side::Input, Publishing::default());
    root["properties"]["value"].take()
}

/// The published schema of all arguments of a type.
fn whole<T: JsonSchema>() -> Value {
    let parameter = Parameter::Whole { schema: schema_for::<T>(), notes: Vec::new() };
    published(&input_schema(&[parameter]).unwrap(), Side::Input, Publishing::default())
}

fn returned<T: JsonSchema>() -> OutputForm {
    OutputForm::new(output_schema_for::<T>())
}

/// How newest and oldest are said.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Order {
    /// Most recent first.
    NewestFirst,
    /// Least recent first,
    /// as in a book.
    OldestFirst,
    Unsorted,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Filter {
    tags: Option<Vec<String>>,
    limit: Option<i32>,
    /// In which order.
    order: Option<Order>,
    any: serde_json::Value,
    inner: Option<Box<Filter2>>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Filter2 {
    list: Vec<Option<u8>>,
    maybe: Option<serde_json::Value>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Place {
    /// Around a point.
    Near {
        latitude: f32,
        radius: u64,
    },
    Named {
        name: String,
        radius: Option<u64>,
    },
}

#[derive(Serialize, Deserialize, JsonSchema)]
enum Tree {
    Leaf(i64),
    Node(Vec<Tree>),
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Node {
    name: String,
    children: Vec<Node>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Flat {
    id: u32,
    #[serde(flatten)]
    place: Place,
}

fn all(schema: &Value, visit: &mut impl FnMut(&Value)) {
    visit(schema);
    match schema {
        Value::Object(members) => members.values().for_each(|member| all(member, visit)),
        Value::Array(items) => items.iter().for_each(|item| all(item, visit)),
        _ => {}
    }
}

/// What some host refuses stands nowhere.
fn portable(schema: &Value) {
    all(schema, &mut |part| {
        let Some(members) = part.as_object() else { return };
        for keyword in
            ["oneOf", "const", "prefixItems", "exclusiveMinimum", "exclusiveMaximum", "not", "unevaluatedProperties"]
        {
            assert!(!members.contains_key(keyword), "{keyword} in {part}");
        }
        assert!(!members.get("type").is_some_and(Value::is_array), "{part}");
        for name in ["properties", "$defs"] {
            let inner = members.get(name).and_then(Value::as_object);
            assert!(inner.into_iter().flatten().all(|(_, schema)| schema.is_object()), "{part}");
        }
        assert!(members.get("items").is_none_or(Value::is_object), "{part}");
        if members.get("type") == Some(&json!("array")) {
            assert!(members.contains_key("items"), "{part}");
        }
    });
}

#[test]
fn what_is_published_is_portable() {
    for schema in [
        shown::<Filter>(),
        whole::<Filter>(),
        whole::<Place>(),
        whole::<Flat>(),
        shown::<Tree>(),
        whole::<Node>(),
        shown::<(u8, String)>(),
        shown::<[f64; 3]>(),
        shown::<NonZeroI32>(),
        shown::<BTreeMap<u32, HashSet<String>>>(),
        returned::<Filter>().enforced,
        returned::<Vec<Node>>().enforced,
        returned::<Tree>().enforced,
    ] {
        portable(&schema);
    }
}

/// Any JSON is `{}` at every depth, on both sides, never `true`.
#[test]
fn any_json_is_an_empty_schema() {
    assert_eq!(whole::<Filter>()["properties"]["any"], json!({}));
    let output = returned::<Filter>().enforced;
    assert_eq!(output["properties"]["any"], json!({}));
    assert_eq!(shown::<BTreeMap<String, Value>>()["additionalProperties"], json!({}));
}

#[test]
fn what_may_be_left_out_is_published_without_null() {
    let schema = whole::<Filter>();
    assert_eq!(schema["properties"]["tags"], json!({"type": "array", "items": {"type": "string"}}));
    assert_eq!(schema["properties"]["limit"]["type"], "integer");
    assert_eq!(schema["required"], json!(["any"]));
    // Inside a list `null` is a value.
    let list = &schema["properties"]["inner"]["properties"]["list"];
    assert_eq!(list["items"], json!({"anyOf": [{"type": "integer", "minimum": 0, "maximum": 255}, {"type": "null"}]}));
    assert!(schema["properties"]["inner"]["additionalProperties"] == json!(false), "{schema}");
    // On the way out, serde writes it.
    let output = returned::<Filter>().enforced;
    let text = output["properties"]["tags"].to_string();
    assert!(text.contains("null") && output["required"].as_array().unwrap().contains(&json!("tags")), "{output}");
}

#[test]
fn options_are_one_list_and_what_they_mean_is_said() {
    let order = shown::<Order>();
    assert_eq!(order["type"], "string");
    assert_eq!(order["enum"], json!(["unsorted", "newest_first", "oldest_first"]), "{order}");
    let text = order["description"].as_str().unwrap();
    assert_eq!(
        text,
        "What it is.\n- `newest_first`: Most recent first.\n- `oldest_first`: Least recent first, as in a book."
    );
    let optional = &whole::<Filter>()["properties"]["order"];
    assert_eq!(optional["type"], "string");
    let text = optional["description"].as_str().unwrap();
    assert!(text.starts_with("In which order.") && text.contains("- `oldest_first`: Least"), "{text}");
    assert!(!optional.to_string().contains("null"), "{optional}");
}

/// The root of all arguments is one plain object, whatever the author's type is; what is enforced stays exact.
#[test]
fn alternatives_of_all_arguments_are_shown_as_one_object() {
    let schema = whole::<Place>();
    assert_eq!(schema["type"], "object");
    assert_eq!(schema["properties"]["kind"]["enum"], json!(["near", "named"]));
    assert_eq!(schema["required"], json!(["kind"]));
    assert_eq!(schema["additionalProperties"], false);
    assert!(schema.get("anyOf").is_none());
    assert!(schema["description"].as_str().unwrap().contains("`kind` is \"near\", `latitude`, `radius`"), "{schema}");
    let flat = whole::<Flat>();
    assert_eq!(flat["properties"].as_object().unwrap().len(), 5, "{flat}");
    assert_eq!(flat["required"], json!(["id", "kind"]));
}

#[test]
fn a_tuple_is_a_list_of_a_length() {
    assert_eq!(
        shown::<[f64; 3]>(),
        json!({"type": "array", "items": {"type": "number"}, "minItems": 3, "maxItems": 3, "description": "What it is."})
    );
    let pair = shown::<(u8, String)>();
    assert_eq!(pair["items"]["anyOf"].as_array().unwrap().len(), 2);
    assert!(pair["description"].as_str().unwrap().ends_with("In this order: integer, string."), "{pair}");
}

#[test]
fn numbers_are_bounded_by_what_their_type_holds() {
    let bounds = |schema: Value| (schema["minimum"].clone(), schema["maximum"].clone());
    assert_eq!(bounds(shown::<u32>()), (json!(0), json!(4_294_967_295_u32)));
    assert_eq!(bounds(shown::<i8>()), (json!(-128), json!(127)));
    assert_eq!(bounds(shown::<NonZeroU8>()), (json!(1), json!(255)));
    // JavaScript could not read these: they are enforced only.
    assert_eq!(bounds(shown::<i64>()), (Value::Null, Value::Null));
    assert_eq!(bounds(shown::<u64>()), (json!(0), Value::Null));
    assert_eq!(bounds(shown::<f32>()), (Value::Null, Value::Null));
    let enforced = input_schema(&[Parameter::Whole { schema: schema_for::<Place>(), notes: Vec::new() }]).unwrap();
    let near = &enforced["anyOf"][0]["properties"];
    assert_eq!(near["latitude"]["maximum"], json!(f64::from(f32::MAX)));
    assert_eq!(near["radius"]["maximum"], json!(u64::MAX));
}

#[test]
fn results_that_are_no_objects_are_wrapped_with_what_they_refer_to() {
    assert!(returned::<Filter>().is_object && returned::<Node>().is_object);
    let place = returned::<Place>();
    assert!(place.is_object, "each alternative is an object");
    assert_eq!(place.enforced["type"], "object");
    assert!(returned::<Tree>().is_object, "each variant with data is an object");
    for form in [returned::<Order>(), returned::<Value>(), returned::<Option<Filter>>(), returned::<Vec<Tree>>()] {
        assert!(!form.is_object, "{}", form.enforced);
    }
    for form in [returned::<Vec<Node>>(), returned::<Vec<Tree>>()] {
        let outer = wrapped(&published(&form.enforced, Side::Output, Publishing::default()));
        assert_eq!(outer["type"], "object");
        all(&outer, &mut |part| {
            if let Some(target) = part.get("$ref").and_then(Value::as_str) {
                assert!(
                    outer.pointer(target.strip_prefix('#').unwrap()).is_some(),
                    "{target} leads to nothing in {outer}"
                );
            }
        });
        assert!(outer["$defs"].is_object() && outer["properties"]["result"].get("$defs").is_none());
    }
}

/// A schema that names its dialect is its author's, word for word.
#[test]
fn what_is_written_by_hand_stays() {
    let schema = json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "oneOf": [{}]});
    let mut settled = schema.clone();
    settle(&mut settled, Side::Input);
    assert_eq!(settled, schema);
    assert_eq!(published(&schema, Side::Input, Publishing::default()), schema);
}

#[test]
fn closing_can_be_left_unsaid() {
    let enforced = input_schema(&[Parameter::Whole { schema: schema_for::<Filter>(), notes: Vec::new() }]).unwrap();
    let shown = published(&enforced, Side::Input, Publishing { additional_properties: false });
    assert!(
        enforced.to_string().contains("additionalProperties") && !shown.to_string().contains("additionalProperties")
    );
}
