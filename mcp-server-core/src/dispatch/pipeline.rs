//! The way of a tool call: every guard by name, in order, on one screen.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::answer::{Answer, Refusal, Status};
use super::call::{Begin, Call, Subject};
use super::entry::ToolEntry;
use super::exchange::{Exchange, Handled};
use super::finish;
use super::idempotency::{self, Key, Once};
use super::lists::may;
use super::request::Asked;
use super::rounds;
use super::running::Running;
use super::single_use;
use super::spending;
use super::tasks::{self, Making, Way};
use super::waiting::Waiting;
use super::work::Work;
use crate::guard::permits::Permit;
use crate::guard::{mirror, violation};
use crate::protocol::error::clip;
use crate::protocol::params::text;
use crate::protocol::{RpcError, json};
use crate::telemetry::CallRecord;
use crate::telemetry::redact::Values;
use crate::telemetry::semconv::guard;
use crate::tool::rounds::{Inputs, Memory};
use crate::tool::task::TaskMode;
use crate::tool::{Context, Start, ToolCall, ToolError};

/// Why a call does not start.
enum Refused {
    /// A fault of the protocol.
    Protocol(Status, RpcError),
    /// Something that the model can mend.
    Tool(Arc<ToolEntry>, ToolError),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Protocol(refusal.status, refusal.error)
    }
}

impl From<RpcError> for Refused {
    fn from(error: RpcError) -> Self {
        Self::Protocol(Status::Ok, error)
    }
}

/// Runs `tools/call` up to the first line of the author's function.
pub(super) fn call(asked: &Asked<'_>, mut record: CallRecord) -> Handled {
    let mut notes = Vec::new();
    match pass(asked, &mut record, &mut notes) {
        Ok(passed) => Handled::Exchange(passed.start(asked, notes, record)),
        Err(Refused::Protocol(Status::Ok, error)) => Handled::Answer(Answer::refusal(asked.id(), &error, record)),
        Err(Refused::Protocol(status, error)) => {
            Handled::Answer(Answer::refusal_as(status, Some(asked.id()), &error, record))
        }
        Err(Refused::Tool(entry, error)) => {
            Handled::Answer(finish::refuse(asked, entry.spec.name, &error, &notes, record))
        }
    }
}

/// A call that passed every guard.
struct Passed {
    entry: Arc<ToolEntry>,
    way: Way,
    memory: Memory,
    permits: [Option<Permit>; 2],
    arguments: Map<String, Value>,
    once: Option<Key>,
}

fn pass(asked: &Asked<'_>, record: &mut CallRecord, notes: &mut Vec<String>) -> Result<Passed, Refused> {
    let entry = known(asked)?;
    record.named(entry.spec.name);
    let telemetry = asked.service.telemetry();
    record.sent(Values::of(asked.request.params.clone(), Arc::clone(&entry.marks), telemetry.tells_arguments()));
    telemetry.counted(guard::SCOPE, in_scope(asked, entry.spec.scopes))?;
    telemetry.counted(guard::BUDGET, within_budget(asked, &entry, record))?;
    let way = telemetry.counted(guard::TASK, tasks::choose(asked, &entry))?;
    let memory = rounds::resume(&asked.service, &asked.caller.principal, asked.method(), asked.params);
    let memory = telemetry.counted(guard::STATE, memory)?;
    let permits = telemetry.counted(guard::CONCURRENCY, permitted(asked, &entry))?;
    let arguments = telemetry.counted(guard::JSON, read(asked, &entry, record))?;
    record.tell_arguments(|| Value::Object(entry.marks.hide(&arguments)));
    notes.extend(spending::repeated(asked, &entry, &way, &arguments, record));
    telemetry.counted(guard::HEADERS, mirrored(asked, &entry, &arguments))?;
    let arguments = telemetry.counted(guard::SCHEMA, valid(asked, &entry, arguments))?;
    let once = telemetry.counted(guard::IDEMPOTENCY, once(asked, &entry, &arguments))?;
    Ok(Passed { entry, way, memory, permits, arguments, once })
}

fn known(asked: &Asked<'_>) -> Result<Arc<ToolEntry>, RpcError> {
    let name = text(asked.params.name, "name")?;
    let catalogue = asked.service.catalogue();
    catalogue.tool(&name).cloned().ok_or_else(|| {
        let among = catalogue.tools.iter().filter(|entry| may(&asked.caller, entry.spec.scopes));
        let hint = crate::protocol::nearest::nearest(&name, among.map(|entry| entry.spec.name))
            .map(|near| format!("; did you mean `{near}`?"))
            .unwrap_or_default();
        RpcError::invalid_params(format!("there is no tool `{}`{hint}", clip(&name)))
    })
}

fn in_scope(asked: &Asked<'_>, scopes: &'static [&'static str]) -> Result<(), Refused> {
    if may(&asked.caller, scopes) {
        return Ok(());
    }
    Err(Refusal::out_of_scope(scopes).into())
}

fn within_budget(asked: &Asked<'_>, entry: &Arc<ToolEntry>, record: &mut CallRecord) -> Result<(), Refused> {
    spending::within_budget(asked, record).map_err(|error| Refused::Tool(Arc::clone(entry), error))
}

fn permitted(asked: &Asked<'_>, entry: &Arc<ToolEntry>) -> Result<[Option<Permit>; 2], Refused> {
    let most = asked.service.in_flight.most();
    let busy = || ToolError::overloaded(format!("{most} calls of this server run already"));
    let server = asked.service.in_flight.take().ok_or_else(|| Refused::Tool(Arc::clone(entry), busy()))?;
    if entry.spec.idempotency.is_some() {
        // Taken when it runs: a repeat takes nobody's place.
        return Ok([Some(server), None]);
    }
    let own = entry.permit().map_err(|busy| Refused::Tool(Arc::clone(entry), busy))?;
    Ok([Some(server), own])
}

fn read(asked: &Asked<'_>, entry: &Arc<ToolEntry>, record: &mut CallRecord) -> Result<Map<String, Value>, Refused> {
    spending::argued(asked, record);
    let Some(raw) = asked.params.arguments else { return Ok(Map::new()) };
    if !raw.get().starts_with('{') {
        return Err(RpcError::invalid_params("`/arguments` must be an object").into());
    }
    json::object(raw.get(), asked.service.settings().json_depth).map_err(|fault| {
        Refused::Tool(Arc::clone(entry), ToolError::invalid_argument(fault.to_string()).pointer(fault.pointer()))
    })
}

fn mirrored(asked: &Asked<'_>, entry: &ToolEntry, arguments: &Map<String, Value>) -> Result<(), Refused> {
    match asked.headers {
        Some(headers) if asked.caller.revision.is_modern() => mirror::check(&entry.mirrors, arguments, headers)
            .map_err(|error| Refused::Protocol(Status::BadRequest, error)),
        _ => Ok(()),
    }
}

fn valid(
    asked: &Asked<'_>,
    entry: &Arc<ToolEntry>,
    arguments: Map<String, Value>,
) -> Result<Map<String, Value>, Refused> {
    let mut arguments = Value::Object(arguments);
    if asked.params.arguments.is_some_and(|raw| raw.get().contains("null")) {
        entry.input.without_absent(&mut arguments);
    }
    if let Err(violations) = entry.input.validate(&arguments) {
        violation::measure(asked.service.telemetry(), entry.spec.name, &violations);
        return Err(Refused::Tool(Arc::clone(entry), violation::invalid_argument(&violations)));
    }
    match arguments {
        Value::Object(arguments) => Ok(arguments),
        _ => Ok(Map::new()),
    }
}

/// What makes the call one with its repeats, if its tool is run once for all of them.
fn once(asked: &Asked<'_>, entry: &ToolEntry, arguments: &Map<String, Value>) -> Result<Option<Key>, RpcError> {
    entry.spec.idempotency.map(|_| Key::of(asked, entry.spec.name, arguments)).transpose()
}

impl Passed {
    fn start(self, asked: &Asked<'_>, notes: Vec<String>, record: CallRecord) -> Exchange {
        match self.way {
            Way::Inline => {
                Exchange::Running(Box::new(self.run(asked, TaskMode::Inline, None, record).with_notes(notes)))
            }
            Way::Later => {
                let making = self.making(asked, None, &record);
                let begin =
                    Begin(Box::new(move |memory, permits, record| tasks::made(making, memory, permits, record)));
                Exchange::Running(Box::new(self.run(asked, TaskMode::Later, Some(begin), record).with_notes(notes)))
            }
            Way::Task(ttl) => {
                let making = self.making(asked, ttl, &record);
                Exchange::Waiting(Box::new(Waiting::new(tasks::made(making, self.memory, self.permits, record))))
            }
        }
    }

    fn making(&self, asked: &Asked<'_>, ttl: Option<Duration>, record: &CallRecord) -> Making {
        let mut params = json!({});
        if let Some(meta) = asked.params.meta.and_then(|meta| serde_json::from_str::<Value>(meta.get()).ok()) {
            params["_meta"] = meta;
        }
        // The work is a part of this request, wherever and whenever it is done.
        record.sign(&mut params);
        Making {
            service: Arc::clone(&asked.service),
            entry: Arc::clone(&self.entry),
            caller: asked.caller.clone(),
            id: asked.id().clone(),
            meta: params.get_mut("_meta").map(Value::take),
            arguments: self.arguments.clone(),
            ttl,
        }
    }

    fn run(self, asked: &Asked<'_>, task: TaskMode, begin: Option<Begin>, record: CallRecord) -> Running {
        let Self { entry, mut memory, permits: [server, own], arguments, once, .. } = self;
        memory.repeats = once.as_ref().map(|key| key.place().to_owned());
        let context = context(asked, memory, task, entry.timeout, &record);
        let raw = asked.params.arguments.zip(asked.request.params.as_ref());
        let raw = raw.map(|(raw, params)| params.slice_ref(raw.get().as_bytes()));
        let call = ToolCall::new(arguments, context.clone()).with_raw(raw);
        let (work, permits) = match once {
            Some(key) => {
                let once = Once::new(&asked.service, &entry, call, key, server);
                (Work::Apart(Box::pin(idempotency::run(once))), [None, None])
            }
            None => (single_use::start(&asked.service, &entry, call).into(), [server, own]),
        };
        running(asked, context, work, Subject::Tool(entry), begin, permits, record)
    }
}

/// The context of a call that starts now.
pub(super) fn context(
    asked: &Asked<'_>,
    memory: Memory,
    task: TaskMode,
    timeout: Duration,
    record: &CallRecord,
) -> Context {
    let slice = |raw: Option<&serde_json::value::RawValue>| {
        raw.zip(asked.request.params.as_ref()).map(|(raw, params)| params.slice_ref(raw.get().as_bytes()))
    };
    Context::new(Start {
        caller: asked.caller.clone(),
        request_id: asked.id().clone(),
        meta: slice(asked.params.meta),
        progress_token: slice(asked.meta.progress_token),
        inputs: Inputs::new(memory, asked.service.settings().input_timeout),
        surroundings: Arc::clone(&asked.service) as Arc<dyn crate::tool::Surroundings>,
        task,
        timeout,
        scope: record.scope(),
    })
}

/// A call with everything that its end will need.
pub(super) fn running(
    asked: &Asked<'_>,
    context: Context,
    work: impl Into<Work>,
    subject: Subject,
    begin: Option<Begin>,
    permits: [Option<Permit>; 2],
    record: CallRecord,
) -> Running {
    let call = Call {
        service: Arc::clone(&asked.service),
        id: asked.id().clone(),
        context,
        method: asked.method().clone(),
        params: asked.request.params.clone(),
        subject,
        notes: Vec::new(),
        begin,
    };
    Running::new(call, work.into(), permits, record)
}
