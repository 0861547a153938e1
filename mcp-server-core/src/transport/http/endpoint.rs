//! The endpoint: everything that its handlers share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use super::access::Access;
use super::link::Links;
use super::settings::HttpSettings;
use crate::dispatch::Service;
use crate::session::Sessions;
use crate::telemetry::instruments;

/// The MCP endpoint and what stands beside it.
#[derive(Debug)]
pub(crate) struct Endpoint {
    service: Arc<Service>,
    access: Access,
    settings: HttpSettings,
    routes: Option<Router>,
    sessions: Arc<Sessions>,
    /// Calls of legacy sessions, which outlive their connections.
    calls: TaskTracker,
    /// Streams of the transport of 2024-11-05.
    links: Links,
    /// How many streams of events are open.
    streams: Arc<AtomicU64>,
}

impl Endpoint {
    pub(crate) fn new(
        service: Arc<Service>,
        access: Access,
        settings: HttpSettings,
        sessions: Arc<Sessions>,
        routes: Option<Router>,
    ) -> Arc<Self> {
        let streams = Arc::<AtomicU64>::default();
        if let Some(meters) = service.telemetry().meters() {
            meters.watch(&instruments::STREAMS_OPEN, Arc::downgrade(&streams), |open| {
                #[expect(clippy::cast_precision_loss, reason = "streams are fewer than that")]
                let open = open.load(Ordering::Relaxed) as f64;
                vec![(Vec::new(), open)]
            });
        }
        Arc::new(Self {
            service,
            access,
            settings,
            routes,
            sessions,
            calls: TaskTracker::new(),
            links: Links::default(),
            streams,
        })
    }

    pub(super) fn service(&self) -> &Arc<Service> {
        &self.service
    }

    pub(super) fn settings(&self) -> &HttpSettings {
        &self.settings
    }

    pub(super) fn sessions(&self) -> &Arc<Sessions> {
        &self.sessions
    }

    pub(super) fn links(&self) -> &Links {
        &self.links
    }

    pub(super) fn streams(&self) -> &Arc<AtomicU64> {
        &self.streams
    }

    pub(super) fn access(&self) -> &Access {
        &self.access
    }

    pub(super) fn routes(&self) -> Option<&Router> {
        self.routes.as_ref()
    }

    /// Runs what must not end with its connection.
    pub(super) fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.calls.spawn(work)
    }

    /// Ends what would go on for ever: subscriptions get their last message.
    pub(super) fn stop(&self) {
        self.service.hub.close();
        self.sessions.let_readers_go();
        self.calls.close();
    }

    /// Waits for calls that go on without a connection.
    pub(super) async fn drained(&self) {
        self.calls.wait().await;
    }

    /// Gives up what still runs.
    pub(super) fn cut(&self) {
        self.sessions.stop();
    }
}
