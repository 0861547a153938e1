//! The load over stdio: lines through a pipe to a server that is started for it.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use memchr::memmem;
use rustix::thread::{sched_getaffinity, sched_setaffinity};
use serde::Serialize;

use crate::check::Check;
use crate::process;
use crate::wire::{Era, FIRST, INITIALIZED, Template, Tool, greeting};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    server: Server,
    #[arg(long, value_enum)]
    era: Era,
    /// How many calls are under way at once.
    #[arg(long, default_value_t = 1)]
    window: u32,
    /// How many calls to make.
    #[arg(long, default_value_t = 20_000)]
    calls: u32,
}

#[derive(Args)]
pub struct FirstOptions {
    #[command(flatten)]
    server: Server,
    #[arg(long, value_enum)]
    era: Era,
    /// How often to start it.
    #[arg(long, default_value_t = 11)]
    runs: usize,
}

#[derive(Args)]
struct Server {
    /// The server.
    #[arg(long)]
    program: PathBuf,
    /// The core it runs on.
    #[arg(long)]
    server_core: usize,
}

#[derive(Serialize)]
pub struct Measured {
    calls: u32,
    seconds: f64,
    cpu_ns: u64,
}

#[derive(Serialize)]
pub struct First {
    /// From the start to the first answer, each run.
    ns: Vec<u64>,
}

struct Running {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    line: Vec<u8>,
}

impl Server {
    /// Starts the server on its core; what this process may use stays as it was.
    fn start(&self) -> Result<Running> {
        let own = sched_getaffinity(None)?;
        process::pin(self.server_core)?;
        let started = self.spawn();
        sched_setaffinity(None, &own)?;
        started
    }

    fn spawn(&self) -> Result<Running> {
        let mut child = Command::new(&self.program)
            .arg("--stdio")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{} does not start", self.program.display()))?;
        let stdin = child.stdin.take().context("no stdin")?;
        let stdout = BufReader::with_capacity(256 * 1024, child.stdout.take().context("no stdout")?);
        Ok(Running { child, stdin, stdout, line: Vec::new() })
    }
}

impl Running {
    fn read(&mut self) -> Result<&[u8]> {
        self.line.clear();
        self.stdout.read_until(b'\n', &mut self.line)?;
        ensure!(!self.line.is_empty(), "the server ended");
        Ok(&self.line)
    }

    fn greet(&mut self, era: Era) -> Result<()> {
        writeln!(self.stdin, "{}", greeting(era))?;
        let answer = self.read()?;
        ensure!(memmem::find(answer, b"serverInfo").is_some(), "no greeting: {}", String::from_utf8_lossy(answer));
        Ok(())
    }

    /// Makes calls with so many under way; answers may come in any order, each exactly once.
    fn calls(&mut self, template: &mut Template, first: u32, count: u32, window: u32) -> Result<()> {
        let check = Check::new(Tool::Echo);
        let mut seen = vec![false; count as usize];
        let mut batch = Vec::new();
        let (mut sent, mut answered) = (0, 0);
        while answered < count {
            batch.clear();
            while sent < count && sent - answered < window {
                batch.extend_from_slice(template.fill(first + sent));
                sent += 1;
            }
            self.stdin.write_all(&batch)?;
            loop {
                let line = self.read()?;
                let number = number(line)?;
                check.check(number, line)?;
                let place = seen.get_mut((number - first) as usize).context("a number that was not called")?;
                ensure!(!std::mem::replace(place, true), "two answers to {number}");
                answered += 1;
                if !self.stdout.buffer().contains(&b'\n') {
                    break;
                }
            }
        }
        Ok(())
    }

    fn end(self) -> Result<()> {
        let Self { mut child, stdin, stdout, .. } = self;
        drop(stdin);
        drop(stdout);
        child.wait()?;
        Ok(())
    }
}

fn number(line: &[u8]) -> Result<u32> {
    let Some(at) = memmem::find(line, b"\"id\":") else { bail!("no id: {}", String::from_utf8_lossy(line)) };
    let digits = line.get(at + 5..at + 13).context("an id too short")?;
    Ok(std::str::from_utf8(digits)?.parse()?)
}

/// Makes the calls and gives what they cost the server.
pub fn run(options: &Options) -> Result<Measured> {
    let mut server = options.server.start()?;
    server.greet(options.era)?;
    if options.era == Era::Legacy {
        writeln!(server.stdin, "{INITIALIZED}")?;
    }
    let mut template = Template::line(options.era, Tool::Echo);
    let warm = options.calls / 5;
    server.calls(&mut template, FIRST, warm, options.window)?;
    let (cpu, start) = (process::cpu_ns(server.child.id())?, Instant::now());
    server.calls(&mut template, FIRST + warm, options.calls, options.window)?;
    let (cpu_ns, seconds) = (process::cpu_ns(server.child.id())? - cpu, start.elapsed().as_secs_f64());
    server.end()?;
    Ok(Measured { calls: options.calls, seconds, cpu_ns })
}

/// Starts the server again and again and times its first answer.
pub fn first(options: &FirstOptions) -> Result<First> {
    let mut ns = Vec::with_capacity(options.runs);
    for _ in 0..options.runs {
        let start = Instant::now();
        let mut server = options.server.start()?;
        server.greet(options.era)?;
        ns.push(u64::try_from(start.elapsed().as_nanos())?);
        server.end()?;
    }
    Ok(First { ns })
}
