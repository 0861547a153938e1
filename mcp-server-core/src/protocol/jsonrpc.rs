//! JSON-RPC 2.0: the envelope of every message, read once and borrowed from the bytes it came in.

use std::borrow::Cow;

use bytes::Bytes;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::error::RpcError;
use super::method::Method;

/// A message as it arrived: its parts still point into the received bytes.
#[derive(Debug)]
pub enum Message {
    /// Wants exactly one answer.
    Request(Request),
    /// Wants none, whatever happens.
    Notification(Notification),
    /// Answers a request that this server sent (legacy era alone).
    Response(Response),
}

/// A request: a method to run under an id that the answer repeats.
#[derive(Clone, Debug)]
pub struct Request {
    /// The id as JSON text, string quotes included, so that `1` and `"1"` stay apart.
    pub id: RequestId,
    /// The method.
    pub method: Method,
    /// The parameters as JSON text, if there are any.
    pub params: Option<Bytes>,
}

impl Request {
    /// How many bytes its parameters have.
    pub(crate) fn size(&self) -> usize {
        self.params.as_ref().map_or(0, Bytes::len)
    }
}

/// A notification: a method without an id.
#[derive(Clone, Debug)]
pub struct Notification {
    /// The method.
    pub method: Method,
    /// The parameters as JSON text, if there are any.
    pub params: Option<Bytes>,
}

/// The answer of a client to a request of ours.
#[derive(Clone, Debug)]
pub struct Response {
    /// The id of the request that is answered.
    pub id: RequestId,
    /// The result, or the error object, as JSON text.
    pub outcome: Result<Bytes, Bytes>,
}

/// How many bytes an id may have as JSON text: it is repeated in the answer, on spans and in lists of what runs.
const ID_BYTES: usize = 1024;

/// A request id as JSON text: a string with its quotes, or an integer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(Bytes);

impl RequestId {
    /// The id of a request that this server sends.
    pub fn number(number: u64) -> Self {
        Self(Bytes::from(number.to_string()))
    }

    /// Reads an id from JSON text; `None` unless it is a string or an integer (basic, Requests).
    pub fn from_json(text: &Bytes) -> Option<Self> {
        match text.first()? {
            // An escaped spelling of a string must compare equal to the plain one.
            b'"' if text.contains(&b'\\') => {
                let plain: String = serde_json::from_slice(text).ok()?;
                serde_json::to_string(&plain).ok().map(|text| Self(Bytes::from(text)))
            }
            b'"' => Some(Self(text.clone())),
            b'-' | b'0'..=b'9' if !text.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E')) => {
                Some(Self(text.clone()))
            }
            _ => None,
        }
    }

    /// The id as JSON text.
    pub fn as_json(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("null")
    }
}

/// Why bytes are no message, and the id to answer under if one could be read.
#[derive(Debug)]
pub struct Malformed {
    /// The error to answer with.
    pub error: RpcError,
    /// The id, where it was readable.
    pub id: Option<RequestId>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(default, borrow, deserialize_with = "present")]
    jsonrpc: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    method: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    params: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    result: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    error: Option<&'a RawValue>,
}

/// Reads a field that is there, `null` included: `Option` alone would take `null` for absence.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// Whether the bytes hold an array, that is a batch.
pub fn is_batch(bytes: &[u8]) -> bool {
    bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[')
}

/// Takes a batch apart into its messages' bytes.
///
/// # Errors
/// `-32700` if it is not JSON, `-32600` if it is empty or longer than `most`.
pub fn split_batch(bytes: &Bytes, most: usize) -> Result<Vec<Bytes>, RpcError> {
    let parts: Vec<&RawValue> = serde_json::from_slice(bytes).map_err(|error| RpcError::parse(&error))?;
    if parts.is_empty() || parts.len() > most {
        return Err(RpcError::invalid_request(format!("a batch holds 1 to {most} messages")));
    }
    Ok(parts.into_iter().map(|part| bytes.slice_ref(part.get().as_bytes())).collect())
}

/// Reads one message.
///
/// Letter case counts, a duplicate member is refused, an array is no message (basic, Messages).
///
/// # Errors
/// `-32700` for what is not JSON, `-32600` for JSON that is no message; the id is repeated where it can be read.
pub fn decode(bytes: &Bytes) -> Result<Message, Malformed> {
    let text =
        std::str::from_utf8(bytes).map_err(|_| refuse(RpcError::new(-32700, "the message is not UTF-8"), None))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|error| not_an_envelope(text, &error))?;
    let slice = |raw: &RawValue| bytes.slice_ref(raw.get().as_bytes());
    let id = match envelope.id {
        None => None,
        Some(raw) if raw.get().len() > ID_BYTES => {
            let error = RpcError::invalid_request(format!("`id` is longer than {ID_BYTES} bytes: use a shorter one"));
            return Err(refuse(error, None));
        }
        Some(raw) => Some(
            RequestId::from_json(&slice(raw))
                .ok_or_else(|| refuse(RpcError::invalid_request("`id` must be a string or an integer"), None))?,
        ),
    };
    if envelope.jsonrpc.map(RawValue::get) != Some("\"2.0\"") {
        return Err(refuse(RpcError::invalid_request("`jsonrpc` must be \"2.0\""), id));
    }
    let params = envelope.params.filter(|params| params.get() != "null").map(slice);
    match (envelope.method, id, envelope.result, envelope.error) {
        (Some(method), id, None, None) => {
            let Some(method) = method_name(method) else {
                return Err(refuse(RpcError::invalid_request("`method` must be a string"), id));
            };
            Ok(match id {
                Some(id) => Message::Request(Request { id, method, params }),
                None => Message::Notification(Notification { method, params }),
            })
        }
        (None, Some(id), Some(result), None) => Ok(Message::Response(Response { id, outcome: Ok(slice(result)) })),
        (None, Some(id), None, Some(error)) => Ok(Message::Response(Response { id, outcome: Err(slice(error)) })),
        (_, id, _, _) => Err(refuse(
            RpcError::invalid_request("a message has a `method`, or an `id` with a `result` or an `error`"),
            id,
        )),
    }
}

fn method_name(raw: &RawValue) -> Option<Method> {
    serde_json::from_str::<BorrowedText<'_>>(raw.get()).ok().map(|name| Method::parse(name.0))
}

/// A string that is borrowed unless it holds an escape.
#[derive(Deserialize)]
pub(crate) struct BorrowedText<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

fn refuse(error: RpcError, id: Option<RequestId>) -> Malformed {
    Malformed { error, id }
}

/// Tells broken JSON from JSON that is no envelope, and saves the id if it is there.
fn not_an_envelope(text: &str, error: &serde_json::Error) -> Malformed {
    match serde_json::from_str::<serde_json::Value>(text) {
        Err(error) => refuse(RpcError::parse(&error), None),
        Ok(value) => {
            let id = value.get("id").map(serde_json::Value::to_string).filter(|id| id.len() <= ID_BYTES);
            let id = id.and_then(|id| RequestId::from_json(&Bytes::from(id)));
            let what = if value.is_object() {
                format!("not a JSON-RPC message: {error}")
            } else {
                "a message is one JSON object".to_owned()
            };
            refuse(RpcError::invalid_request(what), id)
        }
    }
}
