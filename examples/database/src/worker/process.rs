//! The server's side of one worker: a child process that dies with its handle.

use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use mcp_server_core::tool::ErrorKind;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::protocol::{self, Request, Response};
use super::serve::ARGUMENT;
use crate::fault::{Fault, too_much_memory};
use crate::opening::{Opened, Opening};

/// How long a worker may take to start and to open the database.
const START: Duration = Duration::from_secs(15);

/// A worker that has opened the database.
#[derive(Debug)]
pub(super) struct Worker {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
}

impl Worker {
    /// Starts a worker.
    ///
    /// # Errors
    /// If the program cannot be started, or the database not be opened.
    pub(super) async fn start(program: &Path, opening: &Opening) -> Result<(Self, Opened), Fault> {
        let mut command = Command::new(program);
        command.arg(ARGUMENT).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        // A signal of the terminal is for the server, which may still wait for answers.
        #[cfg(unix)]
        command.process_group(0);
        let cannot =
            |error: io::Error| Fault::new(ErrorKind::Misconfigured, "a query worker cannot be started").cause(error);
        let mut child = command.spawn().map_err(cannot)?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (input, output) = pipes.ok_or_else(|| cannot(io::Error::other("a pipe is missing")))?;
        let mut worker = Self { child, input, output };
        let opened = tokio::time::timeout(START, worker.ask(&Request::Open(opening.clone()))).await;
        match opened {
            Ok(Ok(Response::Opened(opened))) => Ok((worker, opened)),
            Ok(Ok(_)) => Err(Fault::new(ErrorKind::Internal, "a query worker answered out of turn")),
            Ok(Err(fault)) => Err(fault),
            Err(_) => Err(Fault::new(ErrorKind::UpstreamUnavailable, "the database did not answer in time")),
        }
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// What the worker answers with, or why it died.
    pub(super) async fn ask(&mut self, request: &Request) -> Result<Response, Fault> {
        match self.exchange(request).await {
            Ok(Response::Failed(fault)) => Err(fault),
            Ok(response) => Ok(response),
            Err(error) => Err(self.death().await.cause(error)),
        }
    }

    async fn exchange(&mut self, request: &Request) -> io::Result<Response> {
        self.input.write_all(&protocol::frame(request)?).await?;
        self.input.flush().await?;
        let mut head = [0; 4];
        self.output.read_exact(&mut head).await?;
        let mut body = vec![0; protocol::length(head)?];
        self.output.read_exact(&mut body).await?;
        Ok(serde_json::from_slice(&body)?)
    }

    /// Why the worker does not answer any more.
    async fn death(&mut self) -> Fault {
        // One that only closed its output is ended too.
        drop(tokio::time::timeout(Duration::from_millis(200), self.child.wait()).await);
        drop(self.child.start_kill());
        let status = tokio::time::timeout(Duration::from_millis(200), self.child.wait()).await;
        reason(status.ok().and_then(Result::ok)).retired()
    }

    /// The number of the process.
    pub(super) fn id(&self) -> Option<u32> {
        self.child.id()
    }
}

fn reason(status: Option<ExitStatus>) -> Fault {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;

        use rustix::process::Signal;

        let signal = status.and_then(|status| status.signal());
        if signal == Some(Signal::XFSZ.as_raw()) {
            return Fault::new(ErrorKind::ResultTooLarge, "the query needs more temporary space than a query may use")
                .advice("Sort and group less: a narrower WHERE, fewer columns, an aggregate, or a LIMIT.")
                .sql();
        }
        if signal == Some(Signal::ABORT.as_raw()) {
            return too_much_memory();
        }
    }
    #[cfg(not(unix))]
    let _: (Option<ExitStatus>, fn() -> Fault) = (status, too_much_memory);
    Fault::new(ErrorKind::WorkerLost, "the process that ran the query died before it gave an answer")
        .advice("This is not an empty answer. Call again; if it fails again, ask for less.")
}
