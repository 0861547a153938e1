//! Resources.

use mcp_server_core::prelude::*;
use mcp_server_core::tool::Item;
use serde_json::json;

use crate::content::PIXEL;

/// A text that never changes.
#[resource("test://static-text", mime = "text/plain")]
async fn static_text() -> &'static str {
    "This is the content of the static text resource."
}

/// A picture that never changes.
#[resource("test://static-binary", mime = "image/png")]
async fn static_binary() -> Vec<u8> {
    PIXEL.to_vec()
}

/// A text that can be watched.
#[resource("test://watched-resource", mime = "text/plain")]
async fn watched_resource() -> &'static str {
    "This is watched."
}

/// Data by its id.
#[resource("test://template/{id}/data", mime = "application/json")]
async fn template_data(id: String) -> String {
    json!({ "id": id, "templateTest": true, "data": format!("Data for ID: {id}") }).to_string()
}

pub(crate) fn resources() -> Vec<Item> {
    resources![static_text, static_binary, watched_resource, template_data]
}
