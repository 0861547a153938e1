//! Replies: results written once, in the form of their revision.

use std::ops::Range;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::entry::{Output, PromptEntry, ResourceEntry};
use super::service::Service;
use crate::protocol::write::{ResultWriter, append, append_twin};
use crate::protocol::{Block, RequestId, ResourceBody, ResourceContents, Revision};
use crate::telemetry::{CallRecord, Ending};
use crate::tool::resource::Part;
use crate::tool::schema::WRAPPED;
use crate::tool::{Contents, Messages, Reply, ToolError, repeated_receipt};

/// Under which key of `_meta` a tool error stands as data.
const ERROR_KEY: &str = "rs.mcp-server/error";
/// Under which key of `_meta` a result says that it was another call's.
const REPLAYED_KEY: &str = "rs.mcp-server/replayed";

/// Starts a result: what every modern one begins with.
pub(super) fn start(id: &RequestId, revision: Revision, capacity: usize) -> ResultWriter {
    let mut writer = ResultWriter::start(id, capacity);
    if revision.is_modern() {
        writer.raw("resultType", br#""complete""#);
    }
    writer
}

/// Ends a result: who the server is stands on every modern one (basic, `_meta`).
pub(super) fn end(service: &Service, revision: Revision, mut writer: ResultWriter) -> Bytes {
    if revision.is_modern() {
        writer.raw("_meta", service.identity().meta());
    }
    writer.finish()
}

/// A tool's result as it is written.
pub(super) struct Written {
    /// The whole message.
    pub(super) bytes: Bytes,
    content: Content,
}

/// The list of content in a message.
struct Content {
    /// Where it is.
    range: Range<usize>,
    /// How many bytes of it are text that a model reads.
    readable: usize,
    /// How many bytes the server added to it.
    added: usize,
}

impl Written {
    /// Notes what the model will read.
    pub(super) fn note(&self, record: &mut CallRecord) {
        record.shows(self.content.readable, || self.bytes.slice(self.content.range.clone()));
    }

    /// How many bytes the tool is to answer for.
    pub(super) fn size(&self) -> usize {
        self.bytes.len().saturating_sub(self.content.added)
    }
}

/// Writes a tool's result. Content is never empty, structured data always has its text twin, and what the server has to
/// say of the call to the agent comes last.
pub(super) fn tool(
    service: &Service,
    id: &RequestId,
    revision: Revision,
    output: Option<&Output>,
    (reply, ending): (&Reply, Ending),
    notes: &[String],
    is_repeat: bool,
) -> Written {
    let mut writer = start(id, revision, 512);
    let mut structured_at = None;
    // Most hosts show a model the structured part alone, so a receipt says there that nothing was done again.
    let again = reply.structured.as_ref().filter(|_| is_repeat).and_then(repeated_receipt);
    let structured = again.as_ref().or(reply.structured.as_ref());
    let has_text = reply.content.iter().any(|block| matches!(block, Block::Text { .. }));
    if let Some(value) = structured.filter(|_| revision.has_structured()) {
        // The schema decides, so that what it says of the value holds; without one the value decides.
        let wrapped =
            output.map_or_else(|| !revision.is_modern() && !value.is_object(), |output| output.is_wrapped(revision));
        let buffer = writer.member("structuredContent");
        if wrapped {
            buffer.extend_from_slice(br#"{""#);
            buffer.extend_from_slice(WRAPPED.as_bytes());
            buffer.extend_from_slice(br#"":"#);
        }
        let from = buffer.len();
        append(buffer, value);
        structured_at = Some((from, buffer.len()));
        if wrapped {
            buffer.push(b'}');
        }
    }
    let mut blocks = Blocks::start(&mut writer, revision);
    for block in &reply.content {
        blocks.push(block);
    }
    match (structured_at, structured) {
        (Some((from, to)), _) if !has_text => blocks.push_twin(from, to),
        (None, Some(value)) if !has_text => blocks.push(&Block::text(value.to_string())),
        _ => {}
    }
    if let (Ending::Partial, Some(reason)) = (ending, &reply.reason) {
        blocks.push(&Block::text(format!("Incomplete: {}.", reason.trim_end_matches('.'))));
    }
    let content = blocks.end(notes);
    if !is_repeat {
        return Written { bytes: end(service, revision, writer), content };
    }
    let mut meta = Map::new();
    meta.insert(REPLAYED_KEY.to_owned(), true.into());
    if revision.is_modern() {
        service.identity().add_to(&mut meta);
    }
    writer.value("_meta", &meta);
    Written { bytes: writer.finish(), content }
}

/// A list of content on its way into its buffer.
struct Blocks<'a> {
    buffer: &'a mut Vec<u8>,
    from: usize,
    first: bool,
    revision: Revision,
    readable: usize,
}

impl<'a> Blocks<'a> {
    fn start(writer: &'a mut ResultWriter, revision: Revision) -> Self {
        let buffer = writer.member("content");
        let from = buffer.len();
        buffer.push(b'[');
        Self { buffer, from, first: true, revision, readable: 0 }
    }

    /// Ends it with what the server has to say.
    fn end(mut self, notes: &[String]) -> Content {
        let before = self.buffer.len();
        for note in notes {
            self.push(&Block::text(note.as_str()));
        }
        let added = self.buffer.len() - before;
        self.buffer.push(b']');
        Content { range: self.from..self.buffer.len(), readable: self.readable, added }
    }

    fn separate(&mut self) {
        if !self.first {
            self.buffer.push(b',');
        }
        self.first = false;
    }

    fn push(&mut self, block: &Block) {
        self.separate();
        let fitted = (!block.fits(self.revision)).then(|| block.clone().fit(self.revision));
        let block = fitted.as_ref().unwrap_or(block);
        let before = self.buffer.len();
        append(self.buffer, block);
        self.readable += match block {
            Block::Text { text, .. }
            | Block::Resource { resource: ResourceContents { body: ResourceBody::Text(text), .. } } => text.len(),
            Block::Image { .. } | Block::Audio { .. } | Block::Resource { .. } => 0,
            Block::ResourceLink { .. } => self.buffer.len() - before,
        };
    }

    fn push_twin(&mut self, from: usize, to: usize) {
        self.separate();
        self.buffer.extend_from_slice(br#"{"type":"text","text":"#);
        append_twin(self.buffer, from, to);
        self.buffer.push(b'}');
        self.readable += to.saturating_sub(from);
    }
}

/// Writes a failed call: text for the model, the same as data for programs.
pub(super) fn tool_error(
    service: &Service,
    id: &RequestId,
    revision: Revision,
    error: &ToolError,
    notes: &[String],
    (reference, is_repeat): (&str, bool),
) -> Written {
    let mut writer = start(id, revision, 768);
    let mut blocks = Blocks::start(&mut writer, revision);
    blocks.push(&Block::text(error.text(reference)));
    let content = blocks.end(notes);
    writer.raw("isError", b"true");
    let mut meta = Map::new();
    meta.insert(ERROR_KEY.to_owned(), error.to_value(reference));
    if is_repeat {
        meta.insert(REPLAYED_KEY.to_owned(), true.into());
    }
    if revision.is_modern() {
        service.identity().add_to(&mut meta);
    }
    writer.value("_meta", &meta);
    Written { bytes: writer.finish(), content }
}

/// Writes a prompt's messages.
pub(super) fn prompt(
    service: &Service,
    id: &RequestId,
    revision: Revision,
    entry: &PromptEntry,
    messages: Messages,
) -> Bytes {
    let mut writer = start(id, revision, 512);
    writer.value("description", entry.spec.description);
    let messages: Vec<Value> = messages
        .0
        .into_iter()
        .map(|message| json!({ "role": message.role, "content": message.content.fit(revision) }))
        .collect();
    writer.value("messages", &messages);
    end(service, revision, writer)
}

/// Writes a resource's contents with the caching hints of the revision.
pub(super) fn resource(
    service: &Service,
    id: &RequestId,
    revision: Revision,
    entry: &ResourceEntry,
    uri: &str,
    contents: Contents,
) -> Bytes {
    let mut writer = start(id, revision, 512);
    let entries: Vec<ResourceContents> = contents
        .0
        .into_iter()
        .map(|part| match part {
            Part::Text(text) => ResourceContents::text(uri, entry.spec.mime.unwrap_or("text/plain"), text),
            Part::Bytes(bytes) => {
                ResourceContents::blob(uri, entry.spec.mime.unwrap_or("application/octet-stream"), &bytes)
            }
            Part::Whole(whole) => whole,
        })
        .collect();
    writer.value("contents", &entries);
    // What a resource holds may depend on who asks, which the framework cannot see.
    hints(service, revision, true, &mut writer);
    end(service, revision, writer)
}

/// Writes completions: 100 at most (server/utilities/completion).
pub(super) fn completion(service: &Service, id: &RequestId, revision: Revision, values: &[String]) -> Bytes {
    let mut writer = start(id, revision, 256);
    let shown = values.get(..100).unwrap_or(values);
    let more = shown.len() < values.len();
    writer.value("completion", &json!({ "values": shown, "total": values.len(), "hasMore": more }));
    end(service, revision, writer)
}

/// Caching hints of a modern result (server/utilities/caching).
pub(super) fn hints(service: &Service, revision: Revision, private: bool, writer: &mut ResultWriter) {
    if revision.is_modern() {
        let ttl = u64::try_from(service.settings().cache_ttl.as_millis()).unwrap_or(u64::MAX);
        writer.value("ttlMs", &ttl);
        writer.raw("cacheScope", if private { br#""private""# } else { br#""public""# });
    }
}
