//! One connection of the load: a request out, its reply in, never more than one under way.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::Instant;

use anyhow::{Result, bail, ensure};
use mio::net::TcpStream;

use crate::check::Check;
use crate::reply;
use crate::wire::Template;

/// The largest reply that is understood.
const INBOX: usize = 256 * 1024;

pub struct Connection {
    pub stream: TcpStream,
    template: Template,
    split: bool,
    number: u32,
    sent: Instant,
    inbox: Box<[u8]>,
    filled: usize,
}

impl Connection {
    pub fn connect(address: SocketAddr, template: Template, split: bool) -> Result<Self> {
        let stream = std::net::TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let inbox = vec![0; INBOX].into_boxed_slice();
        let stream = TcpStream::from_std(stream);
        Ok(Self { stream, template, split, number: 0, sent: Instant::now(), inbox, filled: 0 })
    }

    /// Sends the call of a number. A request is far smaller than a socket's buffer, so it goes at once.
    pub fn send(&mut self, number: u32, now: Instant) -> Result<()> {
        self.number = number;
        self.sent = now;
        self.filled = 0;
        let body = self.template.body();
        let bytes = self.template.fill(number);
        if self.split {
            let (head, body) = bytes.split_at(body);
            self.stream.write_all(head)?;
            self.stream.write_all(body)?;
        } else {
            self.stream.write_all(bytes)?;
        }
        Ok(())
    }

    /// Takes in what came; when the reply is whole and right, gives when the call was sent.
    pub fn receive(&mut self, check: &Check) -> Result<Option<Instant>> {
        loop {
            match self.stream.read(&mut self.inbox[self.filled..]) {
                Ok(0) => bail!("the server hung up"),
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            }
            let Some(reply) = reply::read(&self.inbox[..self.filled])? else { continue };
            let text = || String::from_utf8_lossy(&self.inbox[..self.filled]).into_owned();
            ensure!(reply.status == 200, "the call was refused: {}", text());
            check.check(self.number, reply.body)?;
            return Ok(Some(self.sent));
        }
    }
}
