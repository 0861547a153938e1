//! What a call ended in, read off the answer that its request would have had.

use serde_json::Value;

use crate::protocol::meta::key;
use crate::task::record::End;

/// Reads an answer. What belongs to one era alone is taken out: each codec adds what its own wants.
pub(crate) fn end_of(answer: &[u8]) -> Option<End> {
    let mut answer: Value = serde_json::from_slice(answer).ok()?;
    let members = answer.as_object_mut()?;
    if let Some(error) = members.remove("error") {
        return Some(End::Error(error));
    }
    let mut value = members.remove("result")?;
    let result = value.as_object_mut()?;
    result.shift_remove("resultType");
    if let Some(meta) = result.get_mut("_meta").and_then(Value::as_object_mut) {
        meta.shift_remove(key::SERVER_INFO);
        if meta.is_empty() {
            result.shift_remove("_meta");
        }
    }
    let is_error = result.get("isError").and_then(Value::as_bool).unwrap_or(false);
    Some(End::Result { value, is_error })
}
