//! `prompts/get` (server/prompts).

use std::sync::Arc;

use serde_json::{Map, Value};

use super::answer::{Answer, Refusal};
use super::call::Subject;
use super::entry::PromptEntry;
use super::exchange::{Exchange, Handled};
use super::job::{self, Job};
use super::lists::may;
use super::pipeline::{context, running};
use super::request::Asked;
use super::rounds;
use crate::protocol::RpcError;
use crate::protocol::error::clip;
use crate::protocol::params::{text, typed};
use crate::telemetry::CallRecord;
use crate::telemetry::redact::Values;
use crate::tool::ToolCall;
use crate::tool::rounds::Memory;
use crate::tool::target::Parameter;
use crate::tool::task::TaskMode;

/// A prompt, its arguments, and the earlier rounds.
type Found = (Arc<PromptEntry>, Map<String, Value>, Memory);

/// Runs `prompts/get` up to the first line of the author's function.
pub(super) fn get(asked: &Asked<'_>, mut record: CallRecord) -> Handled {
    let (entry, arguments, memory) = match pass(asked) {
        Ok(passed) => passed,
        Err(Refusal { status, error }) => {
            return Handled::Answer(Answer::refusal_as(status, Some(asked.id()), &error, record));
        }
    };
    let Some(permit) = asked.service.in_flight.take() else {
        let error = RpcError::unavailable("the server is busy: wait, then ask again");
        return Handled::Answer(Answer::refusal(asked.id(), &error, record));
    };
    record.named(entry.spec.name);
    let is_told = asked.service.telemetry().tells_arguments();
    record.sent(Values::of(asked.request.params.clone(), Arc::clone(&entry.marks), is_told));
    let context = context(asked, memory, TaskMode::Inline, asked.service.settings().timeout, &record);
    let call = ToolCall::new(arguments, context.clone());
    let job = Job::Prompt(job::start(&entry.runner, call, &asked.service.blocking, Err));
    let call = running(asked, context, job, Subject::Prompt(entry), None, [Some(permit), None], record);
    Handled::Exchange(Exchange::Running(Box::new(call)))
}

fn pass(asked: &Asked<'_>) -> Result<Found, Refusal> {
    let name = text(asked.params.name, "name")?;
    let catalogue = asked.service.catalogue();
    let entry = catalogue
        .prompt(&name)
        .ok_or_else(|| RpcError::invalid_params(format!("there is no prompt `{}`", clip(&name))))?;
    if !may(&asked.caller, entry.spec.scopes) {
        return Err(Refusal::out_of_scope(entry.spec.scopes));
    }
    let memory = rounds::resume(&asked.service, &asked.caller.principal, asked.method(), asked.params)?;
    let arguments = typed::<Map<String, Value>>(asked.params.arguments, "arguments")?.unwrap_or_default();
    fits(&entry.parameters, &arguments)?;
    Ok((Arc::clone(entry), arguments, memory))
}

/// Holds arguments against what the list shows: texts by known names, the required ones there.
fn fits(parameters: &[Parameter], arguments: &Map<String, Value>) -> Result<(), RpcError> {
    let mut known = Vec::new();
    for parameter in parameters {
        let Parameter::Argument { spec, optional, .. } = parameter else { continue };
        known.push(spec.name);
        if !optional && spec.default.is_none() && !arguments.contains_key(spec.name) {
            return Err(RpcError::invalid_params(format!("`/arguments/{}` is required", spec.name)));
        }
    }
    for (name, value) in arguments {
        if !known.contains(&name.as_str()) {
            return Err(RpcError::invalid_params(format!(
                "`/arguments/{}` is unknown; the prompt has: {}",
                clip(name),
                known.join(", ")
            )));
        }
        if !value.is_string() {
            return Err(RpcError::invalid_params(format!("`/arguments/{name}` must be a string")));
        }
    }
    Ok(())
}
