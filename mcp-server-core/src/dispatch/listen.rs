//! `subscriptions/listen`: a stream of changes under the request's own id (basic/patterns, Subscriptions).

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::time::{Sleep, sleep};

use super::answer::Answer;
use super::exchange::{Exchange, Handled};
use super::identity;
use super::request::Asked;
use super::running::Event;
use super::service::Service;
use super::subscriptions::{Filter, Listener, notification};
use crate::protocol::error::code;
use crate::protocol::meta::key;
use crate::protocol::params::object;
use crate::protocol::write::{self, ResultWriter};
use crate::protocol::{RequestId, RpcError};
use crate::telemetry::{CallRecord, Ending};

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
}

/// A subscription that is open: first it is acknowledged, then it tells of changes until either side ends it.
#[derive(Debug)]
pub(crate) struct Listening {
    service: Arc<Service>,
    id: RequestId,
    subscription: Value,
    listener: Listener,
    acknowledgement: Option<Bytes>,
    /// When the credentials end it is over: nobody could ask now.
    expires: Option<Pin<Box<Sleep>>>,
    record: Option<CallRecord>,
}

/// Opens a subscription. It hears from now on, before it is acknowledged, so that nothing slips between.
pub(super) fn listen(asked: &Asked<'_>, record: CallRecord) -> Handled {
    match open(asked) {
        Ok((listener, accepted)) => {
            let subscription = serde_json::from_str(asked.id().as_json()).unwrap_or(Value::Null);
            let acknowledgement = tagged(
                &subscription,
                "notifications/subscriptions/acknowledged",
                Map::from_iter([("notifications".to_owned(), accepted)]),
            );
            Handled::Exchange(Exchange::Listening(Box::new(Listening {
                service: Arc::clone(&asked.service),
                id: asked.id().clone(),
                subscription,
                listener,
                acknowledgement: Some(acknowledgement),
                expires: asked.caller.principal.expires().map(|at| Box::pin(sleep(until(at)))),
                record: Some(record),
            })))
        }
        Err(error) => Handled::Answer(Answer::refusal(asked.id(), &error, record)),
    }
}

fn until(at: SystemTime) -> Duration {
    at.duration_since(SystemTime::now()).unwrap_or_default()
}

fn open(asked: &Asked<'_>) -> Result<(Listener, Value), RpcError> {
    let wanted = object::<Wanted>(asked.params.notifications, "notifications")?
        .ok_or_else(|| RpcError::invalid_params("`/notifications` is required: an object"))?;
    let most = asked.service.settings().uris_per_subscription;
    let uris = wanted.resource_subscriptions.unwrap_or_default();
    if uris.len() > most {
        return Err(RpcError::invalid_params(format!("`/notifications/resourceSubscriptions` may name {most} URIs")));
    }
    let catalogue = asked.service.catalogue();
    let resources = identity::has_resources(&catalogue);
    let filter = Filter {
        tools: wanted.tools_list_changed && identity::has_tools(&catalogue),
        prompts: wanted.prompts_list_changed && identity::has_prompts(&catalogue),
        resources: wanted.resources_list_changed && resources,
        uris: if resources { uris } else { Vec::new() },
    };
    let accepted = accepted(&filter);
    let owner = asked.caller.principal.key();
    let listener = asked.service.hub.listen(owner, filter).ok_or_else(|| {
        let most = asked.service.settings().subscriptions_per_principal;
        RpcError::new(code::UNAVAILABLE, format!("{most} subscriptions are open already: end one first"))
    })?;
    Ok((listener, accepted))
}

/// What was taken on of what was asked for.
fn accepted(filter: &Filter) -> Value {
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
    Value::Object(accepted)
}

/// A notification that says to which subscription it belongs.
fn tagged(subscription: &Value, method: &str, mut params: Map<String, Value>) -> Bytes {
    params.insert("_meta".to_owned(), json!({ key::SUBSCRIPTION_ID: subscription }));
    write::notification(method, &Value::Object(params))
}

impl Listening {
    /// Goes on until there is something to tell.
    pub(crate) fn poll_event(&mut self, task: &mut Task<'_>) -> Poll<Event> {
        if let Some(acknowledgement) = self.acknowledgement.take() {
            return Poll::Ready(Event::Message(acknowledgement));
        }
        let expired = self.expires.as_mut().is_some_and(|expires| expires.as_mut().poll(task).is_ready());
        let change = if expired { Poll::Ready(None) } else { self.listener.poll_change(task) };
        let Poll::Ready(change) = change else { return Poll::Pending };
        let Some(change) = change else {
            return self.record.take().map_or(Poll::Pending, |record| Poll::Ready(Event::Done(self.end(record))));
        };
        let (method, uri) = notification(&change);
        let params = uri.map(|uri| ("uri".to_owned(), Value::from(uri))).into_iter().collect();
        Poll::Ready(Event::Message(tagged(&self.subscription, method, params)))
    }

    /// The result with which the server ends a subscription.
    fn end(&self, record: CallRecord) -> Answer {
        let mut writer = ResultWriter::start(&self.id, 256);
        writer.raw("resultType", br#""complete""#);
        let mut meta = Map::new();
        meta.insert(key::SUBSCRIPTION_ID.to_owned(), self.subscription.clone());
        self.service.identity().add_to(&mut meta);
        writer.value("_meta", &meta);
        Answer::result(writer.finish(), Ending::Complete, record)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // A client that goes away ends its subscription as it should: that is no cancelled call.
        if let Some(record) = &mut self.record {
            record.ended(Ending::Complete);
        }
    }
}
