//! Prometheus as people run it: it scrapes servers and evaluates rules.

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::guardian::Guardian;
use super::port;
use crate::raw::Connection;

/// How long something may take to become visible: scrapes and evaluations are a quarter of a second apart.
const PATIENCE: Duration = Duration::from_mins(1);
/// The file with its process id.
const NUMBER: &str = "prometheus.pid";

/// A Prometheus for a test; it ends, and its folder goes, with this or with the process.
#[derive(Debug)]
pub struct Prometheus {
    process: Child,
    address: SocketAddr,
    folder: PathBuf,
    _guardian: Guardian,
}

impl Prometheus {
    /// Starts one that scrapes `/metrics` of the targets four times a second, as the job of that name, and evaluates rules.
    /// `None`, and loud, where Prometheus is not installed; on CI that is a failure.
    #[expect(clippy::print_stderr, reason = "a test that did not run must say so")]
    pub fn start(job: &str, targets: &[SocketAddr], rules: &str) -> Option<Self> {
        let Some(program) = program() else {
            assert!(std::env::var_os("CI").is_none(), "Prometheus is not installed: apt-get install prometheus");
            eprintln!("SKIPPED: Prometheus is not installed (apt-get install prometheus): nothing was scraped by it");
            return None;
        };
        // The port was free a moment ago; should somebody else take it, Prometheus ends at once and another is tried.
        let started = (0..5).find_map(|_| Self::attempt(&program, job, targets, rules));
        Some(started.expect("Prometheus starts"))
    }

    fn attempt(program: &Path, job: &str, targets: &[SocketAddr], rules: &str) -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("mcp-server-prometheus-{}-{number}", std::process::id()));
        fs::create_dir(&folder).expect("a folder for the server");
        let guardian = Guardian::over(&folder, NUMBER).expect("a shell starts");
        let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("the folder can be written");
        write("rules.yml", rules);
        write("prometheus.yml", &configuration(job, targets));
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port::free()));
        let log = fs::File::create(folder.join("log")).expect("the folder can be written");
        let mut command = Command::new(program);
        command.arg(format!("--config.file={}", folder.join("prometheus.yml").display()));
        command.arg(format!("--storage.tsdb.path={}", folder.join("data").display()));
        command.arg(format!("--web.listen-address={address}"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let process = command.spawn().expect("Prometheus can be started");
        write(NUMBER, &process.id().to_string());
        let mut prometheus = Self { process, address, folder, _guardian: guardian };
        prometheus.answers().then_some(prometheus)
    }

    fn answers(&mut self) -> bool {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let listens = std::net::TcpStream::connect(self.address).is_ok();
            if listens && self.get("/-/ready").0 == 200 {
                return true;
            }
            if Instant::now() > deadline || !matches!(self.process.try_wait(), Ok(None)) {
                return false;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The result of an expression now: series with their labels and values.
    pub fn query(&self, expression: &str) -> Vec<Value> {
        let answer = self.ask(&format!("/api/v1/query?query={}", encoded(expression)));
        answer["result"].as_array().cloned().unwrap_or_default()
    }

    /// The alerts that are pending or firing.
    pub fn alerts(&self) -> Vec<Value> {
        self.ask("/api/v1/alerts")["alerts"].as_array().cloned().unwrap_or_default()
    }

    /// All rules, with their health and the last error.
    pub fn rules(&self) -> Vec<Value> {
        let groups = self.ask("/api/v1/rules")["groups"].as_array().cloned().unwrap_or_default();
        groups.iter().flat_map(|group| group["rules"].as_array().cloned().unwrap_or_default()).collect()
    }

    /// Waits until an expression has this value, as one number.
    pub fn becomes(&self, expression: &str, value: f64) {
        self.waits(expression, |prometheus| {
            let result = prometheus.query(expression);
            let is = result.first().and_then(|series| series["value"][1].as_str()?.parse::<f64>().ok());
            is.filter(|is| (is - value).abs() < f64::EPSILON).map(|_| ()).ok_or_else(|| format!("{result:?}"))
        });
    }

    /// Waits until an alert fires, and gives it out.
    pub fn fires(&self, alert: &str) -> Value {
        self.waits(alert, |prometheus| {
            let alerts = prometheus.alerts();
            let fires = |alert: &&Value, name: &str| alert["labels"]["alertname"] == name && alert["state"] == "firing";
            alerts.iter().find(|one| fires(one, alert)).cloned().ok_or_else(|| format!("{alerts:#?}"))
        })
    }

    /// Waits until something is so.
    pub fn waits<T>(&self, what: &str, is: impl Fn(&Self) -> Result<T, String>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match is(self) {
                Ok(value) => return value,
                Err(is) if Instant::now() > deadline => panic!("{what}: it stays {is}\n{}", self.log()),
                Err(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        }
    }

    fn ask(&self, path: &str) -> Value {
        let (status, body) = self.get(path);
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str::<Value>(&body).expect("Prometheus answers in JSON")["data"].take()
    }

    fn get(&self, path: &str) -> (u16, String) {
        let mut connection = Connection::open(self.address);
        connection.send("GET", path, &[], b"");
        let reply = connection.reply();
        (reply.status, reply.body)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn configuration(job: &str, targets: &[SocketAddr]) -> String {
    let mut text =
        "global:\n  scrape_interval: 250ms\n  evaluation_interval: 250ms\nrule_files:\n  - rules.yml\n".to_owned();
    write!(text, "scrape_configs:\n  - job_name: {job}\n    static_configs:\n      - targets:\n").expect("a string");
    for target in targets {
        writeln!(text, "          - {target}").expect("a string");
    }
    text
}

/// Percent-encoded, all but letters and digits.
fn encoded(text: &str) -> String {
    let encode = |byte: u8| {
        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(encode).collect()
}

fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join("prometheus")).find(|program| program.is_file())
}
