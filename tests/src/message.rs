//! Messages as a client would write them.

use serde_json::{Value, json};

/// A modern request: its revision and its client's capabilities are in `_meta`.
pub fn modern(id: impl Into<Value>, method: &str, params: Value) -> Value {
    let mut params = params;
    let object = params.as_object_mut().expect("params are an object");
    let meta = object.entry("_meta").or_insert_with(|| json!({}));
    meta["io.modelcontextprotocol/protocolVersion"] = "2026-07-28".into();
    meta.as_object_mut()
        .expect("`_meta` is an object")
        .entry("io.modelcontextprotocol/clientCapabilities")
        .or_insert_with(|| json!({}));
    json!({ "jsonrpc": "2.0", "id": id.into(), "method": method, "params": params })
}

/// A modern call of a tool.
pub fn call(id: impl Into<Value>, tool: &str, arguments: Value) -> Value {
    modern(id, "tools/call", json!({ "name": tool, "arguments": arguments }))
}

/// A request of the legacy era.
pub fn legacy(id: impl Into<Value>, method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id.into(), "method": method, "params": params })
}

/// The request that opens a legacy session.
pub fn initialize(revision: &str) -> Value {
    let client = json!({ "name": "tests", "version": "0" });
    let capabilities = json!({ "elicitation": {}, "sampling": {}, "roots": {} });
    legacy(0, "initialize", json!({ "protocolVersion": revision, "capabilities": capabilities, "clientInfo": client }))
}

/// A notification.
pub fn notification(method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "method": method, "params": params })
}
