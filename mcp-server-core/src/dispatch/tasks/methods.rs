//! The methods by which a client follows a task: `tasks/get`, `update`, `cancel`, and `list` of 2025-11-25.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::inquiry::{Inquiry, unknown};
use super::result;
use crate::dispatch::answer::{Answer, away};
use crate::dispatch::reply;
use crate::dispatch::request::Asked;
use crate::dispatch::waiting::{Coming, Waiting};
use crate::protocol::error::clip;
use crate::protocol::params::{text, typed};
use crate::protocol::write::ResultWriter;
use crate::protocol::{Method, RpcError};
use crate::store::StoreError;
use crate::store::seal::{Binding, Digest};
use crate::task::codec::{legacy, modern};
use crate::task::{self, Applied, Cursor, Owned, Step};
use crate::telemetry::{CallRecord, Ending};
use crate::tool::rounds::Need;

const PURPOSE: &str = "tasks";

/// What a method does.
enum Act {
    Get,
    Update(Vec<(String, task::Answer)>),
    Cancel,
    Result,
    /// The page behind this cursor.
    List(Option<Cursor>),
}

/// Starts what will answer a method of tasks, or refuses it.
pub(in crate::dispatch) fn handle(asked: &Asked<'_>, record: CallRecord) -> Result<Waiting, Box<Answer>> {
    match read(asked) {
        Ok((inquiry, Act::Result)) => Ok(result::wait(inquiry, asked.caller.clone(), record)),
        Ok((inquiry, act)) => Ok(Waiting::new(answered(inquiry, act, record))),
        Err(error) => Err(Box::new(Answer::refusal(asked.id(), &error, record))),
    }
}

fn read(asked: &Asked<'_>) -> Result<(Inquiry, Act), RpcError> {
    if asked.caller.revision.is_modern() && !asked.caller.capabilities.tasks {
        return Err(Need::Tasks.missing());
    }
    let task = match asked.method() {
        Method::TasksList => String::new(),
        _ => text(asked.params.task_id, "taskId")?.into_owned(),
    };
    let act = match asked.method() {
        Method::TasksGet => Act::Get,
        Method::TasksUpdate => Act::Update(answers(asked)?),
        Method::TasksCancel => Act::Cancel,
        Method::TasksResult => Act::Result,
        _ => Act::List(after(asked)?),
    };
    let inquiry = Inquiry {
        service: Arc::clone(&asked.service),
        id: asked.id().clone(),
        revision: asked.caller.revision,
        owner: asked.caller.principal.key().to_owned(),
        task,
    };
    Ok((inquiry, act))
}

fn answers(asked: &Asked<'_>) -> Result<Vec<(String, task::Answer)>, RpcError> {
    let answers = typed::<Map<String, Value>>(asked.params.input_responses, "inputResponses")?
        .ok_or_else(|| RpcError::invalid_params("`/inputResponses` is required: an object"))?;
    let answers = answers.into_iter().map(|(key, answer)| {
        if answer.is_object() {
            return Ok((key, task::Answer::Given(answer)));
        }
        let key = clip(&key);
        Err(RpcError::invalid_params(format!("`/inputResponses/{key}` must be an object: the bare result")))
    });
    answers.collect()
}

fn answered(inquiry: Inquiry, act: Act, record: CallRecord) -> Coming {
    Box::pin(async move {
        let done = match act {
            Act::List(after) => list(&inquiry, after).await,
            act => inquiry.act(act).await,
        };
        match done {
            Ok(bytes) => Answer::result(bytes, Ending::Complete, record),
            Err(error) => Answer::refusal(&inquiry.id, &error, record),
        }
    })
}

impl Inquiry {
    async fn act(&self, act: Act) -> Result<Bytes, RpcError> {
        let Owned { id, key, record } = self.find().await?;
        let board = self.service.desk().board();
        let step = match act {
            Act::Update(answers) => Step::Answer(answers),
            Act::Cancel => Step::Cancel,
            _ => return Ok(self.shown(&id, &record)),
        };
        let cancels = matches!(step, Step::Cancel);
        let applied = board.apply(&key, &step).await.map_err(|error: StoreError| away(&error))?;
        match applied {
            Applied::Gone => Err(unknown()),
            // An acknowledgement alone: what came of it, `tasks/get` tells (tasks extension, Task Cancellation).
            _ if self.revision.is_modern() => {
                Ok(reply::end(&self.service, self.revision, reply::start(&self.id, self.revision, 128)))
            }
            Applied::Now(record) => Ok(self.shown(&id, &record)),
            _ if cancels => Err(RpcError::invalid_params("the task is over already: it cannot be cancelled")),
            Applied::Over(record) => Ok(self.shown(&id, &record)),
            Applied::Fenced => Err(RpcError::internal()),
        }
    }

    /// The task as `tasks/get` shows it.
    fn shown(&self, id: &str, record: &task::Record) -> Bytes {
        let mut writer = reply::start(&self.id, self.revision, 512);
        let members = if self.revision.is_modern() { modern::detailed(id, record) } else { legacy::task(id, record) };
        for (name, value) in members {
            writer.value(&name, &value);
        }
        reply::end(&self.service, self.revision, writer)
    }
}

/// A page of the caller's own tasks (basic/utilities/tasks of 2025-11-25, Listing Tasks).
async fn list(inquiry: &Inquiry, after: Option<Cursor>) -> Result<Bytes, RpcError> {
    let size = inquiry.service.settings().page_size;
    let board = inquiry.service.desk().board();
    let (tasks, next) = board.page(&inquiry.owner, after.as_ref(), size).await.map_err(|error| away(&error))?;
    let mut writer = ResultWriter::start(&inquiry.id, 1024);
    let tasks: Vec<Value> = tasks.iter().map(|task| Value::Object(legacy::task(&task.id, &task.record))).collect();
    writer.value("tasks", &tasks);
    if let Some(Cursor { created, id }) = next {
        let next = [&created.to_be_bytes(), id.as_bytes()].concat();
        let expires = inquiry.service.clock().time_after(inquiry.service.settings().state_expires);
        let sealer = inquiry.service.sealer();
        writer.value("nextCursor", &sealer.seal(PURPOSE, &binding(&inquiry.owner), &next, expires));
    }
    Ok(writer.finish())
}

fn after(asked: &Asked<'_>) -> Result<Option<Cursor>, RpcError> {
    let Some(raw) = asked.params.cursor else { return Ok(None) };
    let sealed = text(Some(raw), "cursor")?;
    let binding = binding(asked.caller.principal.key());
    let opened = asked.service.sealer().open(PURPOSE, &binding, &sealed, asked.service.clock().time()).ok();
    opened.and_then(|bytes| cursor(&bytes)).map(Some).ok_or_else(|| {
        RpcError::invalid_params(
            "`/cursor` is not one that this server issued to you for this list, or it is too old: list again from the start",
        )
    })
}

fn cursor(bytes: &[u8]) -> Option<Cursor> {
    let (created, id) = bytes.split_first_chunk()?;
    Some(Cursor { created: u64::from_be_bytes(*created), id: String::from_utf8(id.to_vec()).ok()? })
}

fn binding(owner: &str) -> Binding<'_> {
    Binding { principal: owner, method: Method::TasksList.label(), digest: Digest::of(&[]) }
}
