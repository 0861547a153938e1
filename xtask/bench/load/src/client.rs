//! A blocking client, for what is not timed: one message, one reply.

use std::io::{Read, Write};
use std::net::TcpStream;

use anyhow::{Context, Result, ensure};

use crate::reply;
use crate::wire::{Era, INITIALIZE, INITIALIZED, Template};

/// A kept connection.
pub struct Client {
    stream: TcpStream,
    host: String,
    inbox: Vec<u8>,
}

impl Client {
    pub fn connect(host: &str) -> Result<Self> {
        let stream = TcpStream::connect(host).with_context(|| format!("no server at {host}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, host: host.to_owned(), inbox: Vec::new() })
    }

    /// Opens a session and gives its id.
    pub fn open(&mut self) -> Result<String> {
        let mut request = Template::post(Era::Legacy, &self.host, "", INITIALIZE);
        let id = self.send(request.fill(0), 200, |reply| reply.header("mcp-session-id").map(str::to_owned))?;
        let id = id.context("initialize gave no session")?;
        let session = format!("Mcp-Session-Id: {id}\r\n");
        let mut request = Template::post(Era::Legacy, &self.host, &session, INITIALIZED);
        self.send(request.fill(0), 202, |_| ())?;
        Ok(id)
    }

    /// Sends a request and reads what is wanted from the reply.
    pub fn send<T>(&mut self, request: &[u8], status: u16, read: impl Fn(&reply::Reply<'_>) -> T) -> Result<T> {
        self.stream.write_all(request)?;
        self.inbox.clear();
        let mut piece = [0; 16 * 1024];
        loop {
            let count = self.stream.read(&mut piece)?;
            ensure!(count > 0, "the server hung up");
            self.inbox.extend_from_slice(&piece[..count]);
            if let Some(reply) = reply::read(&self.inbox)? {
                let text = || String::from_utf8_lossy(&self.inbox).into_owned();
                ensure!(reply.status == status, "expected {status}: {}", text());
                return Ok(read(&reply));
            }
        }
    }
}
