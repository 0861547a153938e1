//! Single use: a state that a client brought back opens for one call alone, on all replicas.

use std::future::pending;
use std::sync::Arc;

use super::answer::away;
use super::entry::ToolEntry;
use super::job::{self, Job};
use super::service::Service;
use crate::protocol::RpcError;
use crate::store::seal::hash_id;
use crate::store::{Expect, Put, StoreError};
use crate::tool::rounds::Memory;
use crate::tool::{Outcome, ToolCall};

/// Starts a tool's function; where its state is good once, the state is used up before the first line.
pub(super) fn start(service: &Arc<Service>, entry: &ToolEntry, call: ToolCall) -> Job {
    let context = call.context().clone();
    let run = job::start(&entry.runner, call, &service.blocking, Outcome::Failed);
    let id = entry.spec.single_use.then(|| context.shared().inputs.take_id()).flatten();
    let Some(id) = id else {
        return Job::Tool(run);
    };
    let service = Arc::clone(service);
    Job::Tool(Box::pin(async move {
        match spend(&service, &id).await {
            Ok(true) => run.await,
            Ok(false) => {
                context.shared().inputs.fail(used());
                pending().await
            }
            Err(error) => Outcome::Failed(error.into()),
        }
    }))
}

/// Uses the state up that a call becomes a task from, where it is good once.
///
/// # Errors
/// `-32602` if it was used before, or that the store fails.
pub(super) async fn opened(service: &Service, entry: &ToolEntry, mut memory: Memory) -> Result<Memory, RpcError> {
    if let Some(id) = memory.id.take().filter(|_| entry.spec.single_use)
        && !spend(service, &id).await.map_err(|error| away(&error))?
    {
        return Err(used());
    }
    Ok(memory)
}

/// Says whether nobody used it before. It is remembered for as long as the state could be opened.
async fn spend(service: &Service, id: &str) -> Result<bool, StoreError> {
    let life = Some(service.settings().state_expires);
    let put = service.store().put(&format!("state/{}", hash_id(id)), "", Expect::Absent, life).await?;
    Ok(matches!(put, Put::Stored(_)))
}

fn used() -> RpcError {
    RpcError::invalid_params("`/requestState` is good once and was used already: start the call anew without it")
}
