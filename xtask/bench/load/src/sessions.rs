//! What an idle session weighs: many are opened, and the server's memory is read before and after.

use std::time::Duration;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use crate::client::Client;
use crate::process;

/// So many are opened first, for what is only made once.
const WARM: usize = 200;
/// How long the server may tidy up before its memory is read.
const SETTLE: Duration = Duration::from_millis(500);

#[derive(Args)]
pub struct Options {
    /// Where the server listens.
    #[arg(long)]
    address: String,
    /// Its process.
    #[arg(long)]
    pid: u32,
    /// How many to open.
    #[arg(long, default_value_t = 20_000)]
    count: usize,
}

#[derive(Serialize)]
pub struct Measured {
    sessions: usize,
    before: u64,
    after: u64,
    bytes_per_session: u64,
}

/// Opens the sessions and gives what they weigh.
pub fn run(options: &Options) -> Result<Measured> {
    let mut client = Client::connect(&options.address)?;
    open(&mut client, WARM)?;
    std::thread::sleep(SETTLE);
    let before = process::memory(options.pid)?;
    open(&mut client, options.count)?;
    std::thread::sleep(SETTLE);
    let after = process::memory(options.pid)?;
    let bytes_per_session = after.saturating_sub(before) / options.count as u64;
    Ok(Measured { sessions: options.count, before, after, bytes_per_session })
}

fn open(client: &mut Client, count: usize) -> Result<()> {
    (0..count).try_for_each(|_| client.open().map(drop))
}
