//! Rounds: what a modern call hands to its client to be able to go on (basic/patterns, Multi Round-Trip Requests).
//!
//! The state travels sealed. It opens only for the same principal, method and parameters, and not for ever.

use serde_json::{Map, Value};

use super::answer::Answer;
use super::call::{Call, Subject};
use super::canonical::canonicalise;
use super::service::Service;
use crate::principal::Principal;
use crate::protocol::params::{text, typed};
use crate::protocol::write::ResultWriter;
use crate::protocol::{Method, Params, RpcError};
use crate::store::seal::{Binding, Digest, random_id};
use crate::telemetry::{CallRecord, Ending};
use crate::tool::ToolError;
use crate::tool::rounds::Memory;

const PURPOSE: &str = "requestState";

/// What a retry brings: the sealed memory of the earlier rounds and the client's new answers.
///
/// # Errors
/// `-32602` if the state does not open or the answers have the wrong shape.
pub(super) fn resume(
    service: &Service,
    principal: &Principal,
    method: &Method,
    params: &Params<'_>,
) -> Result<Memory, RpcError> {
    let mut memory = match params.request_state {
        None => Memory::default(),
        Some(raw) => {
            let sealed = text(Some(raw), "requestState")?;
            let binding = Binding { principal: principal.key(), method: method.label(), digest: digest(params) };
            let opened =
                service.sealer().open(PURPOSE, &binding, &sealed, service.clock().time()).map_err(|_| not_ours())?;
            serde_json::from_slice(&opened).map_err(|_| RpcError::invalid_params("`/requestState` cannot be read"))?
        }
    };
    if let Some(answers) = typed::<Map<String, Value>>(params.input_responses, "inputResponses")? {
        for (key, answer) in answers {
            if !answer.is_object() {
                return Err(RpcError::invalid_params(format!(
                    "`/inputResponses/{}` must be an object: the bare result",
                    crate::protocol::error::clip(&key)
                )));
            }
            // An answer counts only for a question that the sealed state says was asked; others are ignored, as an
            // answer that arrives twice is.
            if memory.outstanding.contains(&key) {
                memory.answers.insert(key, answer);
            }
        }
    }
    memory.outstanding.clear();
    Ok(memory)
}

fn not_ours() -> RpcError {
    RpcError::invalid_params(
        "`/requestState` was not issued by this server for this call, or it is too old: start the call anew without it",
    )
}

/// Seals what the next round is to know, with the questions that its client is to answer.
///
/// # Errors
/// If the call had as many rounds as it may have.
pub(super) fn sealed(call: &Call, questions: &[(String, Value)]) -> Result<String, ToolError> {
    let service = &call.service;
    let mut memory = call.context.shared().inputs.memory();
    if memory.round >= service.settings().input_rounds {
        return Err(ToolError::budget_exhausted(format!("the call asked for input {} times", memory.round)));
    }
    memory.round += 1;
    memory.outstanding = questions.iter().map(|(key, _)| key.clone()).collect();
    memory.id = matches!(&call.subject, Subject::Tool(entry) if entry.spec.single_use).then(random_id);
    let params = Params::read(call.params.as_deref()).unwrap_or_default();
    let principal = call.context.principal();
    let binding = Binding { principal: principal.key(), method: call.method.label(), digest: digest(&params) };
    let payload = serde_json::to_vec(&memory)?;
    let expires = service.clock().time_after(service.settings().state_expires);
    Ok(service.sealer().seal(PURPOSE, &binding, &payload, expires))
}

/// Ends a round with questions to the client.
pub(super) fn input_required(call: &Call, questions: Vec<(String, Value)>, state: &str, record: CallRecord) -> Answer {
    let mut writer = ResultWriter::start(&call.id, 512);
    writer.raw("resultType", br#""input_required""#);
    writer.value("inputRequests", &questions.into_iter().collect::<Map<String, Value>>());
    writer.value("requestState", state);
    writer.raw("_meta", call.service.identity().meta());
    Answer::result(writer.finish(), Ending::InputRequired, record)
}

/// What a retry must repeat: everything in the parameters but its own additions, whatever the order of members.
fn digest(params: &Params<'_>) -> Digest {
    let of = |raw: Option<&serde_json::value::RawValue>| {
        let mut canonical = Vec::new();
        let value = raw.and_then(|raw| serde_json::from_str::<Value>(raw.get()).ok()).unwrap_or(Value::Null);
        canonicalise(&value, &mut canonical);
        canonical
    };
    let (name, uri, arguments) = (of(params.name), of(params.uri), of(params.arguments));
    Digest::of(&[&name, &uri, &arguments])
}
