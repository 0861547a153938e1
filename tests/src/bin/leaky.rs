//! A server whose author does everything by which an argument gets out: causes, panics, logs, traces.

use std::process::ExitCode;
use std::time::Duration;

use mcp_server_core::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;
use sqlx::SqlitePool;

/// Give a word back.
#[tool(read_only)]
async fn echo(word: String, #[arg(secret)] pin: Option<String>) -> String {
    format!("{word} {}", pin.unwrap_or_default())
}

/// Fail with a cause that repeats the argument.
#[tool(read_only)]
async fn cause(word: String) -> ToolResult<String> {
    Err(ToolError::internal("it failed").cause(format!("no row with name = '{word}'")))
}

/// Fail because something else is down, and say so.
#[tool(read_only)]
async fn depend(word: String) -> ToolResult<String> {
    tracing::error!(word, "the archive does not answer");
    let cause = format!("GET http://archive.example/{word}: connection refused");
    Err(ToolError::upstream_unavailable("the archive is down").cause(cause))
}

/// Fail as a decoder does.
#[tool(read_only)]
async fn decode(word: String) -> ToolResult<String> {
    let number: u32 = serde_json::from_value(word.into())?;
    Ok(number.to_string())
}

/// Fail as a database does.
#[tool(read_only)]
async fn search(State(notes): State<SqlitePool>, words: String) -> ToolResult<String> {
    let query = sqlx::query_scalar::<_, String>("SELECT text FROM notes WHERE notes MATCH ?").bind(words);
    Ok(query.fetch_one(&notes).await?)
}

/// Ask the database slowly, with the argument in the statement.
#[tool(read_only)]
async fn ask_slowly(State(notes): State<SqlitePool>, #[arg(secret)] word: String) -> ToolResult<&'static str> {
    let statement = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000000) \
         SELECT '{word}' || count(*) FROM n"
    );
    let query = sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(statement));
    drop(query.fetch_one(&notes).await?);
    Ok("it was asked")
}

/// Log on a thread of its own, as drivers do, and as an author may.
#[tool(read_only)]
async fn log_on_a_thread(word: String, #[arg(secret)] pin: String) -> &'static str {
    let thread = std::thread::spawn(move || {
        tracing::warn!(
            target: "sqlx::query",
            summary = format!("SELECT '{word} and"),
            db.statement = format!("\n\nSELECT '{word} and more' FROM t WHERE pin = {pin}\n"),
            rows_returned = 7_u64,
            "slow statement"
        );
        tracing::error!(target: "redis::client", "the server says: {word} is unknown, {pin} too");
        tracing::error!(target: "tokio_postgres::connection", detail = %format!("Key (name)=({word}) exists"), "it failed");
        tracing::warn!("a thread of the author saw {pin}");
    });
    drop(thread.join());
    "it was logged"
}

/// Panic with the argument.
#[tool(read_only)]
async fn burst(word: String) -> String {
    panic!("cannot work with {word}")
}

/// Panic on a thread.
#[tool(read_only)]
fn burst_on_a_thread(word: String) -> String {
    panic!("cannot work with {word:?}")
}

/// Panic where nobody waits.
#[tool(read_only)]
async fn burst_apart(word: String) -> &'static str {
    drop(tokio::spawn(async move { panic!("cannot work with {word}") }).await);
    "it was apart"
}

/// Panic in the background with words of its own.
#[tool(read_only)]
async fn stumble() -> &'static str {
    drop(tokio::spawn(async { panic!("stumbled over nothing") }).await);
    "it stumbled"
}

/// Log what it was given, and credentials, and trace it all.
#[tool(read_only)]
async fn tell(word: String) -> &'static str {
    tracing::info!(%word, "looking for {word:?}");
    tracing::warn!("the service wants Bearer abcdefgh12345678CANARY and joe.canary@example.org");
    tracing::warn!(header = "Basic Y2FuYXJ5OmNhbmFyeQ==", password = "canary \"quoted\" password", "it refuses");
    traced(&word, "eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOiJjYW5hcnkifQ.canarycanarycanary").await;
    "it was told"
}

#[tracing::instrument]
async fn traced(word: &str, token: &str) {
    tracing::info!("half way with {word}");
    tokio::task::yield_now().await;
}

/// Log in and fail.
#[tool]
async fn log_in(user: String, #[arg(secret)] password: String) -> ToolResult<Receipt> {
    tracing::warn!(user, password, "login failed");
    Err(ToolError::permission_denied("the login failed").cause(format!("{user}:{password} is unknown")))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Account {
    name: String,
    /// What opens it.
    #[schemars(extend("writeOnly" = true))]
    code: String,
}

/// Open accounts and fail.
#[tool]
async fn open(accounts: Vec<Account>) -> ToolResult<Receipt> {
    let names: Vec<&str> = accounts.iter().map(|account| account.name.as_str()).collect();
    let codes: Vec<&str> = accounts.iter().map(|account| account.code.as_str()).collect();
    Err(ToolError::internal("none was opened").cause(format!("{names:?} by {codes:?}")))
}

/// Take longer than it may.
#[tool(read_only, timeout = "200ms")]
async fn dawdle(word: String) -> &'static str {
    traced_for_long(&word).await;
    "at last"
}

#[tracing::instrument]
async fn traced_for_long(word: &str) {
    tokio::time::sleep(Duration::from_mins(1)).await;
}

/// Take few words.
#[tool(read_only)]
async fn short(#[arg(max_length = 3)] word: String, #[arg(range = 1..=9)] number: u32) -> String {
    format!("{word} {number}")
}

/// Fail once for each key.
#[tool(idempotency)]
async fn once(word: String) -> ToolResult<Receipt> {
    Err(ToolError::internal("it failed").cause(format!("no row with name = '{word}'")))
}

/// Fail in a task.
#[tool(read_only, task)]
async fn job(word: String) -> ToolResult<String> {
    panic!("cannot work with {word}")
}

/// Fail to write a prompt.
#[prompt]
async fn draft(#[arg(complete = complete)] topic: String) -> ToolResult<String> {
    Err(ToolError::internal("it failed").cause(format!("no topic '{topic}'")))
}

#[expect(clippy::unused_async, reason = "a completer is async: most ask a database")]
async fn complete(_: Context, typed: String) -> Vec<String> {
    panic!("cannot complete {typed}")
}

/// A note that cannot be read.
#[resource("leaky://note/{id}", mime = "text/plain")]
async fn note(id: String) -> ToolResult<String> {
    Err(ToolError::internal("it failed").cause(format!("no note '{id}'")))
}

#[tokio::main]
async fn main() -> ExitCode {
    let notes = SqlitePool::connect("sqlite::memory:").await.expect("a database");
    sqlx::query("CREATE VIRTUAL TABLE notes USING fts5(text)").execute(&notes).await.expect("a table");
    Server::new("leaky", "1.0.0")
        .state(notes)
        .tools(tools![
            echo,
            cause,
            depend,
            decode,
            search,
            ask_slowly,
            log_on_a_thread,
            burst,
            burst_on_a_thread,
            burst_apart,
            stumble,
            tell,
            log_in,
            open,
            dawdle,
            short,
            once,
            job
        ])
        .prompts(prompts![draft])
        .resources(resources![note])
        .main()
        .await
}
