//! A server as replicas on one store behind nginx: started by a program of the tests, ended on drop.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::{process, tools, workspace};

const READY: Duration = Duration::from_mins(2);
const END: Duration = Duration::from_secs(30);

/// Replicas that answer through a balancer until this is dropped.
#[derive(Debug)]
pub(crate) struct Replicated {
    child: Child,
    /// What they wait for the end of.
    input: Option<ChildStdin>,
    url: String,
    log: PathBuf,
}

/// Builds the program that starts replicas.
pub(crate) fn build() -> Result<PathBuf> {
    Ok(workspace::build(&["replicas"])?.join("replicas"))
}

impl Replicated {
    /// Starts three replicas of a server with some settings, their store and their balancer, and waits for them.
    pub(crate) fn start(starter: &Path, server: &Path, store: &str, settings: &[String], log: &Path) -> Result<Self> {
        let mut command = Command::new(starter);
        command.arg(server).args(["--store", store, "--replicas", "3"]);
        for setting in settings {
            command.args(["--set", setting]);
        }
        command.env("PATH", tools::path()?).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(File::create(log)?);
        let mut child = command.spawn().with_context(|| format!("cannot start {}", starter.display()))?;
        let input = child.stdin.take();
        let output = child.stdout.take().context("the pipe of the output is gone")?;
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            // Nothing follows the first line, and nobody waits any more if it comes too late.
            if BufReader::new(output).read_line(&mut line).is_ok_and(|length| length > 0) {
                drop(sender.send(line));
            }
        });
        let mut replicated = Self { child, input, url: String::new(), log: log.to_owned() };
        match receiver.recv_timeout(READY) {
            Ok(url) => url.trim().clone_into(&mut replicated.url),
            Err(_) => bail!("the replicas do not start:\n{}", replicated.said()),
        }
        Ok(replicated)
    }

    /// The balancer's address of the endpoint.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// An error if they are no longer there: then whatever was measured against them means nothing.
    pub(crate) fn still_up(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            Some(status) => bail!("the replicas ended with {status} in the middle:\n{}", self.said()),
            None => Ok(()),
        }
    }

    /// The last lines of what they said.
    fn said(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for Replicated {
    fn drop(&mut self) {
        // The end of its input is its sign to end everything that it started, and to say what those said.
        drop(self.input.take());
        if let Err(error) = process::wait(&mut self.child, END, "the program that starts replicas") {
            eprintln!("{error:#}");
        }
    }
}
