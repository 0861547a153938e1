//! A Redis or Valkey server that ends with its test.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mcp_server_core::store::seal::random_id;

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server process on a port and in a folder of its own, which writes every command to its disk before it answers.
#[derive(Debug)]
pub struct Redis {
    program: PathBuf,
    folder: PathBuf,
    port: u16,
    options: Vec<String>,
    process: Option<Child>,
}

impl Redis {
    /// Starts a server, or says loudly that there is none to start; where `CI` is `true` that fails the test.
    pub fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// As [`start`](Self::start), with options as on the command line of the server.
    pub fn start_with(options: &[&str]) -> Option<Self> {
        let Some(program) = ["redis-server", "valkey-server"].into_iter().find_map(on_path) else {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "neither redis-server nor valkey-server is installed"
            );
            eprintln!("SKIPPED: neither redis-server nor valkey-server is installed");
            return None;
        };
        let folder = std::env::temp_dir().join(format!("mcp-redis-{}", random_id()));
        fs::create_dir(&folder).expect("a folder can be made");
        let options = options.iter().map(|&option| option.to_owned()).collect();
        let mut server = Self { program, folder, port: 0, options, process: None };
        // Between the choice of a port and its use another test may take it; then the server ends at once.
        for _ in 0..10 {
            server.port = free_port();
            if server.run() {
                return Some(server);
            }
        }
        panic!("the server does not start:\n{}", server.log());
    }

    /// The URL of its store.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// Starts it again after [`stop`](Self::stop) or [`kill`](Self::kill), on the same port and with what it has on disk.
    pub fn start_again(&mut self) {
        assert!(self.process.is_none(), "it is still running");
        // A connection that the other end closed first keeps the port for a moment.
        for _ in 0..10 {
            if self.run() {
                return;
            }
        }
        panic!("the server does not start again:\n{}", self.log());
    }

    /// Ends it as an operator does.
    pub fn stop(&mut self) {
        self.signal("TERM");
        self.ended();
    }

    /// Ends it as a lack of memory does.
    pub fn kill(&mut self) {
        self.signal("KILL");
        self.ended();
    }

    /// Halts it: connections stay, and nothing is answered.
    pub fn pause(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.signal("CONT");
    }

    /// Sends one command and gives back the reply as it is on the wire.
    pub fn command(&self, words: &[&str]) -> String {
        let mut request = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            request.extend(format!("${}\r\n{word}\r\n", word.len()).bytes());
        }
        let mut stream = TcpStream::connect(self.address()).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a limit can be set");
        stream.write_all(&request).expect("it reads");
        stream.write_all(b"*1\r\n$4\r\nQUIT\r\n").expect("it reads");
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).expect("it answers and ends");
        String::from_utf8_lossy(&reply).into_owned()
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Runs the process and waits until it is ready; says whether it is.
    fn run(&mut self) -> bool {
        let log = File::options().create(true).append(true).open(self.folder.join("log")).expect("a file can be made");
        // It must not outlive the test, not even one that is killed.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(&self.program);
        command.args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--dir"]).arg(&self.folder);
        command.args(["--appendonly", "yes", "--appendfsync", "always", "--save", "", "--daemonize", "no"]);
        command.args(&self.options);
        let stderr = log.try_clone().expect("a file has two handles");
        let process = command.stdin(Stdio::null()).stdout(log).stderr(stderr).spawn().expect("setpriv is there");
        self.process = Some(process);
        let since = Instant::now();
        while since.elapsed() < PATIENCE {
            if self.process.as_mut().is_none_or(|process| process.try_wait().is_ok_and(|ended| ended.is_some())) {
                self.process = None;
                return false;
            }
            if self.answers() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.kill();
        false
    }

    /// Whether it takes commands: it listens before it has loaded its data.
    fn answers(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(self.address()) else { return false };
        let mut reply = [0; 8];
        let asked = stream.write_all(b"PING\r\n").and_then(|()| stream.read(&mut reply));
        // A server with a password answers too.
        asked.is_ok_and(|read| reply[..read].starts_with(b"+PONG") || reply[..read].starts_with(b"-NOAUTH"))
    }

    fn signal(&self, signal: &str) {
        let process = self.process.as_ref().expect("it is running");
        let sent = Command::new("kill").args([&format!("-{signal}"), &process.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "SIG{signal} can be sent");
    }

    fn ended(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.wait().expect("it ends");
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take()
            && process.kill().is_ok()
        {
            process.wait().ok();
        }
        fs::remove_dir_all(&self.folder).ok();
    }
}

/// Where a program is.
fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|program| Path::is_file(program))
}

/// A port that nobody listens on now.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port is free").port()
}
