//! The closed loop over HTTP: as many calls under way as there are connections.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;
use mio::{Events, Interest, Poll, Token};
use serde::Serialize;

use crate::check::Check;
use crate::client::Client;
use crate::connection::Connection;
use crate::process;
use crate::wire::{Era, FIRST, Template, Tool};

/// A reply that takes so long waited for a timer, such as a delayed acknowledgement.
const STALL: Duration = Duration::from_millis(35);

#[derive(Args)]
pub struct Options {
    /// Where the server listens.
    #[arg(long)]
    address: SocketAddr,
    /// Its process, for the CPU time.
    #[arg(long)]
    pid: u32,
    #[arg(long, value_enum)]
    era: Era,
    #[arg(long, value_enum)]
    tool: Tool,
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// How long to measure.
    #[arg(long, default_value_t = 1000)]
    milliseconds: u64,
    /// How long to warm up.
    #[arg(long, default_value_t = 200)]
    warm: u64,
    /// Sends head and body in two packets, as many clients do.
    #[arg(long)]
    split: bool,
}

#[derive(Serialize)]
pub struct Measured {
    requests: u64,
    seconds: f64,
    cpu_ns: u64,
    p50_ns: u64,
    p99_ns: u64,
    max_ns: u64,
    stalls: usize,
}

/// Drives the server and gives what it did in the measured time.
pub fn run(options: &Options) -> Result<Measured> {
    let mut drive = Drive::start(options)?;
    drive.until(Duration::from_millis(options.warm))?;
    drive.waits.clear();
    let (cpu, start) = (process::cpu_ns(options.pid)?, Instant::now());
    drive.until(Duration::from_millis(options.milliseconds))?;
    let (cpu, seconds) = (process::cpu_ns(options.pid)? - cpu, start.elapsed().as_secs_f64());
    Ok(drive.measured(cpu, seconds))
}

struct Drive {
    poll: Poll,
    events: Events,
    connections: Vec<Connection>,
    check: Check,
    next: u32,
    waits: Vec<u64>,
}

impl Drive {
    fn start(options: &Options) -> Result<Self> {
        let poll = Poll::new()?;
        let mut connections = Vec::with_capacity(options.connections);
        let host = options.address.to_string();
        for index in 0..options.connections {
            let session = match options.era {
                Era::Modern => None,
                Era::Legacy => Some(Client::connect(&host)?.open()?),
            };
            let template = Template::http(options.era, options.tool, &host, session.as_deref());
            let mut connection = Connection::connect(options.address, template, options.split)?;
            poll.registry().register(&mut connection.stream, Token(index), Interest::READABLE)?;
            connections.push(connection);
        }
        let check = Check::new(options.tool);
        let events = Events::with_capacity(512);
        let mut drive = Self { poll, events, connections, check, next: FIRST, waits: Vec::with_capacity(1 << 20) };
        for index in 0..drive.connections.len() {
            drive.call(index, Instant::now())?;
        }
        Ok(drive)
    }

    fn call(&mut self, index: usize, now: Instant) -> Result<()> {
        self.next += 1;
        self.connections[index].send(self.next, now)
    }

    fn until(&mut self, time: Duration) -> Result<()> {
        let end = Instant::now() + time;
        loop {
            self.poll.poll(&mut self.events, Some(Duration::from_secs(10)))?;
            anyhow::ensure!(!self.events.is_empty(), "nothing came for 10 s");
            let ready: Vec<usize> = self.events.iter().map(|event| event.token().0).collect();
            let mut now = Instant::now();
            for index in ready {
                if let Some(sent) = self.connections[index].receive(&self.check)? {
                    now = Instant::now();
                    self.waits.push(u64::try_from((now - sent).as_nanos())?);
                    self.call(index, now)?;
                }
            }
            if now >= end {
                return Ok(());
            }
        }
    }

    fn measured(mut self, cpu_ns: u64, seconds: f64) -> Measured {
        self.waits.sort_unstable();
        let at = |share: usize| self.waits.get(self.waits.len() * share / 1000).copied().unwrap_or_default();
        Measured {
            requests: self.waits.len() as u64,
            seconds,
            cpu_ns,
            p50_ns: at(500),
            p99_ns: at(990),
            max_ns: self.waits.last().copied().unwrap_or_default(),
            stalls: self.waits.iter().filter(|&&wait| Duration::from_nanos(wait) >= STALL).count(),
        }
    }
}
