//! Which way a call goes: through its own request, or as a task.

use std::time::Duration;

use serde::Deserialize;

use crate::dispatch::answer::Refusal;
use crate::dispatch::entry::ToolEntry;
use crate::dispatch::identity::has_tasks;
use crate::dispatch::request::Asked;
use crate::protocol::RpcError;
use crate::protocol::error::code;
use crate::protocol::params::object;
use crate::tool::TaskSupport;
use crate::tool::rounds::Need;

/// The way of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dispatch) enum Way {
    /// It is answered by its own request.
    Inline,
    /// It becomes a task where its function says so.
    Later,
    /// It is a task from its start, kept for as long as its client wants.
    Task(Option<Duration>),
}

/// What a client of 2025-11-25 says of the task that it wants.
#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    ttl: Option<f64>,
}

/// Chooses the way of a call. In the modern era the server decides, for clients that declared the extension with this
/// very request (tasks extension, Capability Negotiation); before, the client does (basic/utilities/tasks of 2025-11-25).
///
/// # Errors
/// `-32021` or `-32601` for a tool that is a task alone and a client that wants none, `-32601` for a task that the tool
/// does not have.
pub(in crate::dispatch) fn choose(asked: &Asked<'_>, entry: &ToolEntry) -> Result<Way, Refusal> {
    let support = entry.spec.task;
    if asked.caller.revision.is_modern() {
        return match support {
            TaskSupport::Forbidden => Ok(Way::Inline),
            _ if asked.caller.capabilities.tasks && entry.spec.asks_first => Ok(Way::Later),
            _ if asked.caller.capabilities.tasks => Ok(Way::Task(None)),
            TaskSupport::Optional => Ok(Way::Inline),
            TaskSupport::Required => Err(Need::Tasks.missing().into()),
        };
    }
    // Where the server declared no tasks, a client that wants one gets an ordinary call.
    let speaks = asked.caller.revision.has_session_tasks() && has_tasks(&asked.service.catalogue());
    let wanted = object::<Wanted>(asked.params.task.filter(|_| speaks), "task")?;
    match (support, wanted) {
        (TaskSupport::Forbidden | TaskSupport::Optional, None) => Ok(Way::Inline),
        (TaskSupport::Forbidden, Some(_)) => Err(not_this_way("this tool does not run as a task: call it without one")),
        (TaskSupport::Required, None) => Err(not_this_way("this tool runs as a task alone: call it with `task`")),
        (_, Some(wanted)) => {
            let ttl = wanted.ttl.map(|ttl| Duration::try_from_secs_f64(ttl / 1000.0));
            let ttl =
                ttl.transpose().map_err(|_| RpcError::invalid_params("`/task/ttl` must be a number of milliseconds"));
            Ok(Way::Task(ttl?))
        }
    }
}

fn not_this_way(why: &'static str) -> Refusal {
    RpcError::new(code::METHOD_NOT_FOUND, why).into()
}
