//! A PostgreSQL server for the length of a test run: a cluster of its own in a folder of its own.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _};

use super::TempFolder;

/// The user that PostgreSQL runs as when the test is run by root, which it refuses to run as.
const USER: &str = "postgres";

/// A running server; it ends, and its folder goes, when this is dropped.
pub struct Cluster {
    process: Child,
    port: u16,
    folder: TempFolder,
}

impl Cluster {
    /// Starts a server. `None` if PostgreSQL is not installed here; on CI that is a failure.
    pub async fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(std::env::var("CI").is_err(), "PostgreSQL is not installed: apt-get install postgresql");
            #[expect(clippy::print_stderr, reason = "a test that did not run must say so")]
            {
                eprintln!(
                    "SKIPPED: PostgreSQL is not installed (apt-get install postgresql): nothing of it was tested"
                );
            }
            return None;
        };
        let folder = TempFolder::new();
        let data = folder.path().join("data");
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).expect("permissions");
        let made = as_user(&programs.join("initdb"))
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync", "-D"])
            .arg(&data)
            .stdout(Stdio::null())
            .status();
        assert!(made.expect("initdb starts").success(), "initdb failed");
        // The port is free when it is asked for; should somebody else take it, the server says so and the test fails.
        let port =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|socket| socket.local_addr()).expect("a port").port();
        let process = as_user(&programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off", "-p"])
            .arg(port.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("postgres starts");
        let cluster = Self { process, port, folder };
        cluster.wait().await;
        Some(cluster)
    }

    /// Waits until it takes connections.
    async fn wait(&self) {
        let begun = Instant::now();
        let mut every = tokio::time::interval(Duration::from_millis(50));
        while self.options("postgres").connect().await.is_err() {
            assert!(begun.elapsed() < Duration::from_secs(30), "the server does not come up");
            every.tick().await;
        }
    }

    fn options(&self, user: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(self.port).username(user).database("postgres")
    }

    /// The URL for a role.
    pub fn url(&self, role: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/postgres", self.port)
    }

    /// A connection past the server under test, as superuser.
    pub async fn superuser(&self) -> PgConnection {
        self.options("postgres").connect().await.expect("connects")
    }

    /// Runs statements as superuser.
    pub async fn execute(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.superuser().await).await.expect("the statements run");
    }

    /// How many queries of the server under test the database works on now.
    pub async fn active(&self) -> i64 {
        sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mcp-database' AND state = 'active'",
        )
        .fetch_one(&mut self.superuser().await)
        .await
        .expect("counts")
    }

    /// Waits until the database works on so many; fails if it does not come to that.
    pub async fn until_active(&self, wanted: i64) {
        let begun = Instant::now();
        let mut every = tokio::time::interval(Duration::from_millis(20));
        while self.active().await != wanted {
            assert!(begun.elapsed() < Duration::from_secs(10), "still {} active, not {wanted}", self.active().await);
            every.tick().await;
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // `runuser` and `setpriv` stand between; the server itself is told, by the number in its own file.
        let file = self.folder.path().join("data/postmaster.pid");
        let number = std::fs::read_to_string(file).ok().and_then(|text| text.lines().next().map(str::to_owned));
        if let Some(number) = number {
            drop(Command::new("kill").args(["-INT", number.trim()]).status());
        } else {
            drop(self.process.kill());
        }
        drop(self.process.wait());
    }
}

/// Where the newest installed server's programs are.
fn programs() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            Some((version, path.join("bin")))
        })
        .filter(|(_, path)| path.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().map(|(_, path)| path)
}

/// A command run as an ordinary user.
fn as_user(program: &Path) -> Command {
    let root = std::fs::metadata("/proc/self").is_ok_and(|about| std::os::unix::fs::MetadataExt::uid(&about) == 0);
    if !root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args([&format!("--reuid={USER}"), &format!("--regid={USER}"), "--clear-groups", "--"]).arg(program);
    command.current_dir("/tmp").env("HOME", "/tmp");
    command
}
