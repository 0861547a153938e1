//! Making a task of a call: it is in the store before it is answered.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::work::{self, Begun};
use crate::dispatch::answer::{Answer, away};
use crate::dispatch::entry::ToolEntry;
use crate::dispatch::service::Service;
use crate::dispatch::single_use;
use crate::dispatch::waiting::Coming;
use crate::guard::permits::Permit;
use crate::protocol::write::ResultWriter;
use crate::protocol::{ClientCapabilities, RequestId, RpcError};
use crate::task::codec::{legacy, modern};
use crate::task::{Board, Draft, Record, Refused, Work};
use crate::telemetry::{CallRecord, Ending, Telemetry, Wire};
use crate::tool::Caller;
use crate::tool::rounds::Memory;

/// A call that passed every guard and is to become a task.
#[derive(Debug)]
pub(in crate::dispatch) struct Making {
    pub(in crate::dispatch) service: Arc<Service>,
    pub(in crate::dispatch) entry: Arc<ToolEntry>,
    pub(in crate::dispatch) caller: Caller,
    pub(in crate::dispatch) id: RequestId,
    pub(in crate::dispatch) meta: Option<Value>,
    pub(in crate::dispatch) arguments: Map<String, Value>,
    /// How long the client wants it kept.
    pub(in crate::dispatch) ttl: Option<Duration>,
}

/// Makes the task and starts its work. It does so even if nobody waits for the answer any more: half a task would be
/// worse than one that nobody asks for.
pub(in crate::dispatch) fn made(
    making: Making,
    memory: Memory,
    permits: [Option<Permit>; 2],
    record: CallRecord,
) -> Coming {
    Box::pin(async move {
        let (desk, id) = (Arc::clone(making.service.desk()), making.id.clone());
        let [_request, permit] = permits;
        let making = desk.spawn(async move {
            let memory = match single_use::opened(&making.service, &making.entry, memory).await {
                Ok(memory) => memory,
                Err(error) => return Answer::refusal(&making.id, &error, record),
            };
            match make(&making, memory, permit).await {
                Ok((task, kept)) => created(&making, &task, &kept, record),
                Err(refused) => Answer::refusal(&making.id, &refusal(refused), record),
            }
        });
        match making.await {
            Ok(answer) => answer,
            Err(_) => {
                Answer::refusal(&id, &RpcError::internal(), CallRecord::start(&Telemetry::default(), Wire::Task, 0))
            }
        }
    })
}

async fn make(making: &Making, memory: Memory, permit: Option<Permit>) -> Result<(String, Record), Refused> {
    let Making { service, entry, caller, .. } = making;
    let desk = service.desk();
    let (id, key) = Board::new_id();
    let work = Work {
        arguments: making.arguments.clone(),
        principal: caller.principal.keep(),
        revision: caller.revision.as_str().to_owned(),
        capabilities: askable(caller),
        request: making.id.as_json().to_owned(),
        meta: making.meta.clone(),
    };
    let times = desk.board().times(making.ttl);
    desk.enter(&key, times.1).await?;
    let draft = Draft {
        key: &key,
        listed: (!caller.principal.is_anonymous()).then_some(id.as_str()),
        owner: caller.principal.key(),
        tool: entry.spec.name,
        replica: desk.replica().id(),
        memory,
        work: entry.may_run_again().then_some(&work),
        times,
    };
    let record = match desk.board().create(draft).await {
        Ok(record) => record,
        Err(refused) => {
            desk.leave(&key);
            return Err(refused);
        }
    };
    let (service, entry) = (Arc::clone(service), Arc::clone(entry));
    work::begin(Begun { service, key, entry, record: record.clone(), work, permit });
    Ok((id, record))
}

/// What the client can be asked for in mid-task: nothing, in a legacy session through which nobody can ask.
fn askable(caller: &Caller) -> ClientCapabilities {
    if caller.revision.is_modern() || caller.link.is_some() {
        caller.capabilities
    } else {
        ClientCapabilities::default()
    }
}

/// The answer: flat in the modern era, nested before (tasks extension, Task Creation).
fn created(making: &Making, id: &str, task: &Record, record: CallRecord) -> Answer {
    let mut writer = ResultWriter::start(&making.id, 384);
    if making.caller.revision.is_modern() {
        writer.raw("resultType", br#""task""#);
        for (name, value) in modern::task(id, task) {
            writer.value(&name, &value);
        }
        writer.raw("_meta", making.service.identity().meta());
    } else {
        writer.value("task", &legacy::task(id, task));
    }
    Answer::result(writer.finish(), Ending::Task, record)
}

fn refusal(refused: Refused) -> RpcError {
    let full = |most: u32, whose: &str| {
        RpcError::unavailable(format!("{most} tasks of {whose} are kept already: wait until some of them have expired"))
    };
    match refused {
        Refused::Owner(most) => full(most, "yours"),
        Refused::Server(most) => full(most, "this server"),
        Refused::Store(error) => away(&error),
    }
}
