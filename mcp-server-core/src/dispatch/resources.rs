//! `resources/read` (server/resources).

use std::sync::Arc;

use serde_json::{Map, Value};

use super::answer::{Answer, Refusal};
use super::call::Subject;
use super::entry::ResourceEntry;
use super::exchange::{Exchange, Handled};
use super::finish::not_found;
use super::job::{self, Job};
use super::lists::may;
use super::pipeline::{context, running};
use super::request::Asked;
use super::rounds;
use crate::protocol::RpcError;
use crate::protocol::error::clip;
use crate::protocol::params::text;
use crate::telemetry::CallRecord;
use crate::telemetry::redact::Values;
use crate::tool::ToolCall;
use crate::tool::rounds::Memory;
use crate::tool::task::TaskMode;

/// A resource, the URI that was asked for, the values of its template's variables, and the earlier rounds.
type Found = (Arc<ResourceEntry>, String, Map<String, Value>, Memory);

/// Runs `resources/read` up to the first line of the author's function.
pub(super) fn read(asked: &Asked<'_>, mut record: CallRecord) -> Handled {
    let (entry, uri, values, memory) = match pass(asked) {
        Ok(found) => found,
        Err(Refusal { status, error }) => {
            return Handled::Answer(Answer::refusal_as(status, Some(asked.id()), &error, record));
        }
    };
    let Some(permit) = asked.service.in_flight.take() else {
        let error = RpcError::unavailable("the server is busy: wait, then ask again");
        return Handled::Answer(Answer::refusal(asked.id(), &error, record));
    };
    record.named(entry.spec.uri);
    let is_told = asked.service.telemetry().tells_arguments();
    record.sent(Values::of_uri(&uri, &values, Arc::clone(&entry.marks), is_told));
    record.located(&uri);
    let context = context(asked, memory, TaskMode::Inline, asked.service.settings().timeout, &record);
    let call = ToolCall::new(values, context.clone());
    let job = Job::Resource(job::start(&entry.runner, call, &asked.service.blocking, Err));
    let call = running(asked, context, job, Subject::Resource(entry, uri), None, [Some(permit), None], record);
    Handled::Exchange(Exchange::Running(Box::new(call)))
}

fn pass(asked: &Asked<'_>) -> Result<Found, Refusal> {
    let uri = text(asked.params.uri, "uri")?;
    let catalogue = asked.service.catalogue();
    let Some((entry, values)) = catalogue.resource(&uri) else {
        return Err(not_found(asked.caller.revision, &uri, &format!("there is no resource `{}`", clip(&uri))).into());
    };
    if !may(&asked.caller, entry.spec.scopes) {
        return Err(Refusal::out_of_scope(entry.spec.scopes));
    }
    let memory = rounds::resume(&asked.service, &asked.caller.principal, asked.method(), asked.params)?;
    Ok((Arc::clone(entry), uri.into_owned(), values, memory))
}
