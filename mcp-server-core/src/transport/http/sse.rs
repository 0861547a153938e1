//! Server-sent events (WHATWG HTML, section 9.2).

use std::time::Duration;

/// Appends a message as an event. Its JSON text holds no line end, so it is one `data` line.
pub(super) fn message(into: &mut Vec<u8>, id: Option<&str>, data: &[u8]) {
    into.extend_from_slice(b"event: message\n");
    if let Some(id) = id {
        into.extend_from_slice(b"id: ");
        into.extend_from_slice(id.as_bytes());
        into.push(b'\n');
    }
    into.extend_from_slice(b"data: ");
    into.extend_from_slice(data);
    into.extend_from_slice(b"\n\n");
}

/// Appends an event without data: it tells a client from where it can resume, and after how long it should.
pub(super) fn prime(into: &mut Vec<u8>, id: &str, retry: Duration) {
    into.extend_from_slice(format!("id: {id}\nretry: {}\ndata: \n\n", retry.as_millis()).as_bytes());
}

/// Appends an event of a type that clients pass over, whose id they keep all the same: for revisions in which an event
/// without data would be taken for a broken message.
pub(super) fn resumed(into: &mut Vec<u8>, id: &str) {
    into.extend_from_slice(format!("event: resumed\nid: {id}\ndata: \n\n").as_bytes());
}

/// The comment that keeps an idle stream open.
pub(super) const KEEP_ALIVE: &[u8] = b": keep-alive\n\n";
