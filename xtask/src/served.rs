//! An example as a running server: built, started on a free port, waited for, ended on drop.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::workspace;

const READY: Duration = Duration::from_secs(30);

/// A server that answers on loopback until this is dropped.
#[derive(Debug)]
pub(crate) struct Served {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
}

/// Builds the example that most chores drive, and returns its binary.
pub(crate) fn build() -> Result<PathBuf> {
    build_example("everything")
}

/// Builds an example and returns its binary.
pub(crate) fn build_example(name: &str) -> Result<PathBuf> {
    Ok(workspace::build(&[name])?.join(name))
}

impl Served {
    /// Starts the server over HTTP with some settings and waits until it accepts connections.
    pub(crate) fn start(binary: &Path, settings: &[String], log: &Path) -> Result<Self> {
        // A port that was free a moment ago may be taken now; the server then ends at once and another is tried.
        let mut refused = None;
        for _ in 0..3 {
            match Self::attempt(binary, settings, log) {
                Ok(served) => return Ok(served),
                Err(error) => refused = Some(error),
            }
        }
        Err(refused.context("no attempt was made")?)
    }

    fn attempt(binary: &Path, settings: &[String], log: &Path) -> Result<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let mut command = Command::new(binary);
        command.args(["--http", &address.to_string()]);
        for setting in settings {
            command.args(["--set", setting]);
        }
        let file = File::create(log)?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let child = command.spawn().with_context(|| format!("cannot start {}", binary.display()))?;
        let mut served = Self { child, address, log: log.to_owned() };
        served.wait_until_ready()?;
        Ok(served)
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let deadline = Instant::now() + READY;
        while TcpStream::connect_timeout(&self.address, Duration::from_secs(1)).is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status} before it listened:\n{}", self.said());
            }
            if Instant::now() >= deadline {
                bail!("the server does not listen after {} s:\n{}", READY.as_secs(), self.said());
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// The address of a path on this server.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What a line of its log says under a name; its log must be JSON. A server that listens may not have said all of it.
    pub(crate) fn logged(&mut self, name: &str) -> Result<String> {
        let deadline = Instant::now() + READY;
        loop {
            let text = std::fs::read_to_string(&self.log)?;
            let mut lines = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
            if let Some(said) = lines.find_map(|line| Some(line.get(name)?.as_str()?.to_owned())) {
                return Ok(said);
            }
            self.still_up()?;
            if Instant::now() >= deadline {
                bail!("the server logged no `{name}`:\n{}", self.said());
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// An error if the server is no longer there: then whatever was measured against it means nothing.
    pub(crate) fn still_up(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            Some(status) => bail!("the server ended with {status} in the middle:\n{}", self.said()),
            None => Ok(()),
        }
    }

    /// The last lines of its log.
    fn said(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Both can only fail when the server is gone already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
