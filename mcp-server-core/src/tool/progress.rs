//! Progress: told only to who asked for it, rising, and not too often (basic/utilities/progress).

use std::time::Duration;

use bytes::Bytes;
use serde_json::json;
use tokio::time::Instant;

use super::context::{Context, Shared};

/// Tells the client how far a call has come. Without a token from the client it does nothing; in a task it sets the
/// message of the task's status.
///
/// ```
/// use mcp_server_core::prelude::*;
///
/// /// Count to ten.
/// #[tool(read_only)]
/// async fn count(progress: Progress) -> String {
///     for step in 1..=10 {
///         progress.report(f64::from(step), Some(10.0), "counting");
///     }
///     "counted".to_owned()
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Progress(pub(crate) Context);

impl Context {
    /// Tells the client how far the call has come.
    pub fn progress(&self) -> Progress {
        Progress(self.clone())
    }
}

impl Progress {
    /// Reports `value` of `total` done, with a message for people. A value that does not rise is passed over.
    pub fn report(&self, value: f64, total: Option<f64>, message: &str) {
        let shared = self.0.shared();
        let Some(sent) = shared.wants_progress().then(|| shared.reported.admit(value, total)).flatten() else { return };
        if let Some(task) = shared.task.link() {
            return task.say(words(value, total, message));
        }
        let message = Some(message).filter(|message| !message.is_empty() && shared.caller.revision.has_annotations());
        shared.notify_progress(sent, total, message);
    }
}

impl Shared {
    fn wants_progress(&self) -> bool {
        self.task.link().is_some() || self.progress_token.is_some()
    }

    /// Tells the client that a silent call still runs, if it was silent for so long; returns when to look again. Clients
    /// that extend their time-out on progress then wait for a tool that reports none.
    pub(crate) fn send_heartbeat(&self, silence: Duration) -> Instant {
        match self.reported.heartbeat(silence) {
            Ok(value) => {
                self.notify_progress(value, None, None);
                Instant::now() + silence
            }
            Err(due) => due,
        }
    }

    fn notify_progress(&self, value: f64, total: Option<f64>, message: Option<&str>) {
        let Some(token) = &self.progress_token else { return };
        let Ok(token) = serde_json::from_slice::<serde_json::Value>(token) else { return };
        let mut params = json!({ "progressToken": token, "progress": value });
        if let Some(object) = params.as_object_mut() {
            if let Some(total) = total {
                object.insert("total".to_owned(), json!(total));
            }
            if let Some(message) = message {
                object.insert("message".to_owned(), json!(message));
            }
        }
        let message = json!({ "jsonrpc": "2.0", "method": "notifications/progress", "params": params });
        self.outbox.push_hint(Bytes::from(message.to_string()));
    }
}

/// Progress as a sentence, where there is no room for numbers.
fn words(value: f64, total: Option<f64>, message: &str) -> String {
    match total {
        _ if !message.is_empty() => message.to_owned(),
        Some(total) => format!("{value} of {total}"),
        None => value.to_string(),
    }
}
