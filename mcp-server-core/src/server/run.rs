//! Running: the transport, the signals that end it, and the way in which it ends.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::admin::{Admin, Supervised, Token};
use super::assemble::{gate, http_settings, session_limits};
use super::command::Exit;
use super::config::{Config, Transport};
use super::health::Condition;
use super::keys::Keys;
use super::panics::Hook;
use crate::auth::Verifier;
use crate::background;
use crate::dispatch::{Baselines, Service, keep_watch};
use crate::guard::attempts::Attempts;
use crate::guard::budget::Merging;
use crate::session::Sessions;
use crate::telemetry::{Exporters, NamedPool, Page, Telemetry};
use crate::transport::http::{Access, Endpoint, Listener};
use crate::transport::stdio::{self, StdioSettings};

/// What the author gave besides the service.
#[derive(Debug, Default)]
pub(super) struct Outside {
    pub(super) routes: Option<Router>,
    pub(super) verifier: Option<Arc<dyn Verifier>>,
    /// What else hears of panics.
    pub(super) on_panic: Option<Hook>,
    /// What is told the address that is served.
    pub(super) on_listening: Option<ListeningHook>,
    /// What holds where nobody configures anything.
    pub(super) defaults: Box<Config>,
    /// Pools of connections that are measured.
    pub(super) pools: Vec<NamedPool>,
}

/// What an author does once the server listens.
pub(super) struct ListeningHook(pub(super) Box<dyn FnOnce(SocketAddr) + Send>);

impl fmt::Debug for ListeningHook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ListeningHook")
    }
}

/// Why a server ended that should not have.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    pub(super) why: String,
}

impl Failure {
    fn temporary(why: String) -> Self {
        Self { exit: Exit::Temporary, why }
    }

    /// An address that cannot be bound. Another process may end and free its port; nothing else changes by itself.
    pub(super) fn bind(key: &str, address: SocketAddr, error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::AddrInUse {
            let why = format!("{key} {address}: another process listens there; stop it, or choose another port");
            return Self { exit: Exit::Temporary, why };
        }
        let why = format!("{key} {address} cannot be used: {error}; choose another address");
        Self { exit: Exit::Configuration, why }
    }
}

/// Serves until the client goes away (stdio) or a signal asks for the end.
///
/// # Errors
/// What could not be used, an address or a stream, and the exit code that goes with it.
pub(super) async fn serve(
    service: Arc<Service>,
    keys: Keys,
    outside: Outside,
    exporters: Exporters,
    config: &Config,
) -> Result<(), Failure> {
    let (replica, apart) = (Arc::clone(service.replica()), service.apart.clone());
    let desk = Arc::clone(service.desk());
    service.measure();
    // Attached before anybody can subscribe.
    let _relay = service.attach().await;
    if let Err(error) = service.notice_deployment().await {
        tracing::warn!(target: "mcp_server", %error, "connected clients may not be told that the lists changed");
    }
    let agreement = keys.keep(service.store().clone(), Arc::clone(&replica)).await;
    let condition = Arc::new(Condition::new(service.store().clone(), config.store.timeout, agreement));
    condition.measure(service.telemetry());
    let supervised = Supervised {
        condition: Arc::clone(&condition),
        service: Arc::downgrade(&service),
        sessions: None,
        transport: config.transport,
        metrics: exporters.page().cloned(),
    };
    let budgets = Merging::start(service.budgets());
    let watch = background::spawn("task_watch", keep_watch(Arc::downgrade(&service)));
    let baselines = Baselines::keep(&service);
    let (stop, ended) = (on_signal(config, Arc::clone(&condition)), CancellationToken::new());
    // Tasks have the same time to finish as calls; what is left then goes to another replica.
    let close = async {
        tokio::select! {
            () = stop.cancelled() => desk.close(config.shutdown.grace).await,
            () = ended.cancelled() => desk.close(Duration::ZERO).await,
        }
    };
    let served = async {
        let _ended = ended.clone().drop_guard();
        let served = transport(service, outside, supervised, config, stop.clone()).await;
        // Calls that happen once go on though their clients have gone; those that do not end in time count as lost.
        apart.close();
        drop(tokio::time::timeout(config.shutdown.grace, apart.wait()).await);
        served
    };
    let history = keep_history(exporters.page().cloned());
    let both = async { tokio::join!(served, close) };
    let (served, ()) = tokio::select! {
        both = both => both,
        never = history => match never {},
    };
    watch.abort();
    budgets.stop().await;
    baselines.leave().await;
    if let Err(error) = replica.leave().await {
        tracing::debug!(target: "mcp_server", %error, "the store could not be told that this replica has ended");
    }
    // It may wait for a collector, and must not do so on a thread that others need.
    drop(background::spawn_blocking("exporter_stop", move || exporters.stop()).await);
    served
}

/// Keeps what the page of metrics says, if there is one; never ends.
async fn keep_history(page: Option<Page>) -> Infallible {
    match page {
        Some(page) => page.keep_history().await,
        None => std::future::pending().await,
    }
}

/// Finds out whether the addresses can be bound that a start would bind.
///
/// # Errors
/// As a start would end.
pub(super) async fn try_bind(config: &Config) -> Result<(), Failure> {
    let endpoint = (config.transport == Transport::Http).then_some(("http.addr", config.http.addr));
    let admin = config.admin.addr.map(|address| ("admin.addr", address));
    // Held together: one port cannot be both.
    let mut held = Vec::new();
    for (key, address) in endpoint.into_iter().chain(admin) {
        held.push(TcpListener::bind(address).await.map_err(|error| Failure::bind(key, address, &error))?);
    }
    Ok(())
}

async fn transport(
    service: Arc<Service>,
    outside: Outside,
    supervised: Supervised,
    config: &Config,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let Outside { routes, verifier, on_listening, .. } = outside;
    match config.transport {
        Transport::Stdio => {
            let _admin = admin(supervised, service.telemetry().clone(), config).await?;
            let settings = StdioSettings {
                max_line: config.stdio.max_line,
                max_unread: config.stdio.max_unread,
                grace: config.shutdown.grace,
            };
            // On a worker thread, which is the one that waits for the pipe: no thread has to wake another.
            let pump = background::spawn("stdio", stdio::serve(service, settings, stop));
            match pump.await {
                Ok(served) => {
                    served.map_err(|error| Failure::temporary(format!("standard input or output broke: {error}")))
                }
                Err(error) => Err(Failure { exit: Exit::Bug, why: format!("the pump stopped: {error}") }),
            }
        }
        Transport::Http => {
            let store = service.store().clone();
            let sessions = Sessions::new(
                store,
                Arc::clone(service.replica()),
                session_limits(config),
                service.telemetry().clone(),
            );
            // Heard from now on, before any session is in use here.
            let _hearing =
                sessions.attach().await.map_err(|error| Failure::temporary(format!("store.url: {error}")))?;
            let address = config.http.addr;
            let listener =
                Listener::bind(address).await.map_err(|error| Failure::bind("http.addr", address, &error))?;
            let draining = supervised.condition.draining();
            let supervised = Supervised { sessions: Some(Arc::downgrade(&sessions)), ..supervised };
            let _admin = admin(supervised, service.telemetry().clone(), config).await?;
            listening(listener.address(), on_listening, config);
            let access = Access { gate: gate(config, listener.address()), verifier, attempts: Attempts::default() };
            let endpoint = Endpoint::new(service, access, http_settings(config), sessions, routes);
            listener.serve(endpoint, draining, stop, config.shutdown.grace).await;
            Ok(())
        }
    }
}

/// Tells the log and the author that the server listens, and warns of what that lays open.
fn listening(address: SocketAddr, hook: Option<ListeningHook>, config: &Config) {
    tracing::info!(
        target: "mcp_server",
        %address,
        url = format!("http://{address}{}", config.http.path),
        "listening"
    );
    if let Some(ListeningHook(hook)) = hook {
        hook(address);
    }
    if !address.ip().is_loopback() && config.http.allowed_hosts.is_empty() {
        tracing::warn!(
            target: "mcp_server",
            %address,
            "http.allowed_hosts is empty: requests for any `Host` are served; list the names of this server"
        );
    }
}

/// The listener for operators and supervisors, if there is to be one. It answers until the transport has ended, drained and all.
async fn admin(supervised: Supervised, telemetry: Telemetry, config: &Config) -> Result<Option<Admin>, Failure> {
    let Some(address) = config.admin.addr else { return Ok(None) };
    let token = Token::new(config.admin.token.as_deref());
    let admin = Admin::start(address, supervised, token.clone(), telemetry)
        .await
        .map_err(|error| Failure::bind("admin.addr", address, &error))?;
    tracing::info!(target: "mcp_server", admin = %admin.address, "/livez, /readyz, /metrics and /version are served");
    tracing::info!(target: "mcp_server", page = token.link(admin.address), "the operator page");
    Ok(Some(admin))
}

/// A token that is cancelled on SIGTERM or SIGINT, after the time that balancers need to notice: the server is not ready
/// from the signal on. A second signal ends the process at once, in the system's own way.
fn on_signal(config: &Config, condition: Arc<Condition>) -> CancellationToken {
    use tokio::signal::unix::{SignalKind, signal};

    let stop = CancellationToken::new();
    let stopping = stop.clone();
    let lame_duck = config.shutdown.lame_duck;
    match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(mut terminate), Ok(mut interrupt)) => {
            background::spawn("signals", async move {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                tracing::info!(target: "mcp_server", "stopping");
                condition.drain();
                tokio::time::sleep(lame_duck).await;
                stopping.cancel();
            });
        }
        (Err(error), _) | (_, Err(error)) => {
            tracing::warn!(target: "mcp_server", %error, "signals cannot be heard: the server will end without grace");
        }
    }
    stop
}
