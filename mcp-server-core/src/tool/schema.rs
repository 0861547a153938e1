//! Schemas (placeholder).
use schemars::JsonSchema;
use serde_json::Value;
pub(crate) fn schema_for<T: JsonSchema>() -> Value { schemars::schema_for!(T).to_value() }
