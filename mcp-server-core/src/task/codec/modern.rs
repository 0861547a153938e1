//! Tasks as the extension `io.modelcontextprotocol/tasks` has them: flat, `ttlMs`, what they ended in inside.

use serde_json::{Map, Value};

use crate::task::record::{End, Record};
use crate::task::time::written;

/// The name of the extension.
pub(crate) const EXTENSION: &str = "io.modelcontextprotocol/tasks";

/// A task without what it ended in: the members of a `CreateTaskResult`.
pub(crate) fn task(id: &str, record: &Record) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("taskId".to_owned(), id.into());
    members.insert("status".to_owned(), record.status.as_str().into());
    if let Some(message) = &record.message {
        members.insert("statusMessage".to_owned(), message.as_str().into());
    }
    members.insert("createdAt".to_owned(), written(record.created).into());
    members.insert("lastUpdatedAt".to_owned(), written(record.updated).into());
    members.insert("ttlMs".to_owned(), record.ttl().into());
    members.insert("pollIntervalMs".to_owned(), record.poll.into());
    members
}

/// A task with its open questions, its result or its error: what `tasks/get` returns and `notifications/tasks` tells.
pub(crate) fn detailed(id: &str, record: &Record) -> Map<String, Value> {
    let mut members = task(id, record);
    if record.status == crate::task::Status::InputRequired {
        let open: Map<String, Value> = record.open().map(|input| (input.key.clone(), input.question.clone())).collect();
        members.insert("inputRequests".to_owned(), Value::Object(open));
    }
    match &record.end {
        Some(End::Result { value, .. }) => {
            let mut result = Map::new();
            result.insert("resultType".to_owned(), "complete".into());
            result.extend(value.as_object().cloned().unwrap_or_default());
            members.insert("result".to_owned(), Value::Object(result));
        }
        Some(End::Error(error)) => {
            members.insert("error".to_owned(), error.clone());
        }
        None => {}
    }
    members
}
