//! The server under test as a process that ends with its test.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::metrics::Metrics;
use crate::raw::Connection;

/// A server process that listens on a port of its own.
#[derive(Debug)]
pub struct Server {
    process: Child,
    address: SocketAddr,
    admin: Option<SocketAddr>,
    page: Option<String>,
    first: Vec<String>,
    log: mpsc::Receiver<String>,
}

impl Server {
    /// Starts a server over HTTP with `key=value` settings and waits until it listens.
    pub fn start(program: &str, settings: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(["--http", "127.0.0.1:0"]);
        Self::run(command, settings)
    }

    /// Starts what a command says, over HTTP and with `key=value` settings, and waits until it listens.
    pub fn run(command: Command, settings: &[&str]) -> Self {
        Self::try_run(command, settings).unwrap_or_else(|said| panic!("the server listens:\n{}", said.join("\n")))
    }

    /// The same, for a server that may fail to start.
    ///
    /// # Errors
    /// What it logged before it ended, or in the time that it had.
    pub fn try_run(mut command: Command, settings: &[&str]) -> Result<Self, Vec<String>> {
        command.args(["--set", "log.format=json"]);
        if !settings.iter().any(|setting| setting.starts_with("store.url=")) {
            command.args(["--set", "store.url=memory:"]);
        }
        for setting in settings {
            command.args(["--set", setting]);
        }
        Self::try_start(command)
    }

    /// Starts exactly what a command says, whose log has to be JSON.
    ///
    /// # Errors
    /// What it logged before it ended, or in the time that it had.
    pub fn try_start(mut command: Command) -> Result<Self, Vec<String>> {
        let mut process =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
        let stderr = BufReader::new(process.stderr.take().expect("it was piped"));
        let (sender, log) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    // The test is over; the rest is read so that the server is never blocked.
                }
            }
        });
        let (mut admin, mut page) = (None, None);
        let mut said = Vec::new();
        let address = loop {
            let Ok(line) = log.recv_timeout(Duration::from_secs(20)) else {
                drop(process.kill());
                drop(process.wait());
                return Err(said);
            };
            let record: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
            if let Some(address) = record["admin"].as_str() {
                admin = Some(address.parse().expect("an address"));
            }
            page = page.or_else(|| record["page"].as_str().map(str::to_owned));
            // It may listen elsewhere too, for its operators; only what it serves has a URL.
            if let Some(address) = record["address"].as_str().filter(|_| record["url"].is_string()) {
                break address.parse().expect("an address");
            }
            said.push(line);
        };
        Ok(Self { process, address, admin, page, first: said, log })
    }

    /// The number of the process.
    pub fn process(&self) -> u32 {
        self.process.id()
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A new connection.
    pub fn connect(&self) -> Connection {
        Connection::open(self.address)
    }

    /// What it says of its readiness: the status and the word. It needs `admin.addr` to be set.
    pub fn readiness(&self) -> (u16, String) {
        self.admin("/readyz")
    }

    /// What it answers on its admin address.
    pub fn admin(&self, path: &str) -> (u16, String) {
        let mut connection = Connection::open(self.admin_address());
        connection.send("GET", path, &[], b"");
        let reply = connection.reply();
        (reply.status, reply.body)
    }

    /// What it measured so far. It needs `admin.addr` to be set.
    pub fn metrics(&self) -> Metrics {
        let (status, text) = self.admin("/metrics");
        assert_eq!(status, 200, "{text}");
        Metrics::read(&text)
    }

    /// The link to its operator page, as it logged it. It needs `admin.addr` to be set.
    pub fn page(&self) -> &str {
        self.page.as_deref().expect("`admin.addr` is set")
    }

    /// Where it tells its readiness.
    pub fn admin_address(&self) -> SocketAddr {
        self.admin.expect("`admin.addr` is set")
    }

    /// Waits until it says this word of its readiness.
    pub fn becomes(&self, word: &str) {
        let began = Instant::now();
        loop {
            let (status, now) = self.readiness();
            assert_eq!(status == 200, now == "ready");
            if now == word {
                return;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "it stays {now:?} and does not become {word:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What it logged before it listened.
    pub fn first_words(&self) -> &[String] {
        &self.first
    }

    /// Waits for a log line with a text in it.
    pub fn logged(&self, text: &str) -> String {
        loop {
            let line = self.log.recv_timeout(Duration::from_secs(10)).expect("the server logs it");
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Asks it to stop and gives out everything that it logs until it has ended.
    pub fn last_words(mut self) -> Vec<String> {
        self.terminate();
        self.process.wait().expect("it ends");
        // The reader ends with the stream, and the channel with it.
        self.log.iter().collect()
    }

    /// Ends it as a machine that fails does, and gives out everything that it logged.
    pub fn kill(mut self) -> Vec<String> {
        self.process.kill().expect("it can be killed");
        self.process.wait().expect("it ends");
        self.log.iter().collect()
    }

    /// Everything that was logged up to now.
    pub fn log(&self) -> Vec<String> {
        self.log.try_iter().collect()
    }

    /// Asks it to stop, as a supervisor does.
    pub fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Stops it where it is: connections stay, and nobody answers.
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").args([name, &self.process.id().to_string()]).status();
        assert!(status.is_ok_and(|status| status.success()), "{name} can be sent");
    }

    /// Waits until it has ended.
    pub fn wait(mut self) -> ExitStatus {
        self.process.wait().expect("it ends")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.process.kill().is_ok() {
            let _ended = self.process.wait();
        }
    }
}
