//! A PostgreSQL server: a cluster of its own in a folder of its own.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::guardian::Guardian;
use super::lock::Lock;
use super::port;

/// The user that it runs as when the test is run by root, as whom PostgreSQL refuses to run.
const USER: &str = "postgres";
/// Where the newest installed one is looked for.
const INSTALLED: &str = "/usr/lib/postgresql";
/// Quick, and on this machine alone; what is in the files survives the end of a process without `fsync`.
const SETTINGS: &str = "-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=200";

/// A PostgreSQL server for a test; it ends, and its folder goes, with this or with the process.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    _guardian: Guardian,
}

impl Postgres {
    /// The role that has to show a password, once it is made; all others need none.
    pub const LOCKED: &str = "locked";

    /// Makes a cluster and starts it. `None`, and loud, where PostgreSQL is not installed; on CI that is a failure.
    #[expect(clippy::print_stderr, reason = "a test that did not run must say so")]
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(std::env::var_os("CI").is_none(), "PostgreSQL is not installed: apt-get install postgresql");
            eprintln!("SKIPPED: PostgreSQL is not installed (apt-get install postgresql): nothing of it was tested");
            return None;
        };
        let folder = folder();
        let guardian = Guardian::over(&folder, "data/postmaster.pid").expect("a shell starts");
        let server = Self { programs, folder, port: port::free(), _guardian: guardian };
        let mut initdb = server.command("initdb");
        server.run(initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync"]));
        let access = format!("host all {} 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n", Self::LOCKED);
        fs::write(server.folder.join("data/pg_hba.conf"), access).expect("who may connect");
        server.start_again();
        Some(server)
    }

    /// The URL of its database, as superuser, who needs no password here.
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// The URL of its database for a role.
    pub fn url_of(&self, role: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/postgres", self.port)
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs statements as superuser and returns what they print: values separated by `|`, a row a line.
    pub fn execute(&self, sql: &str) -> String {
        let done = self.psql().args(["-c", sql]).stdin(Stdio::null()).output().expect("psql starts");
        assert!(done.status.success(), "{sql}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).trim_end().to_owned()
    }

    /// Locks a table against everybody else, readers too.
    pub fn lock(&self, table: &str) -> Lock {
        Lock::take(self.psql(), table)
    }

    /// Waits until so many sessions wait for a lock.
    pub fn has_waiting(&self, sessions: u32) {
        let began = Instant::now();
        let waiting = || self.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
        while waiting() != sessions.to_string() {
            assert!(began.elapsed() < Duration::from_secs(30), "{} wait, not {sessions}", waiting());
        }
    }

    /// Ends it in order: connections are cut, and everything is written.
    pub fn stop(&self) {
        self.control(&["stop", "-m", "fast"]);
    }

    /// Ends it as a crash does: at once, without a word, and it has to recover when it is started again.
    pub fn kill(&self) {
        self.control(&["stop", "-m", "immediate"]);
    }

    /// Starts it again after it was ended, on the same port with the same data, and waits until it takes connections.
    pub fn start_again(&self) {
        self.control(&["start", "-o", &format!("{SETTINGS} -p {}", self.port)]);
    }

    /// Stops all its processes where they are: connections stay, and nobody answers.
    pub fn pause(&self) {
        // The parent first: it would replace or miss its children.
        let id = self.id();
        signal("-STOP", &[id]);
        signal("-STOP", &children(id));
    }

    /// Lets them go on.
    pub fn resume(&self) {
        let id = self.id();
        signal("-CONT", &children(id));
        signal("-CONT", &[id]);
    }

    fn id(&self) -> u32 {
        let file = fs::read_to_string(self.folder.join("data/postmaster.pid")).expect("the server runs");
        file.lines().next().and_then(|line| line.trim().parse().ok()).expect("its number is in the first line")
    }

    fn control(&self, arguments: &[&str]) {
        let log = self.folder.join("log");
        let mut command = self.command("pg_ctl");
        self.run(command.args(["-w", "-t", "60", "-s", "-l"]).arg(log).args(arguments));
    }

    /// A client of it, as superuser.
    fn psql(&self) -> Command {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", &self.url()]);
        psql
    }

    /// One of its programs, for its data.
    fn command(&self, program: &str) -> Command {
        let mut command = as_user(&self.programs.join(program));
        command.arg("-D").arg(self.folder.join("data"));
        command
    }

    fn run(&self, command: &mut Command) {
        // Nothing is captured: the server would keep the pipes open.
        let done = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        let log = || fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        assert!(done.expect("it starts").success(), "{command:?} failed: {}", log());
    }
}

/// A folder that PostgreSQL's user may write to.
fn folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("mcp-server-postgres-{}-{number}", std::process::id()));
    fs::create_dir(&folder).expect("a folder for the server");
    fs::set_permissions(&folder, Permissions::from_mode(0o777)).expect("it may be opened to another user");
    folder
}

/// Where the newest installed server's programs are.
fn programs() -> Option<PathBuf> {
    let found = fs::read_dir(INSTALLED).ok()?.filter_map(|entry| {
        let path = entry.ok()?.path();
        let version: u32 = path.file_name()?.to_str()?.parse().ok()?;
        Some((version, path.join("bin")))
    });
    found.filter(|(_, path)| path.join("initdb").exists()).max().map(|(_, path)| path)
}

/// A command run as an ordinary user.
fn as_user(program: &Path) -> Command {
    let root = fs::metadata("/proc/self").is_ok_and(|about| about.uid() == 0);
    if !root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args([&format!("--reuid={USER}"), &format!("--regid={USER}"), "--clear-groups", "--"]).arg(program);
    command.current_dir("/tmp").env("HOME", "/tmp");
    command
}

fn children(id: u32) -> Vec<u32> {
    let list = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    list.split_whitespace().filter_map(|id| id.parse().ok()).collect()
}

fn signal(signal: &str, ids: &[u32]) {
    let status = Command::new("kill").arg(signal).args(ids.iter().map(u32::to_string)).stderr(Stdio::null()).status();
    assert!(status.is_ok(), "kill can be run");
}
