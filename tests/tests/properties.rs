//! Decoding held against an independent reading of the same bytes, over messages that were made up.

#![allow(
    clippy::expect_used,
    clippy::format_collect,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::type_complexity,
    clippy::unwrap_used,
    reason = "all of it is test code, where a panic says that a test failed"
)]

use bytes::Bytes;
use mcp_server_core::protocol::jsonrpc::{Message, decode};
use mcp_server_core::protocol::{Params, RequestId};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(Value::from("2.0")),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z_/~\"\\\\é]{0,6}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Messages, valid and nearly valid: each member may be there, with a fitting value or with any.
fn message() -> impl Strategy<Value = Value> {
    let member = |fitting: BoxedStrategy<Value>| prop::option::weighted(0.8, prop_oneof![4 => fitting, 1 => value()]);
    (
        member(Just(json!("2.0")).boxed()),
        member(prop_oneof![any::<i64>().prop_map(Value::from), "\\PC{0,8}".prop_map(Value::from)].boxed()),
        prop::option::of(prop_oneof![4 => "[a-z/]{1,12}".prop_map(Value::from), 1 => value()]),
        prop::option::of(value()),
        prop::option::weighted(0.3, value()),
        prop::option::weighted(0.2, value()),
    )
        .prop_map(|(jsonrpc, id, method, params, result, error)| {
            let members = [
                ("id", id),
                ("method", method),
                ("params", params),
                ("jsonrpc", jsonrpc),
                ("result", result),
                ("error", error),
            ];
            let present = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
            Value::Object(present.collect::<Map<_, _>>())
        })
}

/// What a message is, read by the letter of the specification (basic, Messages).
fn expected(message: &Value) -> Option<&'static str> {
    let id = message.get("id");
    let id_is_good = id.is_none_or(|id| id.is_string() || id.is_i64() || id.is_u64());
    if message.get("jsonrpc") != Some(&json!("2.0")) || !id_is_good {
        return None;
    }
    let (method, result, error) = (message.get("method"), message.get("result"), message.get("error"));
    match (method, id, result, error) {
        (Some(Value::String(_)), Some(_), None, None) => Some("request"),
        (Some(Value::String(_)), None, None, None) => Some("notification"),
        (None, Some(_), Some(_), None) | (None, Some(_), None, Some(_)) => Some("response"),
        _ => None,
    }
}

fn parsed(bytes: Option<&Bytes>) -> Option<Value> {
    bytes.map(|bytes| serde_json::from_slice(bytes).expect("a part of a message is JSON"))
}

proptest! {
    /// A02, A15: every message is read as the specification reads it, its parts untouched, and nothing else is.
    #[test]
    fn decoding_agrees_with_the_specification(message in message(), spaced in any::<bool>()) {
        let text = if spaced { serde_json::to_string_pretty(&message) } else { serde_json::to_string(&message) };
        let decoded = decode(&Bytes::from(text.unwrap()));
        prop_assert_eq!(decoded.is_ok(), expected(&message).is_some(), "{:?}", decoded);
        let Ok(decoded) = decoded else { return Ok(()) };
        // `null` says no more than nothing does.
        let params = message.get("params").filter(|params| !params.is_null()).cloned();
        let id = |id: &RequestId| serde_json::from_str::<Value>(id.as_json()).unwrap();
        match decoded {
            Message::Request(request) => {
                prop_assert_eq!(expected(&message), Some("request"));
                prop_assert_eq!(Some(&id(&request.id)), message.get("id"));
                prop_assert_eq!(request.method.as_str(), message["method"].as_str().unwrap());
                prop_assert_eq!(parsed(request.params.as_ref()), params);
            }
            Message::Notification(notification) => {
                prop_assert_eq!(expected(&message), Some("notification"));
                prop_assert_eq!(parsed(notification.params.as_ref()), params);
            }
            Message::Response(response) => {
                prop_assert_eq!(expected(&message), Some("response"));
                let (result, error) = match &response.outcome {
                    Ok(result) => (parsed(Some(result)), None),
                    Err(error) => (None, parsed(Some(error))),
                };
                prop_assert_eq!(result.as_ref(), message.get("result"));
                prop_assert_eq!(error.as_ref(), message.get("error"));
            }
        }
    }

    /// Bytes of any kind are answered, never a panic.
    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _read = decode(&Bytes::from(bytes.clone()));
        let _params = Params::read(Some(&bytes));
    }

    /// A02: ids keep their type; an escaped spelling of a string is the same id.
    #[test]
    fn equal_ids_are_equal_however_they_are_spelled(text in "\\PC{0,8}") {
        let plain = serde_json::to_string(&text).unwrap();
        let escaped: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        let one = RequestId::from_json(&Bytes::from(plain)).unwrap();
        let other = RequestId::from_json(&Bytes::from(format!("\"{escaped}\""))).unwrap();
        prop_assert_eq!(one, other);
    }
}
