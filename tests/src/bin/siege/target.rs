//! What is attacked, and how an attacker reaches it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

/// Addresses that the attackers have, from 127.0.0.2 on.
const ADDRESSES: usize = 4;

/// A server under attack.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) admin: SocketAddr,
    /// How many times weaker the attack is.
    pub(crate) weaker: usize,
    over: Arc<AtomicBool>,
    next: Arc<AtomicUsize>,
}

impl Target {
    pub(crate) fn new(address: SocketAddr, admin: SocketAddr, weaker: usize) -> Self {
        assert!(address.ip().is_loopback() && admin.ip().is_loopback(), "only this machine is attacked");
        Self { address, admin, weaker: weaker.max(1), over: Arc::default(), next: Arc::default() }
    }

    /// A number of attackers, or of what each has.
    pub(crate) fn scaled(&self, number: usize) -> usize {
        (number / self.weaker).max(1)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    pub(crate) fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// Connects from an address of the attackers'.
    pub(crate) async fn connect(&self, to: SocketAddr) -> io::Result<TcpStream> {
        let own = 2 + self.next.fetch_add(1, Ordering::Relaxed) % ADDRESSES;
        let socket = TcpSocket::new_v4()?;
        socket.bind((Ipv4Addr::new(127, 0, 0, u8::try_from(own).unwrap_or(2)), 0).into())?;
        tokio::time::timeout(Duration::from_secs(2), socket.connect(to)).await?
    }

    /// The head of a message of so many bytes.
    pub(crate) fn head(&self, message: &Value, length: usize, more: &str) -> String {
        let mut head = format!(
            "POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
             Accept: application/json, text/event-stream\r\n{more}",
            self.address
        );
        if message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"].is_string() {
            let method = message["method"].as_str().unwrap_or_default();
            head.push_str(&format!("MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: {method}\r\n"));
            if let Some(name) = message["params"]["name"].as_str() {
                head.push_str(&format!("Mcp-Name: {name}\r\n"));
            }
        }
        head + "\r\n"
    }

    /// Sends a message and reads what comes first, for a short time.
    pub(crate) async fn post(&self, stream: &mut TcpStream, message: &Value, more: &str) -> io::Result<String> {
        let body = message.to_string();
        stream.write_all((self.head(message, body.len(), more) + &body).as_bytes()).await?;
        let mut first = vec![0; 4096];
        let read = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut first)).await??;
        first.truncate(read);
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(String::from_utf8_lossy(&first).into_owned())
    }
}
