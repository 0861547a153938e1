//! Modern requests: each stands for itself, and one that is cut off is asked again.

use reqwest::Method;
use serde_json::{Value, json};

use crate::clients::Ground;
use crate::findings::{Broken, Count};
use crate::legacy::PAUSE;
use crate::verdict::{self, End};
use crate::wire::{Events, Fault, Received};

const REVISION: &str = "2026-07-28";

/// How an attempt came out.
#[derive(Debug)]
pub(crate) enum Attempt {
    /// It ended.
    End(End),
    /// Its connection broke: what became of it is not known.
    Cut,
    /// A promise was broken, which is noted.
    Broken,
}

/// Adds what every modern request says of itself.
pub(crate) fn message(id: u64, method: &str, mut params: Value) -> Value {
    let extensions = json!({ "io.modelcontextprotocol/tasks": {} });
    let capabilities = json!({ "elicitation": {}, "extensions": extensions });
    let meta = &mut params["_meta"];
    meta["io.modelcontextprotocol/protocolVersion"] = REVISION.into();
    meta["io.modelcontextprotocol/clientCapabilities"] = capabilities;
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

/// Sends a message with the headers that repeat it.
///
/// # Errors
/// What came instead of a response.
pub(crate) async fn send(ground: &Ground, message: &Value) -> Result<Received, Fault> {
    let method = message["method"].as_str().unwrap_or_default();
    let mut headers = vec![("MCP-Protocol-Version", REVISION), ("Mcp-Method", method)];
    let named = match method {
        "resources/read" => "uri",
        "tasks/get" | "tasks/update" | "tasks/cancel" => "taskId",
        _ => "name",
    };
    headers.extend(message["params"][named].as_str().map(|name| ("Mcp-Name", name)));
    ground.balancer.send(Method::POST, &headers, Some(message)).await
}

/// One attempt at a request.
pub(crate) async fn attempt(ground: &Ground, method: &str, params: Value) -> Attempt {
    let message = message(1, method, params);
    match send(ground, &message).await {
        Ok(Received::Message { message, .. }) => Attempt::End(verdict::of(&message)),
        Ok(Received::Later) => {
            ground.findings.count(Count::RefusedForNow);
            Attempt::End(End::Later)
        }
        Ok(Received::Events(events)) => read(ground, events, &message).await,
        Ok(Received::Accepted) => {
            ground.findings.broke(Broken::WrongAnswer, format!("no body for {message}"));
            Attempt::Broken
        }
        Err(fault) => fails(ground, fault, &message),
    }
}

async fn read(ground: &Ground, mut events: Events, message: &Value) -> Attempt {
    loop {
        match events.next().await {
            Ok(Some(event)) => match event.message {
                Some(heard) if heard["id"] == message["id"] && heard.get("method").is_none() => {
                    return Attempt::End(verdict::of(&heard));
                }
                Some(heard) if heard["method"] == "notifications/progress" => {
                    ground.findings.count(Count::ProgressHeard);
                }
                _ => {}
            },
            Ok(None) => {
                ground.findings.broke(Broken::NeverEnded, format!("the stream ended without an answer to {message}"));
                return Attempt::Broken;
            }
            Err(fault) => return fails(ground, fault, message),
        }
    }
}

fn fails(ground: &Ground, fault: Fault, message: &Value) -> Attempt {
    if let Fault::Cut(_) = fault {
        ground.findings.count(Count::ModernCallsCut);
        return Attempt::Cut;
    }
    ground.fault(fault, &message.to_string());
    Attempt::Broken
}

/// Asks again and again until there is an answer. `None` when a promise was broken, which is noted, or the time is over.
pub(crate) async fn ask(ground: &Ground, method: &str, params: &Value) -> Option<Value> {
    loop {
        match attempt(ground, method, params.clone()).await {
            Attempt::End(End::Answer(result)) => return Some(result),
            Attempt::End(End::Later) | Attempt::Cut => {}
            Attempt::End(End::Refused(why)) => {
                ground.findings.broke(Broken::WrongAnswer, format!("{method} {params}: {why}"));
                return None;
            }
            Attempt::Broken => return None,
        }
        if ground.is_overdue() {
            ground.findings.broke(Broken::NeverEnded, format!("{method} {params}: no answer in any attempt"));
            return None;
        }
        tokio::time::sleep(PAUSE).await;
    }
}
