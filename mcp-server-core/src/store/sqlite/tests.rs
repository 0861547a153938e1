//! The SQLite engine keeps the contract, and its file.

use std::fs;
use std::future::ready;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;

use super::Sqlite;
use crate::store::contract::{Passing, Subject, verify};
use crate::store::seal::random_id;
use crate::store::{Clock, Engine, Expect, Keep, Kv, Log, Offset, Reply, Store, StoreError, StoreErrorKind, open};

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("mcp-server-{}", random_id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

struct InFile(PathBuf, Clock);

impl Subject for InFile {
    fn open(&self) -> Reply<'_, Store> {
        Box::pin(async { Ok(Store::new(Sqlite::open_with_clock(&self.0, self.1.clone()).await?)) })
    }

    fn pass(&self, time: Duration) -> Passing<'_> {
        self.1.advance(time);
        Box::pin(ready(()))
    }

    fn spans(&self) -> bool {
        false
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn keeps_the_contract() {
    let folder = Folder::new();
    let subject = InFile(folder.file("state.db"), Clock::manual());
    verify(&subject).await.unwrap_or_else(|failures| panic!("{failures}"));
}

async fn refused(path: &Path) -> String {
    let error = Sqlite::open_with(path, Clock::wall(), Duration::from_millis(50)).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Misconfigured);
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    error.to_string()
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = Folder::new();
    let path = folder.file("made/for/this/state.db");
    let store = open(&format!("sqlite:{}", path.display())).await.unwrap();
    store.set("key", "value", None).await.unwrap();
    assert_eq!(mode(&folder.file("made")), 0o700);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&folder.file("made/for/this/state.db-wal")), 0o600);
}

#[tokio::test]
async fn what_cannot_be_used_is_named_with_a_remedy() {
    let folder = Folder::new();
    let text = folder.file("notes.txt");
    fs::write(&text, "this is a text file, and a good deal longer than the header of a database would be.".repeat(20))
        .unwrap();
    assert!(refused(&text).await.contains("not an SQLite file"));
    assert!(refused(&folder.0).await.contains("it is a folder"));
    assert!(refused(&text.join("state.db")).await.contains("is a file, not a folder"));
}

#[tokio::test]
async fn a_database_of_something_else_is_left_alone() {
    use sqlx::{Connection, SqliteConnection};
    let folder = Folder::new();
    let path = folder.file("theirs.db");
    let mut theirs = SqliteConnection::connect(&format!("sqlite:{}?mode=rwc", path.display())).await.unwrap();
    sqlx::query("CREATE TABLE kv (theirs TEXT)").execute(&mut theirs).await.unwrap();
    theirs.close().await.unwrap();
    assert!(refused(&path).await.contains("a database of something else"));
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused() {
    let folder = Folder::new();
    let path = folder.file("state.db");
    let store = Sqlite::open(&path).await.unwrap();
    sqlx::raw_sql("PRAGMA user_version = 99").execute(&store.writer).await.unwrap();
    store.close().await.unwrap();
    assert!(refused(&path).await.contains("a newer version"));
}

#[tokio::test]
async fn a_locked_file_is_refused_at_start_and_unavailable_later() {
    use sqlx::{Connection, SqliteConnection};
    let folder = Folder::new();
    let path = folder.file("state.db");
    let store = Store::new(Sqlite::open_with(&path, Clock::wall(), Duration::from_millis(50)).await.unwrap());
    let mut other = SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();

    let error = Sqlite::open_with(&path, Clock::wall(), Duration::from_millis(50)).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "the other process may end");
    assert!(error.to_string().contains("another process keeps it locked"), "{error}");
    let error = store.put("key", "value", Expect::Any, None).await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (StoreErrorKind::Unavailable, true));
    assert_eq!(store.append("stream", "entry", Keep::default()).await.unwrap_err().kind(), StoreErrorKind::Unavailable);
    assert!(store.get("key").await.unwrap().is_none(), "readers wait for nobody");
    assert_eq!(store.ping().await.unwrap_err().kind(), StoreErrorKind::Unavailable);

    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    store.set("key", "value", None).await.unwrap();
    store.ping().await.unwrap();
}

#[tokio::test]
async fn handles_that_are_opened_together_make_one_file() {
    let folder = Folder::new();
    for turn in 0..8 {
        let path = folder.file(&format!("state{turn}.db"));
        let opened = futures_util::future::join_all((0..6).map(|_| Sqlite::open(&path))).await;
        for store in opened {
            Store::new(store.unwrap()).set("key", "value", None).await.unwrap();
        }
    }
}

#[tokio::test]
async fn expired_rows_leave_the_file_with_later_writes() {
    let folder = Folder::new();
    let clock = Clock::manual();
    let store = Sqlite::open_with_clock(folder.file("state.db"), clock.clone()).await.unwrap();
    let keep = Keep { age: Duration::from_secs(1), ..Keep::default() };
    for number in 0..40 {
        let put = store.put(&number.to_string(), "x".into(), Expect::Any, Some(keep.age)).await.unwrap();
        assert!(put.stored().is_some());
        store.append(&number.to_string(), "x".into(), keep).await.unwrap();
    }
    clock.advance(Duration::from_secs(2));
    for _ in 0..64 {
        let put = store.put("one", "x".into(), Expect::Any, Some(keep.age)).await.unwrap();
        assert!(put.stored().is_some());
    }
    let left: (i64, i64, i64) =
        sqlx::query_as("SELECT (SELECT count(*) FROM kv), (SELECT count(*) FROM stream), (SELECT count(*) FROM entry)")
            .fetch_one(&store.readers)
            .await
            .unwrap();
    assert_eq!(left, (1, 0, 0));
}

#[tokio::test]
async fn expired_rows_leave_the_file_without_writes() {
    let folder = Folder::new();
    let clock = Clock::manual();
    let store = Sqlite::open_with_clock(folder.file("state.db"), clock.clone()).await.unwrap();
    for number in 0..300 {
        let put = store.put(&number.to_string(), "x".into(), Expect::Any, Some(Duration::from_secs(1))).await.unwrap();
        assert!(put.stored().is_some());
    }
    store.append("stream", "x".into(), Keep { age: Duration::from_secs(1), ..Keep::default() }).await.unwrap();
    clock.advance(Duration::from_secs(2));
    Engine::sweep(&store).await.unwrap();
    let left: (i64, i64) = sqlx::query_as("SELECT (SELECT count(*) FROM kv), (SELECT count(*) FROM entry)")
        .fetch_one(&store.readers)
        .await
        .unwrap();
    assert_eq!(left, (0, 0));
}

#[tokio::test]
async fn an_append_given_up_midway_leaves_no_trace() {
    let folder = Folder::new();
    let store = Sqlite::open(folder.file("state.db")).await.unwrap();
    for turn in 0..40_u32 {
        let mut append = store.append("stream", "given up".into(), Keep::default());
        for _ in 0..turn {
            if futures_util::poll!(&mut append).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(append);
        let offset = store.append("stream", "kept".into(), Keep::default()).await.unwrap();
        let slice = store.read("stream", Offset::START, 1_000).await.unwrap();
        assert_eq!(slice.entries.last().map(|entry| entry.offset), Some(offset));
        let offsets: Vec<u64> = slice.entries.iter().map(|entry| entry.offset.as_u64()).collect();
        assert!(offsets.windows(2).all(|pair| pair[1] == pair[0] + 1), "{offsets:?}");
    }
}

/// Fills the file: from now on the connection that writes finds no room.
async fn fill(store: &Sqlite) {
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&store.writer).await.unwrap();
    let most = format!("PRAGMA max_page_count = {}", pages + 4);
    sqlx::raw_sql(sqlx::AssertSqlSafe(most)).execute(&store.writer).await.unwrap();
}

#[tokio::test]
async fn after_a_full_disk_every_kind_of_write_works_again_by_itself() {
    let folder = Folder::new();
    let store = Sqlite::open(folder.file("state.db")).await.unwrap();
    let (much, keep) = (Bytes::from(vec![b'x'; 100_000]), Keep::default());
    store.append("stream", "first".into(), keep).await.unwrap();
    for turn in 0..4_u8 {
        // SQLite ends the transaction of an append by itself when it finds no room.
        fill(&store).await;
        let full = match turn % 2 {
            0 => store.append("stream", much.clone(), keep).await.map(drop),
            _ => store.put("key", much.clone(), Expect::Any, None).await.map(drop),
        };
        assert_eq!(full.unwrap_err().kind(), StoreErrorKind::Full);
        let small = |number: u8| Bytes::from(vec![number]);
        // Nothing that follows is told of a transaction that is none, and with room everything works.
        sqlx::raw_sql("PRAGMA max_page_count = 1000000").execute(&store.writer).await.unwrap();
        store.ping().await.unwrap();
        assert!(store.put("key", small(turn), Expect::Any, None).await.unwrap().stored().is_some());
        store.append("stream", small(turn), keep).await.unwrap();
        store.trim("stream", keep).await.unwrap();
        assert!(!store.delete_stream("nothing").await.unwrap());
        let slice = store.read("stream", Offset::START, 100).await.unwrap();
        assert_eq!(slice.entries.len(), 2 + usize::from(turn), "what failed left no trace");
    }
}

#[tokio::test]
async fn while_the_disk_is_full_the_store_answers_that_it_is_full() {
    let folder = Folder::new();
    let store = Store::new(Sqlite::open(folder.file("state.db")).await.unwrap());
    let full = Sqlite::open(folder.file("state.db")).await.unwrap();
    store.set("kept", "yes", None).await.unwrap();
    fill(&full).await;
    let full = Store::new(full);
    for _ in 0..20 {
        let put = full.set("key", vec![b'x'; 100_000], None).await.unwrap_err();
        assert_eq!((put.kind(), put.is_retryable()), (StoreErrorKind::Full, true));
    }
    assert_eq!(full.get("kept").await.unwrap().unwrap().value, "yes");
}

#[tokio::test]
async fn urls_that_name_no_file_are_explained() {
    for (url, word) in [
        ("sqlite:", "names no file"),
        ("sqlite://", "names no file"),
        ("sqlite::memory:", "`memory:`"),
        ("sqlite:state.db?mode=ro", "options"),
        ("memory:x", "nothing after the colon"),
        ("mongodb://user:hunter2@db/app", "`sqlite:PATH`"),
        ("mysql://:hunter2@db", "`redis://…`"),
        ("state.db", "no scheme"),
    ] {
        let error = open(url).await.unwrap_err();
        assert!(matches!(error, StoreError::Url { .. }) && error.to_string().contains(word), "{url}: {error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
