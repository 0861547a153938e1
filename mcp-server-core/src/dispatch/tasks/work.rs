//! The work of a task: the author's function, run under the creator's principal, until the task is over.

use std::future::poll_fn;
use std::sync::{Arc, Mutex};

use bytes::Bytes;

use super::link::{Link, Said};
use super::outlive::{Written, surely};
use crate::dispatch::answer::Answer;
use crate::dispatch::call::{Call, Subject};
use crate::dispatch::entry::ToolEntry;
use crate::dispatch::event::Event;
use crate::dispatch::job::{self, Job};
use crate::dispatch::running::Running;
use crate::dispatch::service::Service;
use crate::guard::budget::Payer;
use crate::guard::permits::Permit;
use crate::protocol::meta::Meta;
use crate::protocol::{Method, RequestId, Revision, RpcError, error};
use crate::task::codec::end_of;
use crate::task::{self, Desk, End, Record, Step, Work};
use crate::telemetry::redact::Values;
use crate::telemetry::{CallRecord, Wire};
use crate::tool::rounds::{Inputs, Memory};
use crate::tool::task::TaskMode;
use crate::tool::{Caller, Context, ErrorKind, Outcome, Start, Surroundings, ToolCall, ToolError};

/// A task that is to be worked on here.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) service: Arc<Service>,
    pub(super) key: String,
    pub(super) entry: Arc<ToolEntry>,
    pub(super) record: Record,
    pub(super) work: Work,
    /// Its place among the calls of its tool. It takes none among the requests of the server: it is none.
    pub(super) permit: Option<Permit>,
}

/// Why the work stopped.
enum Stopped {
    /// It has its answer.
    Done(Box<Answer>),
    /// The task is over, or another's.
    Lost,
    /// The process stops.
    Leaving,
}

/// Works on a task to its end. The process waits for that when it stops.
pub(super) fn begin(begun: Begun) {
    let desk = Arc::clone(begun.service.desk());
    let in_work = desk.sign_in(&begun.key, begun.entry.spec.name);
    let work = async move {
        let (desk, key) = (Arc::clone(begun.service.desk()), begun.key.clone());
        let _in_work = in_work;
        run(begun).await;
        // What a stopping process could not finish or hand over is left to be found.
        if !desk.is_stopping() {
            desk.leave(&key);
        }
    };
    drop(desk.spawn(work));
}

async fn run(begun: Begun) {
    let Begun { service, key, entry, record, work, permit } = begun;
    let desk = Arc::clone(service.desk());
    let again = entry.may_run_again();
    let link = Arc::new(Link {
        desk: Arc::clone(&desk),
        key: key.clone(),
        fence: record.worker.clone(),
        expires: record.expires,
        questions: service.settings().input_rounds as usize,
        said: Said::default(),
        asking: Mutex::default(),
    });
    let Some(mut running) = running(&service, entry, &record, work, permit, &link) else {
        drop(surely(&desk, &key, &Step::Finish(record.worker, failed()), record.expires).await);
        return;
    };
    let stopped = tokio::select! {
        biased;
        answer = drive(&mut running) => Stopped::Done(Box::new(answer)),
        () = lost(&desk, &key, &record.worker) => Stopped::Lost,
        () = desk.stopped() => Stopped::Leaving,
        () = link.tell() => Stopped::Lost,
    };
    // The function is dropped before the task says anything: what it held is free by then.
    drop(running);
    let step = match stopped {
        Stopped::Done(answer) => Step::Finish(record.worker.clone(), end_of(&answer.bytes).unwrap_or_else(failed)),
        Stopped::Lost => return,
        Stopped::Leaving if again => Step::Release(record.worker.clone()),
        Stopped::Leaving => {
            Step::Finish(record.worker.clone(), worker_lost("the server stopped before the task was done"))
        }
    };
    if desk.is_stopping() {
        if let Err(error) = desk.board().apply(&key, &step).await {
            tracing::warn!(task = key, %error, "a task could not be handed over; another replica will find it");
        }
        return;
    }
    match surely(&desk, &key, &step, record.expires).await {
        Written::Now(_) => {}
        Written::Lost => tracing::debug!(task = key, "a task was over before its work"),
        Written::Refused(_) => {
            let failed = Step::Finish(record.worker, failed());
            drop(surely(&desk, &key, &failed, record.expires).await);
        }
    }
}

/// A fault of the server, as the end of a task.
fn failed() -> End {
    End::Error(serde_json::to_value(RpcError::internal()).unwrap_or_default())
}

async fn drive(running: &mut Running) -> Answer {
    loop {
        // Messages of a call belong to its request; a task has none (tasks extension, Task Status Notifications).
        if let Event::Done(answer) = poll_fn(|cx| running.poll_event(cx)).await {
            return answer;
        }
    }
}

/// Ends when there is no more use in working: the task was cancelled, expired, or is another's.
async fn lost(desk: &Desk, key: &str, fence: &task::Fence) {
    let watch = desk.board().watch(vec![key.to_owned()]);
    loop {
        match desk.board().load(key).await {
            Ok(Some(record)) if record.worker == *fence && !record.status.is_final() => {}
            Ok(_) => return,
            Err(error) => tracing::debug!(task = key, %error, "a task cannot be looked at"),
        }
        watch.changed().await;
    }
}

fn running(
    service: &Arc<Service>,
    entry: Arc<ToolEntry>,
    record: &Record,
    work: Work,
    permit: Option<Permit>,
    link: &Arc<Link>,
) -> Option<Running> {
    let caller = Caller {
        principal: work.principal.principal(),
        revision: Revision::parse(&work.revision)?,
        capabilities: work.capabilities,
        log_level: None,
        session: None,
        link: None,
    };
    let mut call_record = CallRecord::start(service.telemetry(), Wire::Task, 0);
    call_record.asked(&Method::ToolsCall, caller.revision);
    call_record.named(entry.spec.name);
    let is_told = service.telemetry().tells_arguments();
    call_record.sent(Values::of_arguments(work.arguments.clone(), Arc::clone(&entry.marks), is_told));
    let meta = work.meta.as_ref().map(ToString::to_string).unwrap_or_default();
    call_record.traced(&Meta::read(&meta).unwrap_or_default(), None);
    if let Some(budgets) = service.budgets() {
        // The session that it came from is not kept.
        let payer = Payer { session: None, principal: &caller.principal, trace: call_record.joined() };
        call_record.billed(budgets.bill(&payer));
    }
    let id = RequestId::from_json(&Bytes::from(work.request))?;
    let left = service.clock().until(record.expires);
    let context = Context::new(Start {
        caller,
        request_id: id.clone(),
        meta: work.meta.map(|meta| Bytes::from(meta.to_string())),
        progress_token: None,
        inputs: Inputs::new(memory(record), service.settings().input_timeout),
        surroundings: Arc::clone(service) as Arc<dyn Surroundings>,
        task: TaskMode::Running(Arc::clone(link) as Arc<dyn crate::tool::task::TaskLink>),
        timeout: entry.task_timeout.min(left),
        scope: call_record.scope(),
    });
    let call = ToolCall::new(work.arguments, context.clone());
    let job = Job::Tool(job::start(&entry.runner, call, &service.blocking, Outcome::Failed));
    let call = Call {
        service: Arc::clone(service),
        id,
        context,
        method: Method::ToolsCall,
        params: None,
        subject: Subject::Tool(entry),
        notes: Vec::new(),
        begin: None,
    };
    Some(Running::new(call, job.into(), [None, permit], call_record))
}

/// What was answered and done before.
fn memory(record: &Record) -> Memory {
    let answers = record.inputs.iter().filter(|input| !input.refused).filter_map(|input| match &input.answer {
        Some(task::Answer::Given(answer)) => Some((input.name.clone(), answer.clone())),
        _ => None,
    });
    let (steps, root) = (record.steps.clone(), Some(record.root.clone()));
    Memory { answers: answers.collect(), steps, root, ..Memory::default() }
}

/// How a task ends whose worker died: the same call may succeed.
pub(super) fn worker_lost(why: &'static str) -> End {
    let tool_error = ToolError::new(ErrorKind::WorkerLost, why)
        .advice("Its effect is unknown: check what was done, then call again if that is right.");
    let reference = crate::store::seal::random_id();
    let error =
        RpcError::new(error::code::INTERNAL, tool_error.text(&reference)).with_data(tool_error.to_value(&reference));
    End::Error(serde_json::to_value(error).unwrap_or_default())
}
