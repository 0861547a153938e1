//! The honest client and the supervisor's probe: what they notice.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use mcp_server_tests::call;
use serde_json::json;

use crate::stats::Latencies;
use crate::target::Target;

const TIMEOUT: Duration = Duration::from_secs(10);

/// Somebody who asks again and again, in a thread of their own.
#[derive(Debug)]
pub(crate) struct Observer {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Latencies>,
}

impl Observer {
    fn start(pause: Duration, mut ask: impl FnMut() -> Option<Duration> + Send + 'static) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut latencies = Latencies::default();
            while !stopped.load(Ordering::Relaxed) {
                latencies.add(ask());
                std::thread::sleep(pause);
            }
            latencies
        });
        Self { stop, thread }
    }

    /// An honest client, which keeps its connection.
    pub(crate) fn client(target: &Target) -> Self {
        let (target, mut kept) = (target.clone(), None);
        Self::start(Duration::from_millis(5), move || ask(&target, &mut kept))
    }

    /// A supervisor, which connects each time.
    pub(crate) fn probe(admin: SocketAddr) -> Self {
        Self::start(Duration::from_millis(25), move || probe(admin))
    }

    /// What was noticed.
    pub(crate) fn stop(self) -> Latencies {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap_or_default()
    }
}

/// Asks once; a connection that was closed while idle is opened anew, as any client does.
pub(crate) fn ask(target: &Target, kept: &mut Option<TcpStream>) -> Option<Duration> {
    let began = Instant::now();
    if let Some(mut stream) = kept.take()
        && exchange(target, &mut stream).is_some()
    {
        *kept = Some(stream);
        return Some(began.elapsed());
    }
    let mut stream = connect(target.address)?;
    exchange(target, &mut stream)?;
    *kept = Some(stream);
    Some(began.elapsed())
}

fn exchange(target: &Target, stream: &mut TcpStream) -> Option<()> {
    let message = call(1, "effects", json!({}));
    let body = message.to_string();
    stream.write_all((target.head(&message, body.len(), "") + &body).as_bytes()).ok()?;
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let read = stream.read(&mut piece).ok().filter(|read| *read > 0)?;
        answer.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&answer);
        if text.contains("\"result\"") && text.ends_with('}') {
            return text.starts_with("HTTP/1.1 200 ").then_some(());
        }
        if text.contains("\"error\"") && text.ends_with('}') {
            return None;
        }
    }
}

fn probe(admin: SocketAddr) -> Option<Duration> {
    let began = Instant::now();
    let mut stream = connect(admin)?;
    stream.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.starts_with("HTTP/1.1 200 ").then(|| began.elapsed())
}

fn connect(address: SocketAddr) -> Option<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, TIMEOUT).ok()?;
    stream.set_read_timeout(Some(TIMEOUT)).ok()?;
    stream.set_nodelay(true).ok()?;
    Some(stream)
}
