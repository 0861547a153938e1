//! Tools whose schemas are something special.

use std::borrow::Cow;

use mcp_server_core::prelude::*;
use mcp_server_core::tool::Item;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Arguments under a schema that was written by hand.
#[derive(Deserialize)]
struct Contact(Map<String, Value>);

impl JsonSchema for Contact {
    fn schema_name() -> Cow<'static, str> {
        "Contact".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "$defs": {
                "address": {
                    "$anchor": "addressDef",
                    "type": "object",
                    "properties": { "street": { "type": "string" }, "city": { "type": "string" } }
                }
            },
            "properties": {
                "name": { "type": "string" },
                "address": { "$ref": "#/$defs/address" },
                "contactMethod": { "type": "string", "enum": ["phone", "email"] },
                "phone": { "type": "string" },
                "email": { "type": "string" }
            },
            "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
            "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
            "then": { "required": ["phone"] },
            "else": { "required": ["email"] },
            "additionalProperties": false
        })
    }
}

/// Take arguments under a schema with every kind of keyword.
#[tool(read_only)]
async fn json_schema_2020_12_tool(Args(contact): Args<Contact>) -> String {
    format!("{} members were given.", contact.0.len())
}

/// Take an argument that a header repeats.
#[tool(read_only)]
async fn test_custom_header(
    /// Any text.
    #[arg(header = "Value")]
    value: String,
) -> String {
    format!("The value is {value:?}.")
}

pub(crate) fn tools() -> Vec<Item> {
    tools![json_schema_2020_12_tool, test_custom_header]
}
