//! Writing: each answer goes once into one buffer.

use bytes::Bytes;
use serde::Serialize;

use super::error::RpcError;
use super::jsonrpc::RequestId;

/// A result on its way into its buffer: `{"jsonrpc":"2.0","id":…,"result":{ members }}`.
#[derive(Debug)]
pub(crate) struct ResultWriter {
    buffer: Vec<u8>,
    first: bool,
}

impl ResultWriter {
    /// Starts the answer to a request in a buffer of some capacity.
    pub(crate) fn start(id: &RequestId, capacity: usize) -> Self {
        let mut buffer = Vec::with_capacity(capacity);
        buffer.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
        buffer.extend_from_slice(id.as_json().as_bytes());
        buffer.extend_from_slice(br#","result":{"#);
        Self { buffer, first: true }
    }

    /// Starts a member and hands the buffer out for its value.
    pub(crate) fn member(&mut self, name: &str) -> &mut Vec<u8> {
        if !self.first {
            self.buffer.push(b',');
        }
        self.first = false;
        self.buffer.push(b'"');
        self.buffer.extend_from_slice(name.as_bytes());
        self.buffer.extend_from_slice(b"\":");
        &mut self.buffer
    }

    /// Writes a member that is JSON text already.
    pub(crate) fn raw(&mut self, name: &str, json: &[u8]) {
        self.member(name).extend_from_slice(json);
    }

    /// Writes a member; a value that does not serialize becomes `null`, which no caller has.
    pub(crate) fn value<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) {
        append(self.member(name), value);
    }

    /// Ends the answer.
    pub(crate) fn finish(mut self) -> Bytes {
        self.buffer.extend_from_slice(b"}}");
        Bytes::from(self.buffer)
    }
}

/// Appends a value as JSON text.
pub(crate) fn append<T: Serialize + ?Sized>(buffer: &mut Vec<u8>, value: &T) {
    let start = buffer.len();
    if serde_json::to_writer(&mut *buffer, value).is_err() {
        buffer.truncate(start);
        buffer.extend_from_slice(b"null");
    }
}

/// Appends JSON text that the buffer holds already as a JSON string: its text twin.
pub(crate) fn append_twin(buffer: &mut Vec<u8>, from: usize, to: usize) {
    // Rows are dense with quotes: an eighth more holds the escapes of most of them.
    let length = to.saturating_sub(from);
    buffer.reserve(length + length / 8 + 2);
    buffer.push(b'"');
    let mut at = from;
    while at < to {
        let next = buffer.get(at..to).and_then(|rest| memchr::memchr2(b'"', b'\\', rest));
        let end = next.map_or(to, |offset| at + offset);
        buffer.extend_from_within(at..end);
        if next.is_some() {
            buffer.push(b'\\');
            buffer.extend_from_within(end..=end);
            at = end + 1;
        } else {
            at = to;
        }
    }
    buffer.push(b'"');
}

/// The answer that holds an error; without an id that could be read there is none in it (basic, Responses).
pub(crate) fn error(id: Option<&RequestId>, error: &RpcError) -> Bytes {
    let mut buffer = Vec::with_capacity(192);
    buffer.extend_from_slice(br#"{"jsonrpc":"2.0","#);
    if let Some(id) = id {
        buffer.extend_from_slice(b"\"id\":");
        buffer.extend_from_slice(id.as_json().as_bytes());
        buffer.push(b',');
    }
    buffer.extend_from_slice(b"\"error\":");
    append(&mut buffer, error);
    buffer.push(b'}');
    Bytes::from(buffer)
}

/// A notification.
pub(crate) fn notification(method: &str, params: &serde_json::Value) -> Bytes {
    Bytes::from(serde_json::json!({ "jsonrpc": "2.0", "method": method, "params": params }).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_twin_reads_back_as_the_same_json() {
        let value = serde_json::json!({"a": "quote \" and \\ and \n", "b": ["é", 1.5, null]});
        let mut buffer = Vec::new();
        append(&mut buffer, &value);
        let end = buffer.len();
        append_twin(&mut buffer, 0, end);
        let twin: String = serde_json::from_slice(&buffer[end..]).unwrap();
        assert_eq!(serde_json::from_str::<serde_json::Value>(&twin).unwrap(), value);
    }
}
