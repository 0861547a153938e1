//! Allocations of a call: the server's count before and after many of them, one at a time.

use std::io::Read;
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use crate::check::Check;
use crate::client::Client;
use crate::wire::{Era, FIRST, Template, Tool};

#[derive(Args)]
pub struct Options {
    /// Where the server listens.
    #[arg(long)]
    address: SocketAddr,
    /// Where it tells its count.
    #[arg(long)]
    counter: SocketAddr,
    #[arg(long, value_enum)]
    era: Era,
    #[arg(long, value_enum)]
    tool: Tool,
    /// How many calls to make.
    #[arg(long, default_value_t = 2000)]
    calls: u32,
}

#[derive(Serialize)]
pub struct Measured {
    allocations: f64,
    bytes: f64,
}

/// Makes the calls and gives what each allocated.
pub fn run(options: &Options) -> Result<Measured> {
    let host = options.address.to_string();
    let mut client = Client::connect(&host)?;
    let session = match options.era {
        Era::Modern => None,
        Era::Legacy => Some(client.open()?),
    };
    let mut template = Template::http(options.era, options.tool, &host, session.as_deref());
    let check = Check::new(options.tool);
    let mut calls = |from: u32| -> Result<()> {
        for number in from..from + options.calls {
            client.send(template.fill(number), 200, |reply| check.check(number, reply.body))??;
        }
        Ok(())
    };
    calls(FIRST)?;
    let before = count(options.counter)?;
    calls(FIRST + options.calls)?;
    let after = count(options.counter)?;
    let each = |after: f64, before: f64| (after - before) / f64::from(options.calls);
    Ok(Measured { allocations: each(after.0, before.0), bytes: each(after.1, before.1) })
}

fn count(counter: SocketAddr) -> Result<(f64, f64)> {
    let mut text = String::new();
    TcpStream::connect(counter)?.read_to_string(&mut text)?;
    let (allocations, bytes) = text.trim().split_once(' ').context("no count")?;
    Ok((allocations.parse()?, bytes.parse()?))
}
