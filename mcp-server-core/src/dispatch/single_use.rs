//! Single use: a state that a client brought back opens for one call alone, on all replicas.

use std::future::pending;
use std::sync::Arc;

use super::entry::ToolEntry;
use super::job::{self, Job};
use super::service::Service;
use crate::protocol::RpcError;
use crate::store::seal::hash_id;
use crate::store::{Expect, Put};
use crate::tool::{Outcome, ToolCall};

/// Starts a tool's function; where its state is good once, the state is used up before the first line.
pub(super) fn start(service: &Arc<Service>, entry: &ToolEntry, call: ToolCall) -> Job {
    let context = call.context().clone();
    let run = job::start(&entry.runner, call, &service.blocking, Outcome::Failed);
    let id = entry.spec.single_use.then(|| context.shared().inputs.memory().id).flatten();
    let Some(id) = id else {
        return Job::Tool(run);
    };
    let service = Arc::clone(service);
    Job::Tool(Box::pin(async move {
        // The state itself expires no later than this.
        let life = Some(service.settings().state_expires);
        match service.store().put(&format!("state/{}", hash_id(&id)), "", Expect::Absent, life).await {
            Ok(Put::Stored(_)) => run.await,
            Ok(Put::Refused(_)) => {
                context.shared().inputs.fail(RpcError::invalid_params(
                    "`/requestState` is good once and was used already: start the call anew without it",
                ));
                pending().await
            }
            Err(error) => Outcome::Failed(error.into()),
        }
    }))
}
