//! `tasks/result` of 2025-11-25: waits for the end of a task, and has its questions asked meanwhile.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use serde_json::{Value, json};

use super::inquiry::{Inquiry, unknown};
use crate::dispatch::answer::{Answer, away};
use crate::dispatch::waiting::{Coming, Waiting};
use crate::protocol::meta::key;
use crate::protocol::write::ResultWriter;
use crate::protocol::{RpcError, error};
use crate::task::codec::legacy;
use crate::task::{self, End, Input, Owned, Step};
use crate::telemetry::{CallRecord, Ending};
use crate::tool::outbox::Outbox;
use crate::tool::{Caller, ClientAnswer, ClientLink, Question};

/// Waits for what a task comes to.
pub(super) fn wait(inquiry: Inquiry, caller: Caller, record: CallRecord) -> Waiting {
    let outbox: Arc<Outbox> = Arc::default();
    let sending = Arc::clone(&outbox);
    let coming: Coming = Box::pin(async move {
        match ended(&inquiry, caller.link.as_deref(), &sending).await {
            Ok(Owned { id, record: task, .. }) => answer(&inquiry, &id, &task, record),
            Err(error) => Answer::refusal(&inquiry.id, &error, record),
        }
    });
    Waiting::sending(coming, outbox)
}

/// Waits until the task is over. While it needs its client, each of its questions goes out once, as a request on the
/// stream of this very call (basic/utilities/tasks of 2025-11-25, Input Required Status).
async fn ended(inquiry: &Inquiry, link: Option<&dyn ClientLink>, outbox: &Outbox) -> Result<Owned, RpcError> {
    let mut task = inquiry.find().await?;
    let board = inquiry.service.desk().board();
    let watch = board.watch(vec![task.key.clone()]);
    let (mut asked, mut answers) = (HashSet::new(), FuturesUnordered::new());
    loop {
        match board.load(&task.key).await.map_err(|error| away(&error))? {
            Some(record) => task.record = record,
            None => return Err(unknown()),
        }
        if task.record.status.is_final() {
            return Ok(task);
        }
        if let Some(link) = link {
            let left = inquiry.service.clock().until(task.record.expires);
            for input in task.record.open().filter(|input| asked.insert(input.key.clone())) {
                answers.push(ask(link, outbox, &inquiry.task, input.clone(), left));
            }
        }
        tokio::select! {
            () = watch.changed() => {}
            Some((key, answer)) = answers.next() => {
                let step = Step::Answer(vec![(key, answer)]);
                board.apply(&task.key, &step).await.map_err(|error| away(&error))?;
            }
        }
    }
}

/// Puts a question to the client, and returns its answer and the question's key.
async fn ask(
    link: &dyn ClientLink,
    outbox: &Outbox,
    task: &str,
    input: Input,
    patience: Duration,
) -> (String, task::Answer) {
    let Question { id, answer } = match link.open(patience).await {
        Ok(question) => question,
        Err(error) => {
            tracing::warn!(%error, "a task's question could not be put");
            // Whoever asks for the result again puts it again.
            return std::future::pending().await;
        }
    };
    let mut params = input.question.get("params").cloned().unwrap_or_else(|| json!({}));
    if let Some(params) = params.as_object_mut() {
        params.insert("_meta".to_owned(), json!({ key::RELATED_TASK: legacy::related(task) }));
    }
    let number: Value = serde_json::from_str(id.as_json()).unwrap_or_default();
    let _open = Open { link, id };
    let message = json!({ "jsonrpc": "2.0", "id": number, "method": input.question.get("method"), "params": params });
    outbox.push(Bytes::from(message.to_string()));
    match answer.await {
        Ok(answer) => (input.key, read(answer)),
        // The session ends: another one may ask again.
        Err(_) => std::future::pending().await,
    }
}

fn read(answer: ClientAnswer) -> task::Answer {
    match answer {
        Ok(result) => serde_json::from_slice(&result)
            .map_or_else(|_| task::Answer::Failed("its answer cannot be read".to_owned()), task::Answer::Given),
        Err(error) => task::Answer::Failed(String::from_utf8_lossy(&error).into_owned()),
    }
}

/// Gives a request up when nobody waits for its answer any more.
struct Open<'a> {
    link: &'a dyn ClientLink,
    id: crate::protocol::RequestId,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.link.close(&self.id);
    }
}

/// Exactly what the call would have been answered with, and to which task it belongs.
fn answer(inquiry: &Inquiry, id: &str, task: &task::Record, record: CallRecord) -> Answer {
    match &task.end {
        Some(End::Result { value, .. }) => {
            let mut writer = ResultWriter::start(&inquiry.id, 512);
            for (name, value) in legacy::result(id, value) {
                writer.value(&name, &value);
            }
            Answer::result(writer.finish(), Ending::Complete, record)
        }
        Some(End::Error(error)) => Answer::refusal(&inquiry.id, &protocol_error(error), record),
        None => {
            Answer::refusal(&inquiry.id, &RpcError::invalid_params("the task was cancelled: it has no result"), record)
        }
    }
}

fn protocol_error(error: &Value) -> RpcError {
    let code = error.get("code").and_then(Value::as_i64).unwrap_or(error::code::INTERNAL);
    let message = error.get("message").and_then(Value::as_str).unwrap_or_default().to_owned();
    let plain = RpcError::new(code, message);
    match error.get("data") {
        Some(data) => plain.with_data(data.clone()),
        None => plain,
    }
}
