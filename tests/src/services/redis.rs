//! A Redis or Valkey server: with data of its own in a folder of its own.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::guardian::Guardian;
use super::port;

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(30);
/// The file with its process id.
const NUMBER: &str = "redis.pid";

/// A Redis server for a test, which writes every command to its file before it answers; it ends, and its folder goes,
/// with this or with the process.
#[derive(Debug)]
pub struct Redis {
    program: PathBuf,
    folder: PathBuf,
    port: u16,
    tls: Option<u16>,
    options: Vec<String>,
    process: Mutex<Option<Child>>,
    _guardian: Guardian,
}

impl Redis {
    /// Starts a server. `None`, and loud, where neither Redis nor Valkey is installed; on CI that is a failure.
    pub fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// As [`start`](Self::start), with options as on the command line of the server.
    pub fn start_with(options: &[&str]) -> Option<Self> {
        let server = Self::make(options)?;
        server.start_again();
        Some(server)
    }

    /// As [`start`](Self::start), and with a port for TLS, whose certificate nobody trusts who does not read it from
    /// [`certificate`](Self::certificate).
    pub fn start_tls() -> Option<Self> {
        let mut server = Self::make(&[])?;
        let (certificate, key, port) = (server.certificate(), server.folder.join("key.pem"), port::free());
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]);
        openssl.args(["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]);
        openssl.args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout"]).arg(&key);
        openssl.arg("-out").arg(&certificate).stderr(Stdio::null());
        assert!(openssl.status().is_ok_and(|status| status.success()), "openssl can be run");
        let path = |path: &Path| path.display().to_string();
        let options =
            ["--tls-cert-file", &path(&certificate), "--tls-key-file", &path(&key), "--tls-auth-clients", "no"];
        server.options.extend(options.map(str::to_owned));
        server.options.extend(["--tls-port".to_owned(), port.to_string()]);
        server.tls = Some(port);
        server.start_again();
        Some(server)
    }

    #[expect(clippy::print_stderr, reason = "a test that did not run must say so")]
    fn make(options: &[&str]) -> Option<Self> {
        let Some(program) = ["redis-server", "valkey-server"].into_iter().find_map(on_path) else {
            assert!(std::env::var_os("CI").is_none(), "Redis is not installed: apt-get install redis-server");
            eprintln!("SKIPPED: Redis is not installed (apt-get install redis-server): nothing of it was tested");
            return None;
        };
        let folder = folder();
        let guardian = Guardian::over(&folder, NUMBER).expect("a shell starts");
        let options = options.iter().map(|&option| option.to_owned()).collect();
        let (port, process) = (port::free(), Mutex::default());
        Some(Self { program, folder, port, tls: None, options, process, _guardian: guardian })
    }

    /// The URL of its store.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The URL of its store over TLS.
    pub fn tls_url(&self) -> String {
        format!("rediss://127.0.0.1:{}", self.tls.expect("it was started with TLS"))
    }

    /// The file with the certificate that it shows.
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("certificate.pem")
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// Starts it again after it was ended, on the same port with the same data, and waits until it takes commands.
    pub fn start_again(&self) {
        let mut process = self.process();
        assert!(process.is_none(), "it still runs");
        let mut started = self.program().spawn().expect("it starts");
        let since = Instant::now();
        while !self.answers() {
            let ended = started.try_wait().expect("it can be asked after");
            assert!(ended.is_none() && since.elapsed() < PATIENCE, "it does not start: {}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
        *process = Some(started);
    }

    /// Ends it in order.
    pub fn stop(&self) {
        self.signal("-TERM");
        self.ended();
    }

    /// Ends it as a crash does: at once, without a word.
    pub fn kill(&self) {
        self.signal("-KILL");
        self.ended();
    }

    /// Stops it where it is: connections stay, and nobody answers.
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.signal("-CONT");
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

    fn program(&self) -> Command {
        let log = File::options().create(true).append(true).open(self.folder.join("log")).expect("a file for its log");
        let mut command = Command::new(&self.program);
        command.args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--dir"]).arg(&self.folder);
        command.arg("--pidfile").arg(self.folder.join(NUMBER));
        command.args(["--appendonly", "yes", "--appendfsync", "always", "--save", "", "--daemonize", "no"]);
        command.args(&self.options).stdin(Stdio::null()).stdout(log).stderr(Stdio::null());
        command
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
        let id = self.process().as_ref().expect("it runs").id();
        let sent = Command::new("kill").args([signal, &id.to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "kill can be run");
    }

    fn ended(&self) {
        if let Some(mut process) = self.process().take() {
            process.wait().expect("it ends");
            // The number may be another process's next.
            fs::remove_file(self.folder.join(NUMBER)).ok();
        }
    }

    fn process(&self) -> MutexGuard<'_, Option<Child>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        if let Some(process) = &mut *self.process() {
            process.kill().ok();
        }
        self.ended();
    }
}

/// A folder for its data.
fn folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("mcp-server-redis-{}-{number}", std::process::id()));
    fs::create_dir(&folder).expect("a folder for the server");
    folder
}

/// Where a program is.
fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|program| Path::is_file(program))
}
