//! Mirrored parameters: arguments that a modern client repeats in `Mcp-Param-*` headers (server/tools, `x-mcp-header`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::{HeaderMap, HeaderName};
use serde_json::{Map, Value};

use crate::protocol::RpcError;
use crate::protocol::error::code;

/// An argument that a header repeats.
#[derive(Debug)]
pub(crate) struct Mirror {
    header: HeaderName,
    /// The names on the way from the arguments' root to the value.
    path: Vec<String>,
}

impl Mirror {
    /// Finds the mirrored parameters of an input schema.
    ///
    /// # Errors
    /// What breaks the rules of `x-mcp-header`: a client would drop the whole tool.
    pub(crate) fn all_of(schema: &Value) -> Result<Vec<Self>, String> {
        let mut found = Vec::new();
        collect(schema, &mut Vec::new(), &mut found)?;
        for (index, mirror) in found.iter().enumerate() {
            if found.iter().skip(index + 1).any(|other| other.header == mirror.header) {
                return Err(format!("two parameters are mirrored in `{}`", mirror.header));
            }
        }
        let (marked, reached) = (count(schema), found.len());
        if marked != reached {
            return Err(
                "`x-mcp-header` may stand only on properties that are reached through `properties` alone".to_owned()
            );
        }
        Ok(found)
    }
}

fn collect(schema: &Value, path: &mut Vec<String>, found: &mut Vec<Mirror>) -> Result<(), String> {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return Ok(()) };
    for (name, property) in properties {
        path.push(name.clone());
        if let Some(header) = property.get("x-mcp-header") {
            let header = header.as_str().unwrap_or_default();
            let legal = property.get("type").and_then(Value::as_str);
            if !matches!(legal, Some("string" | "integer" | "boolean")) {
                return Err(format!(
                    "`/{}`: only a string, integer or boolean can be mirrored in a header",
                    path.join("/")
                ));
            }
            let header = HeaderName::try_from(format!("mcp-param-{header}").to_ascii_lowercase())
                .ok()
                .filter(|name| name.as_str().len() > "mcp-param-".len())
                .ok_or_else(|| format!("`/{}`: `{header}` is no name for a header", path.join("/")))?;
            found.push(Mirror { header, path: path.clone() });
        }
        collect(property, path, found)?;
        path.pop();
    }
    Ok(())
}

fn count(schema: &Value) -> usize {
    match schema {
        Value::Object(members) => {
            members.values().map(count).sum::<usize>()
                + usize::from(members.get("x-mcp-header").is_some_and(Value::is_string))
        }
        Value::Array(items) => items.iter().map(count).sum(),
        _ => 0,
    }
}

/// Compares each mirrored argument with its header.
///
/// # Errors
/// `-32020` naming the header.
pub(crate) fn check(mirrors: &[Mirror], arguments: &Map<String, Value>, headers: &HeaderMap) -> Result<(), RpcError> {
    for mirror in mirrors {
        let mut steps = mirror.path.iter();
        let first = steps.next().and_then(|name| arguments.get(name));
        let value = steps.fold(first, |value, name| value.and_then(|value| value.get(name)));
        let value = value.filter(|value| !value.is_null());
        let mut lines = headers.get_all(&mirror.header).iter();
        let header = lines.next().map(|line| decode(line.as_bytes()));
        if lines.next().is_some() {
            return Err(mismatch(mirror, "stands twice"));
        }
        match (value, header) {
            (None, None) => {}
            (Some(_), None) => return Err(mismatch(mirror, "is missing: it repeats an argument of this tool")),
            (None, Some(_)) => return Err(mismatch(mirror, "repeats an argument that is not there")),
            (Some(_), Some(None)) => return Err(mismatch(mirror, "cannot be decoded")),
            (Some(value), Some(Some(text))) => {
                if !same(value, &text) {
                    return Err(mismatch(mirror, "differs from the argument"));
                }
            }
        }
    }
    Ok(())
}

fn mismatch(mirror: &Mirror, what: &str) -> RpcError {
    RpcError::new(code::HEADER_MISMATCH, format!("the header `{}` {what}", mirror.header))
}

fn same(value: &Value, text: &str) -> bool {
    match value {
        Value::String(value) => value == text,
        Value::Bool(value) => text == if *value { "true" } else { "false" },
        // Numbers are compared as numbers: `42.0` is `42`.
        Value::Number(value) => {
            value.to_string() == text || value.as_f64().is_some_and(|value| text.parse() == Ok(value))
        }
        _ => false,
    }
}

/// Reads a mirrored header value: literal text, or `=?base64?…?=` of UTF-8 (basic/transports, Streamable HTTP).
pub(crate) fn decode(raw: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(raw).ok()?.trim_matches([' ', '\t']);
    if !text.bytes().all(|byte| matches!(byte, 0x20..=0x7e | b'\t')) {
        return None;
    }
    let Some(inside) = text.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) else {
        return Some(text.to_owned());
    };
    String::from_utf8(BASE64.decode(inside).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde_json::json;

    use super::*;

    fn checked(arguments: &Value, header: Option<&str>) -> bool {
        let schema = json!({"properties": {"value": {"type": "string", "x-mcp-header": "Value"}}});
        let mirrors = Mirror::all_of(&schema).unwrap();
        let mut headers = HeaderMap::new();
        if let Some(header) = header {
            headers.insert("mcp-param-value", HeaderValue::from_str(header).unwrap());
        }
        check(&mirrors, arguments.as_object().unwrap(), &headers).is_ok()
    }

    /// C34, C35, C38, C40, C41.
    #[test]
    fn a_mirrored_argument_must_be_repeated() {
        assert!(checked(&json!({"value": "a"}), Some("a")));
        assert!(checked(&json!({"value": ""}), Some("")));
        assert!(checked(&json!({"value": null}), None));
        assert!(checked(&json!({"value": "Hello, 世界"}), Some("=?base64?SGVsbG8sIOS4lueVjA==?=")));
        assert!(checked(&json!({"value": " padded "}), Some("=?base64?IHBhZGRlZCA=?=")));
        assert!(checked(&json!({"value": "=?base64?literal"}), Some("=?base64?literal")));
        assert!(!checked(&json!({"value": "a"}), None));
        assert!(!checked(&json!({"value": "a"}), Some("A")));
        assert!(!checked(&json!({}), Some("a")));
        assert!(!checked(&json!({"value": "Hello"}), Some("=?base64?SGVsbG8?=")), "padding is required");
        assert!(!checked(&json!({"value": "Hello"}), Some("=?base64?SGVs!!8=?=")));
    }

    /// C30 to C32.
    #[test]
    fn an_annotation_out_of_place_is_refused() {
        for schema in [
            json!({"properties": {"a": {"type": "number", "x-mcp-header": "A"}}}),
            json!({"properties": {"a": {"type": "string", "x-mcp-header": ""}}}),
            json!({"properties": {"a": {"type": "string", "x-mcp-header": "A B"}}}),
            json!({"properties": {"a": {"type": "array", "items": {"type": "string", "x-mcp-header": "A"}}}}),
            json!({"properties": {"a": {"type": "string", "x-mcp-header": "X"}, "b": {"type": "string", "x-mcp-header": "x"}}}),
        ] {
            assert!(Mirror::all_of(&schema).is_err(), "{schema}");
        }
    }
}
