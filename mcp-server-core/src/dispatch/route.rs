//! From a method to its handler.

use super::answer::Answer;
use super::exchange::Handled;
use super::identity;
use super::request::Asked;
use super::service::Service;
use super::{completion, discovery, listen, lists, pipeline, prompts, resources};
use crate::protocol::{Method, RpcError};
use crate::telemetry::CallRecord;

/// Answers a request, or starts what will.
pub(crate) fn handle(asked: &Asked<'_>, mut record: CallRecord) -> Handled {
    record.asked(asked.method(), asked.caller.revision);
    if !serves(&asked.service, asked.method(), asked.caller.revision.is_modern()) {
        let error = RpcError::method_not_found(asked.method().as_str());
        return Handled::Answer(Answer::refusal(asked.id(), &error, record));
    }
    match asked.method() {
        Method::ToolsCall => pipeline::call(asked, record),
        Method::PromptsGet => prompts::get(asked, record),
        Method::ResourcesRead => resources::read(asked, record),
        Method::Complete => completion::complete(asked, record),
        Method::SubscriptionsListen => listen::listen(asked, record),
        Method::Discover => Handled::Answer(discovery::discover(asked, record)),
        Method::Ping => Handled::Answer(discovery::pong(asked, record)),
        _ => Handled::Answer(lists::list(asked, record)),
    }
}

/// Whether a method is served in an era. What needs a session (`initialize`, `logging/setLevel`, `resources/subscribe`)
/// is the session's own and does not come here.
fn serves(service: &Service, method: &Method, modern: bool) -> bool {
    let catalogue = service.catalogue();
    match method {
        Method::Discover | Method::SubscriptionsListen => modern,
        Method::Ping => !modern,
        Method::ToolsList | Method::ToolsCall => identity::has_tools(&catalogue),
        Method::PromptsList | Method::PromptsGet => identity::has_prompts(&catalogue),
        Method::ResourcesList | Method::ResourcesTemplatesList | Method::ResourcesRead => {
            identity::has_resources(&catalogue)
        }
        Method::Complete => identity::has_completions(&catalogue),
        _ => false,
    }
}
