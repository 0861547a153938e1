//! From a method to its handler.

use super::answer::Answer;
use super::exchange::{Exchange, Handled};
use super::identity;
use super::request::Asked;
use super::{completion, discovery, listen, lists, pipeline, prompts, resources, tasks};
use crate::protocol::{Method, RpcError};
use crate::telemetry::CallRecord;

/// Answers a request, or starts what will.
pub(crate) fn handle(asked: &Asked<'_>, mut record: CallRecord) -> Handled {
    record.asked(asked.method(), asked.caller.revision);
    if !serves(asked) {
        let error = RpcError::method_not_found(asked.method().as_str());
        return Handled::Answer(Answer::refusal(asked.id(), &error, record));
    }
    match asked.method() {
        Method::ToolsCall => pipeline::call(asked, record),
        Method::PromptsGet => prompts::get(asked, record),
        Method::ResourcesRead => resources::read(asked, record),
        Method::Complete => completion::complete(asked, record),
        Method::SubscriptionsListen => listen::listen(asked, record),
        Method::TasksGet | Method::TasksUpdate | Method::TasksCancel | Method::TasksResult | Method::TasksList => {
            match tasks::handle(asked, record) {
                Ok(waiting) => Handled::Exchange(Exchange::Waiting(Box::new(waiting))),
                Err(refused) => Handled::Answer(*refused),
            }
        }
        Method::Discover => Handled::Answer(discovery::discover(asked, record)),
        Method::Ping => Handled::Answer(discovery::pong(asked, record)),
        _ => Handled::Answer(lists::list(asked, record)),
    }
}

/// Whether a method is served in an era. What needs a session (`initialize`, `logging/setLevel`, `resources/subscribe`)
/// is the session's own and does not come here.
fn serves(asked: &Asked<'_>) -> bool {
    let catalogue = asked.service.catalogue();
    let revision = asked.caller.revision;
    let modern = revision.is_modern();
    match asked.method() {
        Method::Discover | Method::SubscriptionsListen => modern,
        Method::Ping => !modern,
        Method::ToolsList | Method::ToolsCall => identity::has_tools(&catalogue),
        Method::PromptsList | Method::PromptsGet => identity::has_prompts(&catalogue),
        Method::ResourcesList | Method::ResourcesTemplatesList | Method::ResourcesRead => {
            identity::has_resources(&catalogue)
        }
        Method::TasksGet | Method::TasksCancel => {
            (modern || revision.has_session_tasks()) && identity::has_tasks(&catalogue)
        }
        Method::TasksUpdate => modern && identity::has_tasks(&catalogue),
        Method::TasksResult => revision.has_session_tasks() && identity::has_tasks(&catalogue),
        // Where anybody may ask, a list would tell everybody's tasks.
        Method::TasksList => {
            let known = !asked.caller.principal.is_anonymous();
            known && revision.has_session_tasks() && identity::has_tasks(&catalogue)
        }
        Method::Complete => identity::has_completions(&catalogue),
        _ => false,
    }
}
