//! Tasks as revision 2025-11-25 has them: nested, `ttl`, what they ended in under a method of its own.

use serde_json::{Map, Value, json};

use crate::protocol::meta::key;
use crate::task::record::{End, Record, Status};
use crate::task::time::written;

/// A task (basic/utilities/tasks of 2025-11-25, Task).
pub(crate) fn task(id: &str, record: &Record) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("taskId".to_owned(), id.into());
    members.insert("status".to_owned(), status(record).into());
    if let Some(message) = &record.message {
        members.insert("statusMessage".to_owned(), message.as_str().into());
    }
    members.insert("createdAt".to_owned(), written(record.created).into());
    members.insert("lastUpdatedAt".to_owned(), written(record.updated).into());
    members.insert("ttl".to_owned(), record.ttl().into());
    members.insert("pollInterval".to_owned(), record.poll.into());
    members
}

/// This revision calls a result that tells of an error a failed task.
fn status(record: &Record) -> &'static str {
    match &record.end {
        Some(End::Result { is_error: true, .. }) => Status::Failed.as_str(),
        _ => record.status.as_str(),
    }
}

/// What says to which task a message belongs.
pub(crate) fn related(id: &str) -> Value {
    json!({ "taskId": id })
}

/// The result of a task, which says to which task it belongs.
pub(crate) fn result(id: &str, value: &Value) -> Map<String, Value> {
    let mut members = value.as_object().cloned().unwrap_or_default();
    let meta = members.entry("_meta").or_insert_with(|| json!({}));
    if let Some(meta) = meta.as_object_mut() {
        meta.insert(key::RELATED_TASK.to_owned(), related(id));
    }
    members
}
