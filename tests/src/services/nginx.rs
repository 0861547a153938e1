//! nginx as people deploy it: the configuration of the example, with the addresses of this test in it.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::guardian::Guardian;
use super::port;

/// What people start from; the test changes its addresses and nothing else.
const TEMPLATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/tickets/deploy/nginx.conf");

/// A balancer on a port of its own; it ends, and its folder goes, with this or with the process.
#[derive(Debug)]
pub struct Nginx {
    process: Child,
    address: SocketAddr,
    folder: PathBuf,
    _guardian: Guardian,
}

impl Nginx {
    /// Starts a balancer over some servers and waits until it listens. `None` if nginx is not installed here; on CI
    /// that is a failure.
    pub fn start(upstreams: &[SocketAddr]) -> Option<Self> {
        let Some(program) = program() else {
            assert!(std::env::var("CI").is_err(), "nginx is not installed: apt-get install nginx-light");
            #[expect(clippy::print_stderr, reason = "a test that did not run must say so")]
            {
                eprintln!(
                    "SKIPPED: nginx is not installed (apt-get install nginx-light): nothing behind it was tested"
                );
            }
            return None;
        };
        let template = std::fs::read_to_string(TEMPLATE).expect("the example has its configuration");
        // The port was free a moment ago; should somebody else take it, nginx ends at once and another is tried.
        (0..5).find_map(|_| Self::attempt(&program, &template, upstreams)).or_else(|| panic!("nginx does not start"))
    }

    fn attempt(program: &Path, template: &str, upstreams: &[SocketAddr]) -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("mcp-server-nginx-{}-{number}", std::process::id()));
        std::fs::create_dir(&folder).expect("a folder for the balancer");
        let guardian = Guardian::over(&folder, "nginx.pid").expect("a shell starts");
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port::free()));
        let place = folder.display().to_string();
        let file = folder.join("nginx.conf");
        std::fs::write(&file, configuration(template, address, upstreams, &place)).expect("the folder can be written");
        let mut command = Command::new(program);
        command.args(["-p", &place, "-e", &format!("{place}/error.log"), "-c"]).arg(&file);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().expect("nginx can be started");
        let mut nginx = Self { process, address, folder, _guardian: guardian };
        nginx.listens().then_some(nginx)
    }

    fn listens(&mut self) -> bool {
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(self.address).is_err() {
            if Instant::now() > deadline || !matches!(self.process.try_wait(), Ok(None)) {
                return false;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        true
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it found wrong so far.
    pub fn errors(&self) -> String {
        std::fs::read_to_string(self.folder.join("error.log")).unwrap_or_default()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // The master has to end its workers itself, which a kill would leave behind.
        let told = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        if !told.is_ok_and(|status| status.success()) {
            drop(self.process.kill());
        }
        drop(self.process.wait());
    }
}

/// The example's configuration with the addresses of this test, and with every path below a folder.
fn configuration(template: &str, address: SocketAddr, upstreams: &[SocketAddr], place: &str) -> String {
    let mut text = format!("daemon off;\npid {place}/nginx.pid;\n");
    if is_root() {
        // The workers would else be somebody who may not write here.
        text.push_str("user root;\n");
    }
    let mut upstreams = upstreams.iter();
    for line in template.lines() {
        let start = line.trim_start();
        let indent = &line[..line.len() - start.len()];
        if let Some((_, how)) = start.strip_prefix("server replica-").and_then(|rest| rest.split_once(' ')) {
            if let Some(upstream) = upstreams.next() {
                writeln!(text, "{indent}server {upstream} {how}").expect("a string takes all");
            }
        } else if start.starts_with("listen ") {
            writeln!(text, "{indent}listen {address};").expect("a string takes all");
        } else if start.starts_with("worker_processes ") {
            text.push_str("worker_processes 1;\n");
        } else {
            text.push_str(line);
            text.push('\n');
        }
        if start.starts_with("http {") {
            text.push_str("access_log off;\n");
            for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
                writeln!(text, "{kind}_temp_path {place}/{kind};").expect("a string takes all");
            }
        }
    }
    assert!(upstreams.next().is_none(), "the example has fewer replicas than this test");
    text
}

fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    folders.map(|folder| folder.join("nginx")).find(|program| program.is_file())
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|about| std::os::unix::fs::MetadataExt::uid(&about) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_gets_the_addresses_of_the_test() {
        let template = std::fs::read_to_string(TEMPLATE).expect("the example has its configuration");
        let upstreams = [1, 2, 3].map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
        let text = configuration(&template, address, &upstreams, "/t");
        for wanted in ["server 127.0.0.1:1 max", "server 127.0.0.1:3 max", "listen 127.0.0.1:9;", "proxy_temp_path /t/"]
        {
            assert!(text.contains(wanted), "{wanted}:\n{text}");
        }
        assert!(!text.contains("replica-1") && !text.contains("listen 80"));
    }
}
