//! `subscriptions/listen`: a stream of changes under the request's own id (basic/patterns, Subscriptions).

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::exchange::{Exchange, Handled};
use super::identity;
use super::listening::Listening;
use super::request::Asked;
use super::seat::SubscriptionSeat;
use super::subscriptions::{Filter, Listener};
use super::tasks::Feed;
use crate::protocol::RpcError;
use crate::protocol::error::clip;
use crate::protocol::params::object;
use crate::telemetry::CallRecord;
use crate::tool::rounds::Need;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    #[serde(default)]
    tools_list_changed: bool,
    #[serde(default)]
    prompts_list_changed: bool,
    #[serde(default)]
    resources_list_changed: bool,
    #[serde(default)]
    resource_subscriptions: Option<Vec<String>>,
    #[serde(default)]
    task_ids: Option<Vec<String>>,
}

/// What was taken on, as it is acknowledged.
type Accepted = Map<String, Value>;

/// Opens a subscription. It hears from now on, before it is acknowledged, so that nothing slips between.
pub(super) fn listen(asked: &Asked<'_>, record: CallRecord) -> Handled {
    match open(asked) {
        Ok((listener, accepted, tasks)) => {
            let service = Arc::clone(&asked.service);
            let principal = &asked.caller.principal;
            let most = service.settings().subscriptions_per_principal;
            let seat = SubscriptionSeat::new(service.store(), principal, most);
            let listening = Listening::new(service, asked.id().clone(), listener, accepted, seat, record)
                .until(principal.expires())
                .with_tasks(tasks);
            Handled::Exchange(Exchange::Listening(Box::new(listening)))
        }
        Err(error) => Handled::Answer(Answer::refusal(asked.id(), &error, record)),
    }
}

fn open(asked: &Asked<'_>) -> Result<(Listener, Accepted, Option<Feed>), RpcError> {
    let wanted = object::<Wanted>(asked.params.notifications, "notifications")?
        .ok_or_else(|| RpcError::invalid_params("`/notifications` is required: an object"))?;
    let most = asked.service.settings().uris_per_subscription;
    let uris = wanted.resource_subscriptions.unwrap_or_default();
    if uris.len() > most {
        return Err(RpcError::invalid_params(format!("`/notifications/resourceSubscriptions` may name {most} URIs")));
    }
    let tasks = tasks(asked, wanted.task_ids, most)?;
    let catalogue = asked.service.catalogue();
    let resources = identity::has_resources(&catalogue);
    // What a caller may not read it does not hear of either, nor whether it is there.
    if let Some(uri) = uris.iter().find(|uri| resources && !asked.service.may_read(&asked.caller.principal, uri)) {
        let message = format!("`/notifications/resourceSubscriptions`: there is no resource `{}`", clip(uri));
        return Err(RpcError::invalid_params(message).with_data(json!({ "uri": uri })));
    }
    let filter = Filter {
        tools: wanted.tools_list_changed && identity::has_tools(&catalogue),
        prompts: wanted.prompts_list_changed && identity::has_prompts(&catalogue),
        resources: wanted.resources_list_changed && resources,
        uris: if resources { uris } else { Vec::new() },
    };
    let accepted = accepted(&filter);
    let listener = asked.service.hub.listen(filter);
    Ok((listener, accepted, tasks))
}

/// The tasks that were asked for; which of them are the caller's is told with the acknowledgement.
fn tasks(asked: &Asked<'_>, ids: Option<Vec<String>>, most: usize) -> Result<Option<Feed>, RpcError> {
    let Some(ids) = ids else { return Ok(None) };
    if !asked.caller.capabilities.tasks {
        return Err(Need::Tasks.missing());
    }
    if ids.len() > most {
        return Err(RpcError::invalid_params(format!("`/notifications/taskIds` may name {most} tasks")));
    }
    Ok(Some(Feed::new(Arc::clone(&asked.service), asked.caller.principal.key().to_owned(), ids)))
}

/// What was taken on of what was asked for.
fn accepted(filter: &Filter) -> Accepted {
    let mut accepted = Map::new();
    let flags = [
        ("toolsListChanged", filter.tools),
        ("promptsListChanged", filter.prompts),
        ("resourcesListChanged", filter.resources),
    ];
    for (name, on) in flags {
        if on {
            accepted.insert(name.to_owned(), true.into());
        }
    }
    if !filter.uris.is_empty() {
        accepted.insert("resourceSubscriptions".to_owned(), json!(filter.uris));
    }
    accepted
}
