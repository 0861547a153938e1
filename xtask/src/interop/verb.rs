//! The verb: each client on each of its ways, side by side, against servers of their own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::client::{Against, Client, Era, Transport};
use crate::served::{self, Served};
use crate::step::{Outcome, Tally};
use crate::tools::{Need, Packages, need, python, scripts};
use crate::{process, verdict, workspace};

const LIMIT: Duration = Duration::from_mins(3);

/// What the verb takes.
#[derive(Debug, Default, Args)]
pub(crate) struct Options {
    /// Only these clients.
    #[arg(long = "client", value_name = "CLIENT")]
    clients: Vec<Client>,
    /// Another server binary than the example, with the same tools and flags.
    #[arg(long, value_name = "PATH")]
    server: Option<PathBuf>,
}

/// What the clients run in: Node with its packages, and a Python for each version.
struct Ground {
    packages: Packages,
    pythons: Vec<(&'static str, PathBuf)>,
}

/// Runs the clients.
pub(crate) fn run(options: &Options) -> Result<Outcome> {
    let clients = if options.clients.is_empty() { Client::value_variants().to_vec() } else { options.clients.clone() };
    let ground = need!(ground(&clients)?);
    let needs = |against| clients.iter().any(|client| client.against() == against);
    let everything = match (&options.server, needs(Against::Everything)) {
        (Some(server), _) => server.clone(),
        (None, true) => served::build()?,
        (None, false) => PathBuf::new(),
    };
    let corpus = if needs(Against::Corpus) { served::build_example("corpus-under-test")? } else { PathBuf::new() };
    let mut total = Tally::default();
    for client in clients {
        let binary = if client.against() == Against::Corpus { &corpus } else { &everything };
        for (transport, era) in client.ways() {
            let (tally, faults) = one(&ground, binary, client, transport, era)?;
            println!("{} over {} ({}): {tally}", client.name(), transport.name(), era.name());
            for fault in faults {
                println!("  FAILED {fault}");
            }
            total += tally;
        }
    }
    Ok(total.into())
}

fn ground(clients: &[Client]) -> Result<Need<Ground>> {
    let packages = match Packages::install()? {
        Need::Met(packages) => packages,
        Need::Missing(what) => return Ok(Need::Missing(what)),
    };
    let mut pythons = Vec::new();
    for name in clients.iter().filter_map(|client| client.python()) {
        match python(name)? {
            Need::Met(path) => pythons.push((name, path)),
            Need::Missing(what) => return Ok(Need::Missing(what)),
        }
    }
    Ok(Need::Met(Ground { packages, pythons }))
}

/// One client on one way, against a server of its own.
fn one(ground: &Ground, binary: &Path, client: Client, transport: Transport, era: Era) -> Result<(Tally, Vec<String>)> {
    let name = format!("{}-{}-{}", client.name().replace([' ', ':'], "-"), transport.name(), era.name());
    let folder = workspace::scratch(&format!("interop/{name}"))?;
    let mut command = ground.script(client);
    command.args([transport.name(), era.name()]);
    let mut server = match transport {
        Transport::Stdio => {
            command.arg(binary).arg("--stdio");
            for setting in client.settings() {
                command.args(["--set", setting]);
            }
            None
        }
        Transport::Http | Transport::Sse => {
            let settings = ["store.url=memory:".to_owned(), "http.legacy_sse=true".to_owned()];
            let server = Served::start(binary, &settings, &folder.join("server.log"))?;
            command.arg(server.url(if transport == Transport::Sse { "/sse" } else { "/mcp" }));
            Some(server)
        }
    };
    let said = match process::quiet(&mut command, LIMIT) {
        Ok(output) => output.text,
        Err(error) => format!("{{\"check\":\"end\",\"ok\":false,\"note\":\"{error}\"}}"),
    };
    std::fs::write(folder.join("client.log"), &said)?;
    let (mut tally, mut faults) = verdict::judge(client.checks(), &said);
    if let Some(Err(error)) = server.as_mut().map(Served::still_up) {
        tally += Tally::one(false);
        faults.push(format!("{error:#}"));
    }
    if !faults.is_empty() {
        faults.push(format!("the end of {}:\n{}", folder.join("client.log").display(), verdict::noise(&said)));
    }
    Ok((tally, faults))
}

impl Ground {
    /// A command that runs the script of a client.
    fn script(&self, client: Client) -> Command {
        let python = self.pythons.iter().find(|(name, _)| Some(*name) == client.python());
        match python {
            None => self.packages.script(client.script()),
            Some((_, interpreter)) => {
                let mut command = Command::new(interpreter);
                command.arg(scripts().join(client.script()));
                command
            }
        }
    }
}
