//! Schemas (placeholder).
use schemars::JsonSchema;
use serde_json::Value;
pub(crate) fn schema_for<T: JsonSchema>() -> Value { schemars::schema_for!(T).to_value() }
use super::parameter::Parameter;
pub(crate) fn input_schema(parameters: &[Parameter]) -> Result<Value, String> {
    let mut properties = serde_json::Map::new();
    let mut required = vec![];
    for parameter in parameters {
        match parameter {
            Parameter::Injected { .. } => {}
            Parameter::Whole { schema } => return Ok(schema.clone()),
            Parameter::Argument { spec, schema, optional } => {
                let mut schema = schema.clone();
                if let Some(o) = schema.as_object_mut() { o.remove("$schema"); o.remove("title"); if !spec.description.is_empty() { o.insert("description".into(), spec.description.into()); } if let Some(h) = spec.header { o.insert("x-mcp-header".into(), h.into()); } }
                if !optional && spec.default.is_none() { required.push(spec.name); }
                properties.insert(spec.name.into(), schema);
            }
        }
    }
    let mut schema = serde_json::json!({"type": "object", "properties": properties, "additionalProperties": false});
    if !required.is_empty() { schema["required"] = serde_json::json!(required); }
    Ok(schema)
}
