//! The schema of a Rust type, in the words that every client knows.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use super::parts;

/// The formats of JSON Schema 2020-12 that are checked (validation, Vocabularies for Semantic Content With "format");
/// those of internationalised names are not among them.
pub(crate) const FORMATS: [&str; 17] = [
    "date-time",
    "date",
    "time",
    "duration",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uuid",
    "uri-template",
    "json-pointer",
    "relative-json-pointer",
    "regex",
];

/// The schema of what a type can be read from.
pub(crate) fn schema_for<T: JsonSchema>() -> Value {
    write::<T>(settings().for_deserialize())
}

/// The schema of what a type is written as.
pub(crate) fn output_schema_for<T: JsonSchema>() -> Value {
    write::<T>(settings().for_serialize())
}

/// Inlined, because hosts resolve `$ref` badly or not at all; only what refers to itself stays in `$defs`.
fn settings() -> SchemaSettings {
    SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        // Without `$schema` the dialect is 2020-12 (basic, JSON Schema Usage).
        settings.meta_schema = None;
    })
}

fn write<T: JsonSchema>(settings: SchemaSettings) -> Value {
    let mut generator = settings.into_generator();
    // Not the root: a type that refers to itself would point to `#`, which is another place once it is a property.
    let schema: Schema = generator.subschema_for::<T>();
    let definitions = generator.take_definitions(true);
    let mut schema = match schema.to_value() {
        Value::Bool(true) => json!({}),
        Value::Bool(false) => json!({ "not": {} }),
        schema => schema,
    };
    if let Value::Object(members) = &mut schema
        && !definitions.is_empty()
    {
        members.insert("$defs".to_owned(), Value::Object(definitions.into_iter().collect()));
    }
    parts::all(&mut schema, &mut portable);
    schema
}

/// Says with `minimum` and `maximum` what Rust's names of numbers say, which no client knows.
fn portable(members: &mut Map<String, Value>) {
    let Some(format) = members.get("format").and_then(Value::as_str) else { return };
    if FORMATS.contains(&format) {
        return;
    }
    // 64 bits have no bounds here: JavaScript could not read them, and reading the number refuses the rest.
    let bounds: Option<(i64, i64)> = match format {
        "int8" => Some((i8::MIN.into(), i8::MAX.into())),
        "int16" => Some((i16::MIN.into(), i16::MAX.into())),
        "int32" => Some((i32::MIN.into(), i32::MAX.into())),
        "uint8" => Some((0, u8::MAX.into())),
        "uint16" => Some((0, u16::MAX.into())),
        "uint32" => Some((0, u32::MAX.into())),
        _ => None,
    };
    members.remove("format");
    if let Some((least, most)) = bounds {
        members.entry("minimum").or_insert(least.into());
        members.entry("maximum").or_insert(most.into());
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Node {
        next: Option<Box<Node>>,
        size: u16,
    }

    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Point {
        x: i32,
        #[serde(default)]
        label: Option<String>,
        #[serde(rename(serialize = "out", deserialize = "in"))]
        way: Way,
    }

    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    enum Way {
        ThereAndBack,
        There,
    }

    #[test]
    fn numbers_have_bounds_instead_of_names() {
        assert_eq!(schema_for::<u32>(), json!({"type": "integer", "minimum": 0, "maximum": 4_294_967_295_u32}));
        assert_eq!(schema_for::<i8>(), json!({"type": "integer", "minimum": -128, "maximum": 127}));
        assert_eq!(schema_for::<i64>(), json!({"type": "integer"}));
        assert_eq!(schema_for::<u64>(), json!({"type": "integer", "minimum": 0}));
        assert_eq!(schema_for::<f64>(), json!({"type": "number"}));
        assert_eq!(schema_for::<String>(), json!({"type": "string"}));
        assert_eq!(schema_for::<Value>(), json!({}));
    }

    #[test]
    fn a_struct_is_inlined_without_titles() {
        let schema = schema_for::<Point>();
        let text = schema.to_string();
        assert!(!text.contains("$ref") && !text.contains("title") && !text.contains("$schema"), "{text}");
        assert_eq!(schema["properties"]["in"]["enum"], json!(["there_and_back", "there"]));
        assert!(output_schema_for::<Point>()["properties"].get("out").is_some());
    }

    #[test]
    fn what_refers_to_itself_stays_a_definition() {
        let schema = schema_for::<Node>();
        assert_eq!(schema["type"], "object");
        assert_eq!(schema["properties"]["size"], json!({"type": "integer", "minimum": 0, "maximum": 65535}));
        assert!(schema["$defs"]["Node"]["properties"]["next"].to_string().contains("#/$defs/Node"), "{schema}");
    }
}
