//! The guard of a listener: it accepts connections, gives them places, and serves each until it ends.

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use opentelemetry::KeyValue;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::activity::Activity;
use super::automatic;
use super::descriptors::{Spare, is_exhausted};
use super::inbound::Inbound;
use super::limits::ConnectionLimits;
use super::places::{Full, Place, Places};
use super::serve::serve;
use super::waiting::Waiting;
use crate::peer::{Peer, TrustedProxies};
use crate::telemetry::semconv::{attribute, connection_end, connection_state};
use crate::telemetry::{Capacity, Telemetry, instruments};

/// The time between two attempts to find places for those who wait.
const TICK: Duration = Duration::from_millis(20);
/// The pause after an accept that failed: it doubles while accepting fails.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Connections that are being refused at once; more are closed without an answer.
const MAX_REFUSING: usize = 64;
/// The time for which a refused client may go on sending.
const REFUSING: Duration = Duration::from_secs(1);

/// The guard of a listener.
#[derive(Debug)]
pub(crate) struct Guard {
    listener: &'static str,
    /// The name of its places as a bounded resource.
    capacity: &'static str,
    limits: ConnectionLimits,
    /// Clients behind them are many: they have no share.
    proxies: TrustedProxies,
    telemetry: Telemetry,
    spare: Spare,
    places: Arc<Places>,
    waiting: Arc<AtomicUsize>,
    refusing: AtomicUsize,
}

/// How the connections of a guard end.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    /// Those that are open.
    pub(crate) open: TaskTracker,
    /// Cuts them.
    pub(crate) cut: CancellationToken,
}

impl Guard {
    /// The guard of the listener with this name, and with this name for its places.
    pub(crate) fn new(
        (listener, capacity): (&'static str, &'static str),
        limits: ConnectionLimits,
        proxies: TrustedProxies,
        telemetry: Telemetry,
        spare: Spare,
    ) -> Arc<Self> {
        let places = Places::new(limits.max, limits.max_per_peer);
        let (waiting, refusing) = (Arc::default(), AtomicUsize::new(0));
        let guard = Arc::new(Self { listener, capacity, limits, proxies, telemetry, spare, places, waiting, refusing });
        guard.measure();
        guard
    }

    /// Accepts until `stop` is cancelled. Each connection is served by what `connect` makes for its address; after `stop`
    /// it finishes what it does.
    pub(crate) async fn accept<C, S, F, B>(
        self: &Arc<Self>,
        socket: &TcpListener,
        stop: &CancellationToken,
        connections: &Connections,
        connect: C,
    ) where
        C: Fn(IpAddr, Arc<Activity>) -> S + Send + Sync,
        S: Fn(Request<Inbound>) -> F + Send + Sync + 'static,
        F: Future<Output = Response<B>> + Send + 'static,
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let mut waiting = Waiting::new(self.limits.header_timeout, Arc::clone(&self.waiting));
        let mut pause = FIRST_PAUSE;
        let start = |stream: TcpStream, address: IpAddr, place: Place, activity: Arc<Activity>| {
            let service = connect(address, Arc::clone(&activity));
            let served = serve(stream, self.limits.clone(), activity, stop.clone(), service);
            self.hold(connections, place, served);
        };
        loop {
            let accepted = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = self.room(), if !waiting.is_empty() => None,
                accepted = socket.accept() => Some(accepted),
            };
            match accepted {
                Some(Ok((stream, address))) => {
                    pause = FIRST_PAUSE;
                    set_nodelay(&stream);
                    self.admit(stream, address.ip(), &mut waiting, connections, &start);
                }
                Some(Err(error)) => {
                    if self.recovers(&error) {
                        continue;
                    }
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep(pause) => {}
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                None => {}
            }
            self.seat(&mut waiting, connections, &start);
        }
    }

    /// Gives a connection a place and starts it; without a place it waits, or is refused.
    fn admit(
        self: &Arc<Self>,
        stream: TcpStream,
        address: IpAddr,
        waiting: &mut Waiting,
        connections: &Connections,
        start: &impl Fn(TcpStream, IpAddr, Place, Arc<Activity>),
    ) {
        let activity = Activity::new();
        match self.take(address, &activity) {
            Ok(place) => start(stream, address, place, activity),
            Err(Full::Peer) => self.refuse(connections, stream, connection_end::PEER),
            Err(Full::All) => {
                if let Err(stream) = waiting.add(stream, address) {
                    self.refuse(connections, stream, connection_end::FULL);
                }
            }
        }
    }

    /// Starts those who wait, as far as there are places, and refuses those who have waited for too long.
    fn seat(
        self: &Arc<Self>,
        waiting: &mut Waiting,
        connections: &Connections,
        start: &impl Fn(TcpStream, IpAddr, Place, Arc<Activity>),
    ) {
        while let Some(late) = waiting.expired() {
            self.refuse(connections, late.stream, connection_end::FULL);
        }
        while let Some(first) = waiting.pop() {
            // It is accepted again: its head has the whole time to arrive.
            let activity = Activity::new();
            match self.take(first.address, &activity) {
                Ok(place) => start(first.stream, first.address, place, activity),
                Err(Full::Peer) => self.refuse(connections, first.stream, connection_end::PEER),
                Err(Full::All) => {
                    waiting.put_back(first);
                    break;
                }
            }
        }
    }

    /// Holds the place of a connection until it has been served or is cut.
    fn hold(
        self: &Arc<Self>,
        connections: &Connections,
        place: Place,
        served: impl Future<Output = Option<&'static str>> + Send + 'static,
    ) {
        let (guard, cut) = (Arc::clone(self), connections.cut.clone());
        connections.open.spawn(async move {
            let ended = tokio::select! {
                ended = served => ended,
                () = cut.cancelled() => None,
            };
            drop(place);
            guard.spare.refill();
            if let Some(why) = ended {
                guard.count(|meters| meters.connection_ended(guard.listener, why));
            }
        });
    }

    fn take(&self, address: IpAddr, activity: &Arc<Activity>) -> Result<Place, Full> {
        let peer = (!self.proxies.contains(address)).then(|| Peer::new(address));
        self.places.take(peer, activity)
    }

    /// Waits until there may be a place.
    async fn room(&self) {
        drop(tokio::time::timeout(TICK, self.places.freed()).await);
    }

    /// Counts an accept that failed. Returns whether a descriptor was freed, so that the next one may succeed at once.
    fn recovers(&self, error: &std::io::Error) -> bool {
        let exhausted = is_exhausted(error);
        let why = if exhausted { connection_end::DESCRIPTORS } else { connection_end::OTHER };
        self.count(|meters| meters.accept_failed(self.listener, why));
        tracing::warn!(target: "mcp_server", listener = self.listener, %error, "a connection could not be accepted");
        if !exhausted {
            return false;
        }
        if self.spare.release() {
            return true;
        }
        // An idle connection holds a descriptor too. It is closed by its own task.
        self.places.evict();
        false
    }

    /// Refuses a connection for which there is no place: with an answer, if not too many are being refused.
    fn refuse(self: &Arc<Self>, connections: &Connections, stream: TcpStream, why: &'static str) {
        self.count(|meters| meters.connection_refused(self.listener, why));
        let Some(explain) = self.limits.explain else { return };
        if self.refusing.fetch_add(1, Ordering::Relaxed) >= MAX_REFUSING {
            self.refusing.fetch_sub(1, Ordering::Relaxed);
            return;
        }
        let guard = Arc::clone(self);
        connections.open.spawn(async move {
            let answer = automatic::response(StatusCode::SERVICE_UNAVAILABLE, explain);
            automatic::send(stream, &answer, REFUSING).await;
            guard.refusing.fetch_sub(1, Ordering::Relaxed);
        });
    }

    fn count(&self, count: impl FnOnce(&crate::telemetry::Meters)) {
        if let Some(meters) = self.telemetry.meters() {
            count(meters);
        }
    }

    fn measure(self: &Arc<Self>) {
        let Some(meters) = self.telemetry.meters() else { return };
        let listener = KeyValue::new(attribute::LISTENER, self.listener);
        let of = listener.clone();
        meters.watch(&instruments::CONNECTIONS, Arc::downgrade(self), move |guard| {
            let counts = guard.places.counts();
            let waiting = guard.waiting.load(Ordering::Relaxed);
            let states = [
                (connection_state::RUNNING, counts.running),
                (connection_state::IDLE, counts.idle),
                (connection_state::CLOSING, counts.closing),
                (connection_state::WAITING, waiting),
            ];
            let reading = |(state, number)| (vec![of.clone(), KeyValue::new(attribute::STATE, state)], amount(number));
            states.map(reading).into()
        });
        // Idle connections give way: what is at work, and what waits, is what is used.
        meters.watch_capacity(self.capacity, &Arc::downgrade(self), |guard| Capacity {
            used: guard.places.counts().running + guard.waiting.load(Ordering::Relaxed),
            limit: guard.places.max(),
        });
        meters.watch(&instruments::CONNECTIONS_MAX, Arc::downgrade(self), move |guard| {
            vec![(vec![listener.clone()], amount(guard.places.max()))]
        });
    }
}

#[expect(clippy::cast_precision_loss, reason = "connections are fewer than that")]
fn amount(number: usize) -> f64 {
    number as f64
}

fn set_nodelay(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
}
