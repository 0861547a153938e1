//! Canonical JSON: one text for a value, whatever the order of its members.

use serde_json::Value;

use crate::protocol::write::append;

/// Writes a value for a digest; the text is made to be compared, not to be read back.
pub(super) fn canonicalise(value: &Value, into: &mut Vec<u8>) {
    match value {
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| name.as_str());
            into.push(b'{');
            for (name, member) in sorted {
                append(into, name);
                into.push(b':');
                canonicalise(member, into);
                into.push(b',');
            }
            into.push(b'}');
        }
        Value::Array(items) => {
            into.push(b'[');
            for item in items {
                canonicalise(item, into);
                into.push(b',');
            }
            into.push(b']');
        }
        plain => append(into, plain),
    }
}
