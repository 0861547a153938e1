//! A subscription that is open (basic/patterns, Subscriptions).

use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll, ready};
use std::time::SystemTime;

use bytes::Bytes;
use serde_json::{Map, Value, json};
use tokio::time::{Sleep, sleep};

use super::answer::{Answer, away};
use super::event::Event;
use super::seat::{Standing, SubscriptionSeat};
use super::service::Service;
use super::subscriptions::{Listener, notification};
use super::tasks::Feed;
use crate::protocol::error::code;
use crate::protocol::meta::key;
use crate::protocol::write::{self, ResultWriter};
use crate::protocol::{RequestId, RpcError};
use crate::telemetry::semconv::guard;
use crate::telemetry::{CallRecord, Ending};

/// A subscription that is open: first it is acknowledged, then it tells of changes until either side ends it.
#[derive(Debug)]
pub(crate) struct Listening {
    service: Arc<Service>,
    id: RequestId,
    subscription: Value,
    listener: Listener,
    /// What was taken on, until it is acknowledged.
    accepted: Option<Map<String, Value>>,
    tasks: Option<Feed>,
    seat: SubscriptionSeat,
    /// When the credentials end it is over: nobody could ask now.
    expires: Option<Pin<Box<Sleep>>>,
    record: Option<CallRecord>,
}

/// A notification that says to which subscription it belongs.
fn tagged(subscription: &Value, method: &str, mut params: Map<String, Value>) -> Bytes {
    params.insert("_meta".to_owned(), json!({ key::SUBSCRIPTION_ID: subscription }));
    write::notification(method, &Value::Object(params))
}

impl Listening {
    /// A subscription whose acknowledgement is its first message.
    pub(super) fn new(
        service: Arc<Service>,
        id: RequestId,
        listener: Listener,
        accepted: Map<String, Value>,
        seat: SubscriptionSeat,
        record: CallRecord,
    ) -> Self {
        let subscription = serde_json::from_str(id.as_json()).unwrap_or(Value::Null);
        let accepted = Some(accepted);
        Self { service, id, subscription, listener, accepted, tasks: None, seat, expires: None, record: Some(record) }
    }

    /// Tells of tasks too.
    pub(super) fn with_tasks(mut self, tasks: Option<Feed>) -> Self {
        self.tasks = tasks;
        self
    }

    /// Ends the subscription with the credentials that it was opened with.
    pub(super) fn until(mut self, end: Option<SystemTime>) -> Self {
        let now = self.service.clock().time();
        let left = |at: SystemTime| at.duration_since(now).unwrap_or_default();
        self.expires = end.map(|at| Box::pin(sleep(left(at))));
        self
    }

    /// Goes on until there is something to tell.
    pub(crate) fn poll_event(&mut self, task: &mut Task<'_>) -> Poll<Event> {
        if self.accepted.is_some() {
            if let Err(why) = ready!(self.seat.poll_take(task)) {
                let Some(record) = self.record.take() else { return Poll::Pending };
                return Poll::Ready(Event::Done(Answer::refusal(&self.id, &self.unseated(&why), record)));
            }
            let tasks = match &mut self.tasks {
                Some(tasks) => ready!(tasks.poll_accepted(task)),
                None => Vec::new(),
            };
            let mut accepted = self.accepted.take().unwrap_or_default();
            if !tasks.is_empty() {
                accepted.insert("taskIds".to_owned(), json!(tasks));
            }
            let params = Map::from_iter([("notifications".to_owned(), Value::Object(accepted))]);
            let acknowledgement = tagged(&self.subscription, "notifications/subscriptions/acknowledged", params);
            return Poll::Ready(Event::Message(acknowledgement));
        }
        self.seat.poll_keep(task);
        if let Some(tasks) = &mut self.tasks
            && let Poll::Ready(news) = tasks.poll_news(task)
        {
            return Poll::Ready(Event::Message(tagged(&self.subscription, "notifications/tasks", news)));
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

    fn unseated(&self, why: &Standing) -> RpcError {
        match why {
            Standing::Full => {
                self.service.telemetry().refused(guard::SUBSCRIPTIONS);
                let most = self.service.settings().subscriptions_per_principal;
                RpcError::new(code::UNAVAILABLE, format!("{most} subscriptions are open already: end one first"))
            }
            Standing::Store(error) => away(error),
        }
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
