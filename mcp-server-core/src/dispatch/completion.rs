//! `completion/complete` (server/utilities/completion).

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Map;

use super::answer::Answer;
use super::call::Subject;
use super::exchange::{Exchange, Handled};
use super::job::Job;
use super::lists::may;
use super::pipeline::{context, running};
use super::reply;
use super::request::Asked;
use crate::protocol::RpcError;
use crate::protocol::error::clip;
use crate::protocol::params::{object, typed};
use crate::telemetry::redact::{Marks, Values};
use crate::telemetry::{CallRecord, Ending};
use crate::tool::rounds::Memory;
use crate::tool::target::{CompleteFn, Parameter};
use crate::tool::task::TaskMode;

#[derive(Deserialize)]
#[serde(tag = "type")]
enum Reference {
    #[serde(rename = "ref/prompt")]
    Prompt { name: String },
    #[serde(rename = "ref/resource")]
    Resource { uri: String },
}

#[derive(Deserialize)]
struct Argument {
    name: String,
    value: String,
}

/// A completer, what was typed, and what of it is secret.
type Found = (Option<CompleteFn>, String, Arc<Marks>);

/// Runs the completer of a prompt's argument or a template's variable; one without a completer has no values.
pub(super) fn complete(asked: &Asked<'_>, mut record: CallRecord) -> Handled {
    let (completer, typed, marks) = match pass(asked) {
        Ok(passed) => passed,
        Err(error) => return Handled::Answer(Answer::refusal(asked.id(), &error, record)),
    };
    let Some(completer) = completer else {
        let bytes = reply::completion(&asked.service, asked.id(), asked.caller.revision, &[]);
        return Handled::Answer(Answer::result(bytes, Ending::Empty, record));
    };
    let Some(permit) = asked.service.in_flight.take() else {
        let error = RpcError::unavailable("the server is busy: wait, then ask again");
        return Handled::Answer(Answer::refusal(asked.id(), &error, record));
    };
    record.sent(Values::of(asked.request.params.clone(), marks, asked.service.telemetry().tells_arguments()));
    let context = context(asked, Memory::default(), TaskMode::Inline, asked.service.settings().timeout, &record);
    let job = Job::Completion(completer(context.clone(), typed));
    let call = running(asked, context, job, Subject::Completion, None, [Some(permit), None], record);
    Handled::Exchange(Exchange::Running(Box::new(call)))
}

fn pass(asked: &Asked<'_>) -> Result<Found, RpcError> {
    let reference = object::<Reference>(asked.params.reference, "ref")?
        .ok_or_else(|| RpcError::invalid_params("`/ref` is required: a prompt or a resource"))?;
    let argument = object::<Argument>(asked.params.argument, "argument")?
        .ok_or_else(|| RpcError::invalid_params("`/argument` is required: its name and what was typed"))?;
    // Context is checked for its shape, and passed over: completers see what was typed.
    typed::<Map<String, serde_json::Value>>(asked.params.context, "context")?;
    let catalogue = asked.service.catalogue();
    let (parameters, marks) = match &reference {
        Reference::Prompt { name } => catalogue
            .prompt(name)
            .filter(|entry| may(&asked.caller, entry.spec.scopes))
            .map(|entry| (&entry.parameters, &entry.marks))
            .ok_or_else(|| RpcError::invalid_params(format!("there is no prompt `{}`", clip(name))))?,
        Reference::Resource { uri } => catalogue
            .templates
            .iter()
            .filter(|entry| may(&asked.caller, entry.spec.scopes))
            .find(|entry| entry.spec.uri == uri || entry.template.as_ref().is_some_and(|one| one.read(uri).is_some()))
            .map(|entry| (&entry.parameters, &entry.marks))
            .ok_or_else(|| RpcError::invalid_params(format!("there is no template `{}`", clip(uri))))?,
    };
    let completer = parameters.iter().find_map(|parameter| match parameter {
        Parameter::Argument { spec, .. } if spec.name == argument.name => Some(spec.complete),
        _ => None,
    });
    let unknown = || RpcError::invalid_params(format!("`/argument/name`: there is no `{}`", clip(&argument.name)));
    Ok((completer.ok_or_else(unknown)?, argument.value, Arc::clone(marks)))
}
