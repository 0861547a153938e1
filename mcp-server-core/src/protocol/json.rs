//! Placeholder.
use serde_json::{Map, Value};
/// A fault.
#[derive(Debug)]
pub(crate) struct JsonFault(String);
impl JsonFault { pub(crate) fn pointer(&self) -> &str { "" } }
impl std::fmt::Display for JsonFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(&self.0) }
}
pub(crate) fn object(text: &str, _depth: usize) -> Result<Map<String, Value>, JsonFault> {
    serde_json::from_str(text).map_err(|e| JsonFault(e.to_string()))
}
