//! The engines under test, each with the state that its tests share.

use std::future::ready;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use mcp_server_core::store::contract::{Outage, Passing, Subject};
use mcp_server_core::store::{Clock, Memory, Reply, Sqlite, Store, open};
use mcp_server_tests::services::{Postgres, Redis};

/// The PostgreSQL server of this run, for all tests that leave it running.
pub(crate) static POSTGRES: LazyLock<Option<Postgres>> = LazyLock::new(Postgres::start);

/// The Redis server of this run, for all tests that leave it as it is.
pub(crate) static REDIS: LazyLock<Option<Redis>> = LazyLock::new(Redis::start);

/// In the memory of this process.
pub(crate) struct InMemory(Store, Clock);

/// In a file.
pub(crate) struct InFile(Folder, Clock);

/// On a server, by its URL.
pub(crate) struct OnServer(pub(crate) String);

/// On a server of its own, which can be taken away.
pub(crate) struct OnOwnPostgres(pub(crate) Postgres);

/// On a server of its own, which can be taken away.
pub(crate) struct OnOwnRedis(Redis);

/// A folder that goes with the test.
pub(crate) struct Folder(PathBuf);

#[expect(clippy::unnecessary_wraps, reason = "as with the engines whose server may not be installed")]
pub(crate) fn memory() -> Option<InMemory> {
    let clock = Clock::manual();
    Some(InMemory(Store::new(Memory::with_clock(clock.clone())), clock))
}

#[expect(clippy::unnecessary_wraps, reason = "as with the engines whose server may not be installed")]
pub(crate) fn sqlite() -> Option<InFile> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("mcp-server-engines-{}-{number}", std::process::id()));
    std::fs::create_dir(&path).unwrap();
    Some(InFile(Folder(path), Clock::manual()))
}

pub(crate) fn postgres() -> Option<OnServer> {
    POSTGRES.as_ref().map(|server| OnServer(server.url()))
}

pub(crate) fn own_postgres() -> Option<OnOwnPostgres> {
    Postgres::start().map(OnOwnPostgres)
}

pub(crate) fn redis() -> Option<OnServer> {
    REDIS.as_ref().map(|server| OnServer(server.url()))
}

pub(crate) fn own_redis() -> Option<OnOwnRedis> {
    Redis::start().map(OnOwnRedis)
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

impl Subject for InMemory {
    fn open(&self) -> Reply<'_, Store> {
        Box::pin(ready(Ok(self.0.clone())))
    }

    fn pass(&self, time: Duration) -> Passing<'_> {
        self.1.advance(time);
        Box::pin(ready(()))
    }

    fn survives(&self) -> bool {
        false
    }
}

impl InFile {
    fn path(&self) -> PathBuf {
        self.0.0.join("state.db")
    }

    /// The URL of the file.
    pub(crate) fn url(&self) -> String {
        format!("sqlite:{}", self.path().display())
    }
}

impl Subject for InFile {
    fn open(&self) -> Reply<'_, Store> {
        Box::pin(async { Ok(Store::new(Sqlite::open_with_clock(self.path(), self.1.clone()).await?)) })
    }

    fn pass(&self, time: Duration) -> Passing<'_> {
        self.1.advance(time);
        Box::pin(ready(()))
    }

    fn spans(&self) -> bool {
        false
    }
}

impl Subject for OnServer {
    fn open(&self) -> Reply<'_, Store> {
        Box::pin(open(&self.0))
    }

    fn pass(&self, time: Duration) -> Passing<'_> {
        // Lives are counted by the clock of the server, which nobody can move.
        Box::pin(tokio::time::sleep(time))
    }
}

impl Subject for OnOwnPostgres {
    fn open(&self) -> Reply<'_, Store> {
        let url = self.0.url();
        Box::pin(async move { open(&url).await })
    }

    fn pass(&self, time: Duration) -> Passing<'_> {
        Box::pin(tokio::time::sleep(time))
    }

    fn outage(&self) -> Option<&dyn Outage> {
        Some(self)
    }
}

impl Outage for OnOwnPostgres {
    fn stop(&self) -> Passing<'_> {
        self.0.kill();
        Box::pin(ready(()))
    }

    fn start(&self) -> Passing<'_> {
        self.0.start_again();
        Box::pin(ready(()))
    }
}

impl Subject for OnOwnRedis {
    fn open(&self) -> Reply<'_, Store> {
        let url = self.0.url();
        Box::pin(async move { open(&url).await })
    }

    fn pass(&self, time: Duration) -> Passing<'_> {
        Box::pin(tokio::time::sleep(time))
    }

    fn outage(&self) -> Option<&dyn Outage> {
        Some(self)
    }
}

impl Outage for OnOwnRedis {
    fn stop(&self) -> Passing<'_> {
        self.0.kill();
        Box::pin(ready(()))
    }

    fn start(&self) -> Passing<'_> {
        self.0.start_again();
        Box::pin(ready(()))
    }
}
