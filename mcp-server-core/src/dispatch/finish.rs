//! The one exit: whatever stopped a call becomes its answer here.

use bytes::Bytes;
use serde_json::Value;

use super::answer::Answer;
use super::call::{Call, Stopped, Subject};
use super::entry::{PromptEntry, ResourceEntry, ToolEntry};
use super::job::Ended;
use super::quality;
use super::reply;
use super::request::Asked;
use super::rounds;
use crate::protocol::error::code;
use crate::protocol::{Revision, RpcError};
use crate::store::seal::random_id;
use crate::telemetry::{Answered, CallRecord, Ending};
use crate::tool::rounds::Suspension;
use crate::tool::{Contents, Context, ErrorKind, Messages, Outcome, ToolError};

/// Writes the answer of a call that stopped.
pub(super) fn finish(call: &Call, stopped: Stopped, record: CallRecord) -> Answer {
    let ended = match stopped {
        Stopped::Suspended(Suspension::Ask(questions)) => match rounds::sealed(call, &questions) {
            Ok(state) => return rounds::input_required(call, questions, &state, record),
            Err(error) => failed(&call.subject, error),
        },
        Stopped::Suspended(Suspension::Missing(need)) => return Answer::refusal(&call.id, &need.missing(), record),
        Stopped::Suspended(Suspension::Fault(error)) => return Answer::refusal(&call.id, &error, record),
        // Nobody made a task of it: it was declared to become none.
        Stopped::Suspended(Suspension::Begin(_)) => return Answer::refusal(&call.id, &RpcError::internal(), record),
        Stopped::TimedOut(limit) => {
            // A query that was stopped may tell of itself late or never.
            call.context.shared().scope.waited_in_vain("unfinished work", "timeout");
            let message = format!("the call was stopped at its limit of {} s", limit.as_secs_f64());
            failed(&call.subject, with_pools(call, ToolError::timeout(message)))
        }
        Stopped::Ended(Ended::Panicked(message)) => failed(
            &call.subject,
            ToolError::internal("the tool failed unexpectedly").cause(format!("it panicked: {message}")),
        ),
        Stopped::Repeated(outcome) => return end(call, Ended::Tool(outcome), true, record),
        Stopped::Ended(ended) => ended,
    };
    end(call, ended, false, record)
}

fn end(call: &Call, ended: Ended, is_repeat: bool, record: CallRecord) -> Answer {
    match (ended, &call.subject) {
        (Ended::Tool(outcome), Subject::Tool(entry)) => tool(call, entry, outcome, is_repeat, record),
        (Ended::Prompt(messages), Subject::Prompt(entry)) => prompt(call, entry, messages, record),
        (Ended::Resource(contents), Subject::Resource(entry, uri)) => resource(call, entry, uri, contents, record),
        // No values at all would look like "there is none".
        (Ended::Completion(Err(error)), _) => refused(call, call.method.label(), None, &error, record),
        (Ended::Completion(Ok(values)), _) => {
            let bytes = reply::completion(&call.service, &call.id, call.context.revision(), &values);
            Answer::result(bytes, Ending::Complete, record)
        }
        _ => Answer::refusal(&call.id, &RpcError::internal(), record),
    }
}

fn failed(subject: &Subject, error: ToolError) -> Ended {
    match subject {
        Subject::Tool(_) => Ended::Tool(Outcome::Failed(error)),
        Subject::Prompt(_) => Ended::Prompt(Err(error)),
        Subject::Resource(..) => Ended::Resource(Err(error)),
        Subject::Completion => Ended::Completion(Err(error)),
    }
}

fn tool(call: &Call, entry: &ToolEntry, outcome: Outcome, is_repeat: bool, mut record: CallRecord) -> Answer {
    let scope = &call.context.shared().scope;
    let outcome = entry.judged(outcome, scope);
    if let Some(answered) = scope.upstream_error().filter(|_| !is_repeat) {
        upstream_failed(call, entry, answered, &outcome);
    }
    let (reply, ending) = match outcome {
        Outcome::Complete(reply) => (reply, Ending::Complete),
        Outcome::Empty(reply) => (reply, Ending::Empty),
        Outcome::Partial(reply) => (reply, Ending::Partial),
        Outcome::Failed(error) => {
            // A result was there, and had no rows.
            let is_silent = error.kind() == ErrorKind::UnexplainedEmpty;
            record.counted(is_silent.then_some(0));
            let error = if is_silent { with_pools(call, error) } else { error };
            if !is_repeat {
                quality::failed(call, entry, error.kind());
            }
            return tool_error(call, entry, &error, is_repeat, record);
        }
    };
    record.counted(reply.rows);
    let write = |notes: &[String]| {
        let (service, revision) = (&call.service, call.context.revision());
        reply::tool(service, &call.id, revision, entry.output.as_ref(), (&reply, ending), notes, is_repeat)
    };
    let mut written = write(&call.notes);
    let (bytes, most) = (written.size(), entry.max_result);
    if bytes as u64 > most {
        let error = ToolError::result_too_large(format!("the result has {bytes} bytes, and {most} are allowed"));
        return tool_error(call, entry, &error, is_repeat, record);
    }
    // A repeat is no new result.
    let told =
        if is_repeat { Vec::new() } else { quality::judge(call, entry, &reply, ending, &written.bytes, &record) };
    if !told.is_empty() {
        let noted = write(&[call.notes.as_slice(), told.as_slice()].concat());
        if noted.bytes.len() as u64 <= most {
            written = noted;
        }
    }
    record.tell_result(|| result(&written.bytes, entry));
    written.note(&mut record);
    record.tell_result(|| result(&written.bytes, entry));
    Answer::result(written.bytes, ending, record)
}

/// Adds to the cause what the pools of connections were doing: a dry one is the usual reason of a swallowed error.
fn with_pools(call: &Call, error: ToolError) -> ToolError {
    let pools: Vec<String> = call.service.telemetry().pools().iter().map(ToString::to_string).collect();
    if pools.is_empty() { error } else { error.cause(pools.join(", ")) }
}

/// Counts a call in which a service failed, and logs it if the tool ended as if nothing had happened.
fn upstream_failed(call: &Call, entry: &ToolEntry, answered: Answered, outcome: &Outcome) {
    let ended = match outcome {
        Outcome::Complete(_) => Ending::Complete,
        Outcome::Empty(_) => Ending::Empty,
        Outcome::Partial(_) => Ending::Partial,
        Outcome::Failed(error) => Ending::Failed(error.kind().as_str()),
    };
    if let Some(meters) = call.service.telemetry().meters() {
        meters.upstream_failed(entry.spec.name, answered.error_type(), ended.word());
    }
    if !matches!(outcome, Outcome::Failed(_)) {
        let _entered = call.context.shared().scope.enter();
        tracing::warn!(
            target: "mcp_server::tool",
            tool = entry.spec.name,
            error_type = answered.error_type(),
            outcome = ended.word(),
            "a service that a tool asked failed, and the call ended as if it had not"
        );
    }
}

/// What a tool returned, as a span may tell it: data without what is secret in it, or else content.
fn result(message: &[u8], entry: &ToolEntry) -> Value {
    let mut message: Value = serde_json::from_slice(message).unwrap_or_default();
    match (message.pointer_mut("/result/structuredContent").map(Value::take), &entry.output) {
        (Some(Value::Object(data)), Some(output)) => Value::Object(output.marks.hide(&data)),
        (Some(data), _) => data,
        (None, _) => message.pointer_mut("/result/content").map(Value::take).unwrap_or_default(),
    }
}

/// A failed call as a tool error inside a result, where the model can see it.
fn tool_error(call: &Call, entry: &ToolEntry, error: &ToolError, is_repeat: bool, mut record: CallRecord) -> Answer {
    let reference = call.context.correlation_id();
    log(entry.spec.name, error, reference, &mut record);
    record.referred(reference);
    let (service, revision) = (&call.service, call.context.revision());
    let written = reply::tool_error(service, &call.id, revision, error, &call.notes, (reference, is_repeat));
    written.note(&mut record);
    Answer::result(written.bytes, Ending::Failed(error.kind().as_str()), record)
}

/// A call that a guard turned away, as a tool error.
pub(super) fn refuse(
    asked: &Asked<'_>,
    name: &str,
    error: &ToolError,
    notes: &[String],
    mut record: CallRecord,
) -> Answer {
    let reference = random_id();
    log(name, error, &reference, &mut record);
    record.referred(&reference);
    let (service, revision) = (&asked.service, asked.caller.revision);
    let written = reply::tool_error(service, asked.id(), revision, error, notes, (&reference, false));
    written.note(&mut record);
    Answer::result(written.bytes, Ending::Failed(error.kind().as_str()), record)
}

fn prompt(call: &Call, entry: &PromptEntry, messages: Result<Messages, ToolError>, record: CallRecord) -> Answer {
    let messages = messages.and_then(|messages| {
        let says_something = messages.0.iter().any(|message| !message.content.is_blank());
        says_something.then_some(messages).ok_or_else(|| ToolError::unexplained_empty("the prompt has no message"))
    });
    match messages {
        Ok(messages) => {
            let bytes = reply::prompt(&call.service, &call.id, call.context.revision(), entry, messages);
            bounded(call, bytes, entry.spec.name, record)
        }
        Err(error) => refused(call, entry.spec.name, None, &error, record),
    }
}

fn resource(
    call: &Call,
    entry: &ResourceEntry,
    uri: &str,
    contents: Result<Contents, ToolError>,
    record: CallRecord,
) -> Answer {
    let contents = contents.and_then(|contents| {
        let missing = || ToolError::not_found("the resource has no contents");
        (!contents.0.is_empty()).then_some(contents).ok_or_else(missing)
    });
    match contents {
        Ok(contents) => {
            let bytes = reply::resource(&call.service, &call.id, call.context.revision(), entry, uri, contents);
            bounded(call, bytes, entry.spec.uri, record)
        }
        Err(error) => refused(call, entry.spec.uri, Some(uri), &error, record),
    }
}

fn bounded(call: &Call, bytes: Bytes, name: &str, record: CallRecord) -> Answer {
    let most = call.service.settings().max_result;
    if bytes.len() as u64 > most {
        let error =
            ToolError::result_too_large(format!("the result has {} bytes, and {most} are allowed", bytes.len()));
        return refused(call, name, None, &error, record);
    }
    Answer::result(bytes, Ending::Complete, record)
}

/// A failed prompt or resource as a protocol error, for their results know no other (server/resources, Errors).
fn refused(call: &Call, name: &str, uri: Option<&str>, error: &ToolError, mut record: CallRecord) -> Answer {
    let reference = call.context.correlation_id();
    log(name, error, reference, &mut record);
    record.referred(reference);
    Answer::refusal(&call.id, &protocol_error(&call.context, uri, error, reference), record)
}

fn protocol_error(context: &Context, uri: Option<&str>, error: &ToolError, reference: &str) -> RpcError {
    if let (ErrorKind::NotFound, Some(uri)) = (error.kind(), uri) {
        return not_found(context.revision(), uri, error.message());
    }
    let code = match error.kind() {
        ErrorKind::InvalidArgument | ErrorKind::NotFound => code::INVALID_PARAMS,
        ErrorKind::PermissionDenied => code::FORBIDDEN,
        _ => code::INTERNAL,
    };
    RpcError::new(code, error.text(reference)).with_data(error.to_value(reference))
}

/// What a missing resource is called: the eras have different codes (server/resources, Errors).
pub(super) fn not_found(revision: Revision, uri: &str, message: &str) -> RpcError {
    let code = if revision.is_modern() { code::INVALID_PARAMS } else { code::LEGACY_RESOURCE_NOT_FOUND };
    RpcError::new(code, message.to_owned()).with_data(serde_json::json!({ "uri": uri }))
}

/// Tells the operator, who may come from the trace or with the reference; what the client did wrong is not worth a warning.
/// What it sent is taken out of the cause: drivers repeat it.
fn log(name: &str, error: &ToolError, reference: &str, record: &mut CallRecord) {
    let is_refused = error.kind().is_callers_fault();
    // To look for the arguments costs time: not for a line that is not written.
    if is_refused && !tracing::enabled!(target: "mcp_server::tool", tracing::Level::DEBUG) {
        return;
    }
    let (kind, cause) = (error.kind().as_str(), error.log_text());
    let cause = record.scrub(&cause).into_owned();
    record.caused(&cause);
    let (trace_id, span_id) = (record.trace_id(), record.span_id());
    if is_refused {
        tracing::debug!(
            target: "mcp_server::tool", name, kind, reference, cause, trace_id, span_id, "a call was refused"
        );
    } else {
        tracing::warn!(target: "mcp_server::tool", name, kind, reference, cause, trace_id, span_id, "a call failed");
    }
}
