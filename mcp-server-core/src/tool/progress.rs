//! Progress: told only to who asked for it, rising, and not too often (basic/utilities/progress).

use std::sync::Mutex;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::json;

use super::context::Context;

/// The least time between two reports; the one that completes the total is never held back.
const LEAST_GAP: Duration = Duration::from_millis(20);

/// Tells the client how far a call has come. Without a token from the client it does nothing.
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

/// What the reports of one call must rise above.
#[derive(Debug, Default)]
pub(crate) struct Reported(Mutex<Option<(f64, Instant)>>);

impl Reported {
    /// Whether a report may go out: finite, higher than the last, and not too soon unless it is the last.
    fn admits(&self, value: f64, total: Option<f64>) -> bool {
        if !value.is_finite() || total.is_some_and(|total| !total.is_finite()) {
            return false;
        }
        let Ok(mut last) = self.0.lock() else { return false };
        let now = Instant::now();
        if let Some((before, at)) = *last
            && (value <= before || (now.duration_since(at) < LEAST_GAP && total != Some(value)))
        {
            return false;
        }
        *last = Some((value, now));
        true
    }
}

impl Progress {
    /// Reports `value` of `total` done, with a message for people. A value that does not rise is passed over.
    pub fn report(&self, value: f64, total: Option<f64>, message: &str) {
        let shared = self.0.shared();
        let Some(token) = &shared.progress_token else { return };
        if !shared.reported.admits(value, total) {
            return;
        }
        let Ok(token) = serde_json::from_slice::<serde_json::Value>(token) else { return };
        let mut params = json!({ "progressToken": token, "progress": value });
        if let Some(object) = params.as_object_mut() {
            if let Some(total) = total {
                object.insert("total".to_owned(), json!(total));
            }
            if !message.is_empty() && shared.caller.revision.has_annotations() {
                object.insert("message".to_owned(), json!(message));
            }
        }
        let message = json!({ "jsonrpc": "2.0", "method": "notifications/progress", "params": params });
        shared.outbox.push_hint(Bytes::from(message.to_string()));
    }
}
