//! What the tests share: throwaway folders and files, and questions in one line.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]

pub mod children;
pub mod cluster;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use database::database::Database;
use database::page::{Page, Window};
use database::settings::Settings;
use database::sql_text::Statement;
use mcp_server_core::tool::{ToolError, ToolResult};
use serde_json::Value;

/// No limit that a test would meet.
pub const ALL: Window = Window { skip: 0, rows: 100_000, characters: 1 << 24 };

/// A query that ends by force alone.
pub const ENDLESS_SQLITE: &str =
    "WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT count(*) FROM c";

/// A folder of its own for a test.
pub struct TempFolder(PathBuf);

impl TempFolder {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("database-test-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder for the test");
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// The settings of a server whose workers are the built binary.
pub fn settings() -> Settings {
    Settings { program: env!("CARGO_BIN_EXE_database").into(), ..Settings::default() }
}

/// Makes a SQLite file.
pub fn make_sqlite(path: &Path, sql: &str) {
    let connection = rusqlite::Connection::open(path).expect("a file");
    connection.execute_batch(sql).expect("the schema");
    connection.close().expect("closes");
}

/// Runs a query as the tool does.
pub async fn ask(db: &Database, sql: &str, window: Window) -> ToolResult<Page> {
    let statement = Statement::read(sql, db.dialect())?;
    db.run("tester", &statement, sql, window).await
}

/// Runs what must not run.
pub async fn refused(db: &Database, sql: &str) -> ToolError {
    ask(db, sql, ALL).await.err().unwrap_or_else(|| panic!("it ran: {sql}"))
}

/// The rows as JSON objects.
pub fn rows(page: &Page) -> Value {
    let names: Vec<&str> = page.columns.iter().map(|column| column.name.as_str()).collect();
    let row = |cells: &Vec<Value>| names.iter().map(|name| (*name).to_owned()).zip(cells.clone()).collect();
    Value::Array(page.rows.iter().map(row).map(Value::Object).collect())
}

/// What the agent reads of an error.
pub fn told(error: &ToolError) -> String {
    format!("{} {}", error.message(), error.advice_text())
}
