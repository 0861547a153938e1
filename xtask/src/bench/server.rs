//! A server under test: started on its core, ended when it is dropped.

use std::fs::File;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The core of the servers.
pub(super) const SERVER_CORE: usize = 0;
/// The core of the load.
pub(super) const LOAD_CORE: usize = 1;

/// How long a server may take to listen.
const START: Duration = Duration::from_secs(10);

/// A folder for what the servers keep, removed at the end.
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// Makes the folder.
    pub(super) fn new() -> Result<Self> {
        let path = std::env::temp_dir().join(format!("mcp-server-bench-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    fn inner(&self, name: &str) -> Result<PathBuf> {
        let path = self.0.join(name);
        std::fs::create_dir_all(&path)?;
        Ok(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("{} stays behind: {error}", self.0.display());
        }
    }
}

/// A running server.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    address: SocketAddr,
    counter: SocketAddr,
}

impl Server {
    /// Starts a program over HTTP and waits until it listens.
    pub(super) fn start(program: &Path, arguments: &[&str], scratch: &Scratch) -> Result<Self> {
        Self::start_with(program, arguments, &[], scratch)
    }

    /// The same with variables of the environment.
    pub(super) fn start_with(
        program: &Path,
        arguments: &[&str],
        environment: &[(&str, &str)],
        scratch: &Scratch,
    ) -> Result<Self> {
        let (address, counter) = (free()?, free()?);
        let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let state = scratch.inner(&format!("{name}-{}", address.port()))?;
        let log = state.join("log");
        let child = Command::new("taskset")
            .args(["--cpu-list", &SERVER_CORE.to_string()])
            .arg(program)
            .args(["--http", &address.to_string()])
            .args(arguments)
            .envs(environment.iter().copied())
            .env("XDG_STATE_HOME", &state)
            .env("ALLOCATIONS_AT", counter.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log)?)
            .spawn()
            .context("taskset does not start; it is part of util-linux")?;
        let mut server = Self { child, address, counter };
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            if server.child.try_wait()?.is_some() || start.elapsed() > START {
                let said = std::fs::read_to_string(&log).unwrap_or_default();
                bail!("{name} does not listen: {said}");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(server)
    }

    /// Its process. `taskset` becomes the program it starts.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it tells how much it allocated, if it was built to.
    pub(super) fn counter(&self) -> SocketAddr {
        self.counter
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.child.kill().and_then(|()| self.child.wait()).is_err() {
            eprintln!("the server {} could not be ended", self.child.id());
        }
    }
}

fn free() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
