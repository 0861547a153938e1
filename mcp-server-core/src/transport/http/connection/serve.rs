//! Serving one connection: HTTP/1.1 or HTTP/2, under its supervisor.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, Version};
use http_body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::activity::{Activity, Running};
use super::inbound::Inbound;
use super::limits::ConnectionLimits;
use super::outbound::Outbound;
use super::socket::{Socket, SocketLimits};
use super::supervisor::{Step, Supervisor};

/// Bytes of a request head at most, which are also the most that is read at once.
const MAX_HEAD: usize = 64 * 1024;
/// Bytes of the headers of a request of HTTP/2 at most, as RFC 9113 section 6.5.2 counts them.
const MAX_HEADER_LIST: u32 = 32 * 1024;
/// Requests of one connection at once at most.
const MAX_STREAMS: u32 = 256;
/// The time between pings to a silent client of HTTP/2.
const PING_EACH: Duration = Duration::from_secs(30);

/// Serves a connection until either side ends it; after `stop` it finishes what it does. Returns why the server ended
/// it, if a deadline did.
pub(super) async fn serve<S, F, B>(
    stream: TcpStream,
    limits: ConnectionLimits,
    activity: Arc<Activity>,
    stop: CancellationToken,
    service: S,
) -> Option<&'static str>
where
    S: Fn(Request<Inbound>) -> F,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let socket = SocketLimits { write_timeout: limits.write_timeout, linger: limits.linger, explain: limits.explain };
    let io = TokioIo::new(Socket::new(stream, socket, Arc::clone(&activity)));
    let builder = builder(&limits);
    let (draining, keep_alive) = (limits.draining.clone(), limits.keep_alive);
    let handler = service_fn(|request: Request<Incoming>| {
        let running = activity.begin(request.version());
        let is_http2 = request.version() == Version::HTTP_2;
        let answered = service(request.map(|body| Inbound::new(body, &activity)));
        let draining = draining.clone();
        async move {
            let response = answered.await;
            running.activity().respond();
            let is_last = !is_http2 && (!keep_alive || running.activity().is_unread() || draining.is_set());
            Ok::<_, Infallible>(outbound(response, running, is_last))
        }
    });
    let mut connection = pin!(builder.serve_connection(io, handler));
    let mut stopped = pin!(stop.cancelled());
    let mut has_stopped = false;
    let mut supervisor = Supervisor::new(Arc::clone(&activity), limits.header_timeout, limits.idle_timeout);
    poll_fn(|cx| {
        if !has_stopped && stopped.as_mut().poll(cx).is_ready() {
            has_stopped = true;
            connection.as_mut().graceful_shutdown();
            supervisor.drain();
        }
        loop {
            if let Poll::Ready(ended) = connection.as_mut().poll(cx) {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended with an error");
                }
                return Poll::Ready(supervisor.closed_for());
            }
            match supervisor.poll(cx) {
                Step::Wait => return Poll::Pending,
                Step::Poll => {}
                Step::Close => connection.as_mut().graceful_shutdown(),
                Step::Drop(why) => return Poll::Ready(Some(why)),
            }
        }
    })
    .await
}

/// The response as it leaves: its body keeps the request running, and the last one of a connection says that it is.
fn outbound<B>(mut response: Response<B>, running: Running, is_last: bool) -> Response<Outbound<B>> {
    if is_last {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    let (head, body) = response.into_parts();
    let body = Outbound::new(body, &head.headers, running);
    Response::from_parts(head, body)
}

fn builder(limits: &ConnectionLimits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    if !limits.http2 {
        builder = builder.http1_only();
    }
    // The supervisor has the deadlines: hyper has none until it knows the protocol.
    builder.http1().keep_alive(limits.keep_alive).header_read_timeout(None).max_buf_size(MAX_HEAD);
    builder
        .http2()
        // What is buffered before a body is read counts against no budget, so it is little.
        .initial_stream_window_size(128 * 1024)
        .initial_connection_window_size(256 * 1024)
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(MAX_HEADER_LIST)
        .keep_alive_interval(Some(PING_EACH))
        .max_pending_accept_reset_streams(Some(64));
    builder
}
