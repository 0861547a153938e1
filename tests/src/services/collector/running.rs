//! A collector that runs for the length of a test.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::sync::{Arc, mpsc};
use std::thread;

use tokio::sync::oneshot;

use super::arrived::{Arrived, Kept};
use super::mood::Mood;
use super::reading::{SeenMetric, SeenSpan};
use super::tls::Tls;
use super::{grpc, http};
use crate::services::port;

/// A collector on a port of its own.
#[derive(Debug)]
pub struct Collector {
    address: SocketAddr,
    protocol: &'static str,
    arrived: Arc<Arrived>,
    _running: oneshot::Sender<()>,
}

impl Collector {
    /// One for a protocol as the variables name it: `http/protobuf` or `grpc`.
    pub fn start(protocol: &'static str) -> Self {
        let arrived = Arc::new(Arrived::default());
        let (kept, (running, ended)) = (Arc::clone(&arrived), oneshot::channel());
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
                tell.send(listener.local_addr().expect("an address")).expect("the test waits");
                let serve = async {
                    if protocol == "grpc" {
                        grpc::serve(listener, kept).await;
                    } else {
                        http::serve(listener, kept).await;
                    }
                };
                tokio::select! {
                    () = serve => {}
                    // The test is over.
                    _ = ended => {}
                }
            });
        });
        Self { address: told.recv().expect("it listens"), protocol, arrived, _running: running }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Has a process send everything here, soon.
    pub fn receive(&self, command: &mut Command) {
        send(command, &self.url(), self.protocol);
    }

    /// Has a process send everything to a collector that is not there.
    pub fn miss(protocol: &str, command: &mut Command) {
        send(command, &format!("http://127.0.0.1:{}", port::free()), protocol);
    }

    /// A way to it by TLS.
    pub fn secured(&self) -> Tls {
        Tls::before(self.address, if self.protocol == "grpc" { b"h2" } else { b"http/1.1" })
    }

    /// Behaves in another way from now on.
    pub fn behave(&self, mood: Mood) {
        self.arrived.lock().mood = mood;
    }

    /// Waits for a span of which something is true.
    pub fn span(&self, what: &str, is_it: impl Fn(&SeenSpan) -> bool) -> SeenSpan {
        self.arrived.until(what, |kept| kept.spans.iter().find(|span| is_it(span)).cloned())
    }

    /// Waits for a span of this name.
    pub fn span_named(&self, name: &str) -> SeenSpan {
        self.span(name, |span| span.name() == name)
    }

    /// Every span until now.
    pub fn spans(&self) -> Vec<SeenSpan> {
        self.arrived.lock().spans.clone()
    }

    /// Waits for a metric of this name of which something is true.
    pub fn metric(&self, name: &str, is_it: impl Fn(&SeenMetric) -> bool) -> SeenMetric {
        let find =
            |kept: &Kept| kept.metrics.iter().rev().find(|metric| metric.name() == name && is_it(metric)).cloned();
        self.arrived.until(name, find)
    }

    /// Every metric until now.
    pub fn all_metrics(&self) -> Vec<SeenMetric> {
        self.arrived.lock().metrics.clone()
    }

    /// Whether any metric came until now.
    pub fn has_metrics(&self) -> bool {
        !self.arrived.lock().metrics.is_empty()
    }

    /// Waits until it was asked so often.
    pub fn is_asked(&self, times: usize) {
        self.arrived.until("a request", |kept| (kept.asked >= times).then_some(()));
    }

    /// How often it was asked until now.
    pub fn asked(&self) -> usize {
        self.arrived.lock().asked
    }

    /// The values of `authorization` and of `content-encoding` that came until now.
    pub fn headers(&self) -> (Vec<String>, Vec<String>) {
        let kept = self.arrived.lock();
        (kept.tokens.clone(), kept.codings.clone())
    }
}

fn send(command: &mut Command, url: &str, protocol: &str) {
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", url).env("OTEL_EXPORTER_OTLP_PROTOCOL", protocol);
    command.env("OTEL_BSP_SCHEDULE_DELAY", "20").env("OTEL_METRIC_EXPORT_INTERVAL", "50");
}
