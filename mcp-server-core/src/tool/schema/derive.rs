//! The schema of a Rust type as schemars writes it, before the pipeline makes it portable.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

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
    schema
}
