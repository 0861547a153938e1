//! Putting a question to the client, in the way of its era.

use std::future::pending;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::protocol::RpcError;
use crate::telemetry::ClientRequest;
use crate::tool::caller::{ClientLink, Question};
use crate::tool::context::Context;
use crate::tool::error::{ToolError, ToolResult};
use crate::tool::outbox::Outbox;
use crate::tool::rounds::Need;

/// Puts a question under a key and returns the client's result.
///
/// In the modern era it does not return while there is no answer: the call ends and is retried with it. In a task it
/// waits for the answer.
pub(super) async fn ask(
    context: &Context,
    key: &str,
    method: &'static str,
    mut params: Value,
    need: Need,
) -> ToolResult<Value> {
    let shared = context.shared();
    let capable = need.is_met_by(shared.caller.capabilities);
    if let Some(task) = shared.task.link().filter(|_| capable) {
        if let Some(answer) = shared.inputs.answer(key) {
            return Ok(answer);
        }
        shared.scope.sign(&mut params);
        let _waiting = Waiting::new(context);
        return task.ask(key, json!({ "method": method, "params": params })).await;
    }
    if shared.caller.revision.is_modern() {
        if !capable {
            shared.inputs.lack(need);
            shared.outbox.wake();
            return pending().await;
        }
        if let Some(answer) = shared.inputs.answer(key) {
            return Ok(answer);
        }
        shared.scope.sign(&mut params);
        shared.inputs.ask(key.to_owned(), json!({ "method": method, "params": params }));
        shared.outbox.wake();
        return pending().await;
    }
    let Some(link) = shared.caller.link.as_deref().filter(|_| capable) else {
        return Err(ToolError::misconfigured(format!(
            "this needs a client that serves `{method}`, and yours does not"
        ))
        .advice("Tell the user that their client cannot ask them for this."));
    };
    ask_live(context, link, method, params).await
}

/// Says that an answer does not fit: a modern client is asked anew, a legacy one gets the error. Returns in a task alone,
/// where the question is to be put again.
pub(super) async fn refuse(context: &Context, key: &str, method: &str, mut params: Value, why: &str) -> ToolResult<()> {
    let shared = context.shared();
    shared.scope.sign(&mut params);
    if let Some(task) = shared.task.link() {
        shared.inputs.forget(key);
        return task.refuse(key).await;
    }
    if shared.caller.revision.is_modern() {
        shared.inputs.forget(key);
        shared.inputs.ask(key.to_owned(), json!({ "method": method, "params": params }));
        shared.outbox.wake();
        return pending().await;
    }
    Err(unusable(format!("the user's answer does not fit the question: {why}")))
}

/// Ends the call for an answer that has no valid shape (`-32602`). Returns in a task alone, where the question is to be
/// put again.
pub(super) async fn malformed(context: &Context, key: &str, why: &str) -> ToolResult<()> {
    if let Some(task) = context.shared().task.link() {
        context.shared().inputs.forget(key);
        return task.refuse(key).await;
    }
    if context.shared().caller.revision.is_modern() {
        context.shared().inputs.fail(RpcError::invalid_params(format!("`/inputResponses/{key}`: {why}")));
        return pending().await;
    }
    Err(unusable(format!("the client's answer to the question has the wrong shape: {why}")))
}

/// The error of a call whose question was answered with what cannot be used. The arguments are not at fault, and the
/// model is not asked to change them.
fn unusable(message: String) -> ToolError {
    ToolError::cancelled(message)
        .advice("The arguments are right: do not change them. Tell the user what their answer lacks, then call again.")
}

/// Has the call's deadline stand still while its client is asked.
struct Waiting<'a> {
    context: &'a Context,
    since: Instant,
}

impl<'a> Waiting<'a> {
    fn new(context: &'a Context) -> Self {
        context.shared().waiting.fetch_add(1, Ordering::Relaxed);
        Self { context, since: Instant::now() }
    }
}

/// A request to the client that waits for its answer. When its call ends before, the client is told that nobody waits
/// any more, so that it closes its dialog (basic/utilities, Cancellation).
struct Open<'a> {
    link: &'a dyn ClientLink,
    id: crate::protocol::RequestId,
    outbox: &'a Outbox,
    answered: bool,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.link.close(&self.id);
        if !self.answered {
            let id = self.id.as_json();
            let reason = "the server does not wait for the answer any more";
            self.outbox.push(Bytes::from(format!(
                r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id},"reason":"{reason}"}}}}"#
            )));
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let waited = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.context.shared().waited.fetch_add(waited, Ordering::Relaxed);
        self.context.shared().waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn ask_live(
    context: &Context,
    link: &dyn ClientLink,
    method: &'static str,
    mut params: Value,
) -> ToolResult<Value> {
    let shared = context.shared();
    let mut request = ClientRequest::start(&shared.scope, method);
    request.sign(&mut params);
    let Question { id, answer } = link.open(shared.inputs.patience).await?;
    let _waiting = Waiting::new(context);
    let mut open = Open { link, id, outbox: &shared.outbox, answered: false };
    let params = serde_json::to_string(&params)?;
    let message = format!(r#"{{"jsonrpc":"2.0","id":{},"method":"{method}","params":{params}}}"#, open.id.as_json());
    shared.outbox.push(Bytes::from(message));
    let answer = tokio::time::timeout(shared.inputs.patience, answer).await.map_err(|_| {
        ToolError::timeout(format!(
            "the client did not answer `{method}` within {} s",
            shared.inputs.patience.as_secs()
        ))
    })?;
    open.answered = answer.is_ok();
    match answer {
        Ok(Ok(result)) => {
            request.answered();
            Ok(serde_json::from_slice(&result)?)
        }
        Ok(Err(error)) => {
            let code = serde_json::from_slice::<Value>(&error).ok().and_then(|error| error.get("code")?.as_i64());
            request.refused(code);
            Err(ToolError::cancelled(format!("the client refused `{method}`"))
                .advice("Go on without it or ask the user what to do.")
                .cause(String::from_utf8_lossy(&error).into_owned()))
        }
        Err(_) => Err(ToolError::cancelled(format!("the client went away before it answered `{method}`"))),
    }
}
