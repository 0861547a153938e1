//! The server: `cargo run -p database -- --database sqlite:FILE` or `--database postgres://…`; alone, a sample.

use std::io::Write as _;
use std::time::Duration;

use database::database::Database;
use database::sample::{self, Sample};
use database::settings::Settings;
use database::welcome::Welcome;
use database::{prompts, resources, tools};
use mcp_server_core::prelude::*;

/// Exit code when what the server depends on cannot be had now (sysexits.h).
const TEMPORARY: u8 = 75;

const INSTRUCTIONS: &str = "Read-only access to a SQL database. Find the tables with list_tables or search_catalogue, \
    see their columns with describe_table, then run SQL with query. An answer without rows says why; an error says \
    what to do. Nothing can be changed here.";

#[tokio::main]
async fn main() -> ExitCode {
    match serve().await {
        Ok(code) => code,
        Err(error) => {
            say(&format!("database: {error:#}\n"));
            ExitCode::from(TEMPORARY)
        }
    }
}

async fn serve() -> anyhow::Result<ExitCode> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let after = |flag: &str| args.iter().position(|arg| arg == flag).and_then(|at| args.get(at + 1)).cloned();
    let url = after("--database").or_else(|| std::env::var("DATABASE_URL").ok());
    let mut settings = Settings::default();
    if let Some(seconds) = after("--query-timeout") {
        settings.time = Duration::from_secs(seconds.parse()?);
    }
    // The sample's file lives as long as this value.
    let unpacked = if url.is_none() { Some(Sample::unpack().await?) } else { None };
    let open_url = url.clone().or_else(|| unpacked.as_ref().map(Sample::url)).unwrap_or_default();
    let db = Database::open(&open_url, &settings).await?;
    let about = if unpacked.is_some() { sample::ABOUT } else { "" };
    let instructions = format!("{INSTRUCTIONS} The dialect is {}. {about}", db.engine());
    if !args.iter().any(|arg| arg == "--stdio") {
        welcome(&db, url.as_deref(), after("--http"));
    }
    let code = Server::new("database", env!("CARGO_PKG_VERSION"))
        .title("Database")
        .instructions(instructions.trim())
        .state(db)
        .tools(tools::all())
        .prompts(prompts::all())
        .resources(resources::all())
        .main()
        .await;
    Ok(code)
}

fn welcome(db: &Database, url: Option<&str>, address: Option<String>) {
    let data = match url {
        Some(_) => format!("A {} database, for reading only", db.engine()),
        None => "A sample: bird strikes at airports of the United States, for reading only".to_owned(),
    };
    let address = address.unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let mut arguments = vec!["--stdio".to_owned()];
    // A URL of PostgreSQL may hold a password, which is not for a terminal.
    let shown = url.map(|url| if url.starts_with("sqlite:") { url } else { "postgres://USER@HOST/NAME" });
    arguments.extend(shown.into_iter().flat_map(|url| ["--database".to_owned(), url.to_owned()]));
    let program = std::env::current_exe().map_or_else(|_| "database".to_owned(), |path| path.display().to_string());
    let url = format!("http://{address}/mcp");
    say(&Welcome { data: &data, url: &url, program: &program, arguments: &arguments }.text());
}

/// Standard error is for people; if nobody reads it, nothing is lost.
fn say(text: &str) {
    drop(std::io::stderr().write_all(text.as_bytes()));
}
