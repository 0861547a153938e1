//! The counter: a thread that counts tokens beside the calls.
//!
//! What waits for it is bounded in number and in bytes. A call that finds no room is estimated, and its metrics say so.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::TrySendError::{Disconnected, Full};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::tokenizer::count;
use super::used::{Text, Used};
use crate::background;
use crate::telemetry::counting::{Counted, Counting};
use crate::telemetry::meters::Target;

/// Calls that wait at most.
const WAITING: usize = 1_024;
/// Bytes of text that wait at most: they keep the messages alive that they are part of.
const BYTES: usize = 16 << 20;
/// How long an end waits for what is not counted yet.
const PATIENCE: Duration = Duration::from_secs(1);

/// What counts tokens; its thread begins with the first call.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    queue: OnceLock<Option<SyncSender<Job>>>,
    waiting: Arc<AtomicUsize>,
}

/// What the thread is asked for.
enum Job {
    /// To count what a call used.
    Count(Used, Option<Arc<Target>>),
    /// To say when it comes to this.
    Tell(SyncSender<()>),
}

impl Counter {
    /// Has a call counted, or estimates it.
    pub(crate) fn count(&self, used: Used, target: Option<Arc<Target>>) {
        let bytes = size(&used);
        if self.waiting.fetch_add(bytes, Ordering::Relaxed) > BYTES {
            return self.estimate(&used, target.as_ref(), bytes);
        }
        let Some(queue) = self.queue.get_or_init(|| start(Arc::clone(&self.waiting))) else {
            return self.estimate(&used, target.as_ref(), bytes);
        };
        let sent = queue.try_send(Job::Count(used, target));
        if let Err(Full(Job::Count(used, target)) | Disconnected(Job::Count(used, target))) = sent {
            self.estimate(&used, target.as_ref(), bytes);
        }
    }

    fn estimate(&self, used: &Used, target: Option<&Arc<Target>>, bytes: usize) {
        self.waiting.fetch_sub(bytes, Ordering::Relaxed);
        used.estimated(Counting::Exact, target);
    }

    /// Waits until everything is counted that was used before, but not for long. It blocks.
    pub(crate) fn flush(&self) {
        let Some(Some(queue)) = self.queue.get() else { return };
        let (tell, told) = sync_channel(1);
        if queue.try_send(Job::Tell(tell)).is_err() || told.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            tracing::debug!(target: "mcp_server", "the tokens of the last calls are not counted");
        }
    }
}

fn start(waiting: Arc<AtomicUsize>) -> Option<SyncSender<Job>> {
    let (sender, jobs) = sync_channel(WAITING);
    let thread = background::spawn_thread("tokens", move || run(&jobs, &waiting));
    thread
        .inspect_err(|error| tracing::warn!(target: "mcp_server", %error, "tokens are estimated: no thread counts"))
        .ok()?;
    Some(sender)
}

/// Counts until nobody can ask any more.
fn run(jobs: &Receiver<Job>, waiting: &AtomicUsize) {
    while let Ok(job) = jobs.recv() {
        match job {
            Job::Count(used, target) => {
                waiting.fetch_sub(size(&used), Ordering::Relaxed);
                tally(&used, target.as_ref());
            }
            Job::Tell(tell) => drop(tell.try_send(())),
        }
    }
}

fn tally(used: &Used, target: Option<&Arc<Target>>) {
    let input = used.text().and_then(|text| text.arguments.as_ref()).map(plain);
    let output = used.text().and_then(|text| text.content.as_ref()).map(content);
    match (input, output) {
        (Some(None), _) | (_, Some(None)) => used.estimated(Counting::Exact, target),
        (input, output) => used.settle(input.flatten(), output.flatten(), Counted::Exact, target),
    }
}

/// How many bytes wait with a call.
fn size(used: &Used) -> usize {
    let Some(Text { arguments, content }) = used.text() else { return 0 };
    [arguments, content].into_iter().flatten().map(Bytes::len).sum()
}

/// The tokens of a text as it is.
fn plain(text: &Bytes) -> Option<u64> {
    count(std::str::from_utf8(text).ok()?)
}

/// What of a block a model reads.
#[derive(Deserialize)]
struct Part<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    text: Option<String>,
    resource: Option<Resource>,
}

#[derive(Deserialize)]
struct Resource {
    text: Option<String>,
}

/// The tokens of a list of content blocks: of their text as the model reads it, without the JSON around it.
fn content(json: &Bytes) -> Option<u64> {
    let blocks: Vec<&RawValue> = serde_json::from_slice(json).ok()?;
    blocks.into_iter().map(block).sum()
}

fn block(block: &RawValue) -> Option<u64> {
    let part: Part<'_> = serde_json::from_str(block.get()).ok()?;
    match part.kind {
        "image" | "audio" => Some(0),
        "text" => count(part.text.as_deref().unwrap_or_default()),
        "resource" => part.resource.and_then(|resource| resource.text).map_or(Some(0), |text| count(&text)),
        _ => count(block.get()),
    }
}

#[cfg(all(test, feature = "tokenizer"))]
mod tests {
    use super::*;

    #[test]
    fn a_model_reads_the_text_of_blocks_and_not_the_json_around_it() {
        let of = |blocks: serde_json::Value| content(&Bytes::from(blocks.to_string()));
        let text = serde_json::json!({ "type": "text", "text": "hello world" });
        assert_eq!(of(serde_json::json!([text])), Some(2));
        assert_eq!(
            of(serde_json::json!([text, { "type": "image", "data": "aaaa", "mimeType": "image/png" }])),
            Some(2)
        );
        let resource = |part: serde_json::Value| serde_json::json!([{ "type": "resource", "resource": part }]);
        assert_eq!(of(resource(serde_json::json!({ "uri": "a:b", "text": "hello world" }))), Some(2));
        assert_eq!(of(resource(serde_json::json!({ "uri": "a:b", "blob": "aGVsbG8=" }))), Some(0));
        assert!(of(serde_json::json!([{ "type": "resource_link", "uri": "a:b", "name": "c" }])).unwrap() > 2);
        assert_eq!(of(serde_json::json!([])), Some(0));
    }
}
