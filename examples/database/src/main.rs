//! The server: `cargo run -p database -- --database sqlite:FILE` or `--database postgres://…`; alone, a sample.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use clap::Parser;
use database::database::Database;
use database::sample::{self, Sample};
use database::settings::Settings;
use database::welcome::Welcome;
use database::{prompts, resources, tools};
use mcp_server_core::prelude::*;
use mcp_server_core::server::command::{Exit, ServeArgs};
use mcp_server_core::server::config::{Config, Transport, load};

const INSTRUCTIONS: &str = "Read-only access to a SQL database. Find the tables with list_tables or search_catalogue, \
    see their columns with describe_table, then run SQL with query. An answer without rows says why; an error says \
    what to do. Nothing can be changed here.";

/// Let an agent read a SQLite file or a PostgreSQL database, and nothing but read
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(flatten)]
    serve: ServeArgs,
    /// What to read: `sqlite:FILE` or `postgres://USER@HOST/NAME`; without it `$DATABASE_URL`, else a sample
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
    /// How many seconds a query may run; above 30, raise tools.query.timeout too
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 10)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=3600))]
    query_timeout: u64,
    /// How many connections may be open at once
    #[arg(long, global = true, value_name = "N", default_value_t = 5)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1000))]
    connections: u32,
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // A closed stream leaves nobody to tell.
            drop(error.print());
            return if error.use_stderr() { Exit::Usage } else { Exit::Done }.into();
        }
    };
    // Not by clap, whose help would show the value and the password in it.
    arguments.database = arguments.database.or_else(|| std::env::var("DATABASE_URL").ok());
    serve(arguments).await.unwrap_or_else(|error| {
        say(&format!("database: {error:#}\n"));
        let mendable = error.downcast_ref::<ToolError>().is_some_and(|error| error.kind() == ErrorKind::Misconfigured);
        if mendable { Exit::Configuration } else { Exit::Temporary }.into()
    })
}

async fn serve(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let settings = Settings {
        connections: arguments.connections,
        time: Duration::from_secs(arguments.query_timeout),
        ..Settings::default()
    };
    // The sample's file lives as long as this value.
    let unpacked = if arguments.database.is_none() { Some(Sample::unpack().await?) } else { None };
    let url = arguments.database.clone().or_else(|| unpacked.as_ref().map(Sample::url)).unwrap_or_default();
    let db = Database::open(&url, &settings).await?;
    let about = if unpacked.is_some() { sample::ABOUT } else { "" };
    let instructions = format!("{INSTRUCTIONS} The dialect is {}. {about}", db.engine());
    let config = configured(&arguments.serve);
    let welcome = welcome(&db, &arguments, config.as_ref());
    let server = Server::new("database", env!("CARGO_PKG_VERSION"))
        .title("Database")
        .instance(arguments.database.as_deref().unwrap_or("sample"))
        .defaults(defaults(config.as_ref()))
        .instructions(instructions.trim())
        .state(db)
        .tools(tools::all())
        .prompts(prompts::all())
        .resources(resources::all());
    let server = match welcome {
        Some(welcome) => server.on_listening(welcome),
        None => server,
    };
    Ok(server.run(&arguments.serve).await)
}

/// The configuration as its sources have it; whatever is wrong with it is said when the server starts.
fn configured(arguments: &ServeArgs) -> Option<Config> {
    load(&arguments.sources(), &tools::NAMES).ok().map(|effective| effective.config)
}

/// Over HTTP there is an operator page, on any free port of this machine; a host that starts the program needs none.
fn defaults(config: Option<&Config>) -> Config {
    let mut defaults = Config::default();
    if config.is_some_and(|config| config.transport == Transport::Http) {
        defaults.admin.addr = Some((Ipv4Addr::LOCALHOST, 0).into());
    }
    defaults
}

/// Says how to connect, once there is an address to connect to.
fn welcome(
    db: &Database,
    arguments: &Arguments,
    config: Option<&Config>,
) -> Option<impl FnOnce(SocketAddr) + Send + 'static> {
    let config = config?;
    if arguments.serve.command.is_some() || config.transport != Transport::Http {
        return None;
    }
    let url = arguments.database.as_deref();
    let data = match url {
        Some(_) => format!("A {} database, for reading only", db.engine()),
        None => "A sample: bird strikes at airports of the United States, for reading only".to_owned(),
    };
    let mut started_with = vec!["--stdio".to_owned()];
    // A URL of PostgreSQL may hold a password, which is not for a terminal.
    let shown = url.map(|url| match url.strip_prefix("sqlite:") {
        // The client starts the program in a folder of its own choice.
        Some(path) => std::path::absolute(path.strip_prefix("//").unwrap_or(path))
            .map_or_else(|_| url.to_owned(), |path| format!("sqlite:{}", path.display())),
        None => "postgres://USER@HOST/NAME".to_owned(),
    });
    started_with.extend(shown.into_iter().flat_map(|url| ["--database".to_owned(), url]));
    let program = std::env::current_exe().map_or_else(|_| "database".to_owned(), |path| path.display().to_string());
    let path = config.http.path.clone();
    Some(move |address: SocketAddr| {
        let url = format!("http://{address}{path}");
        say(&Welcome { data: &data, url: &url, program: &program, arguments: &started_with }.text());
    })
}

/// Standard error is for people; if nobody reads it, nothing is lost.
fn say(text: &str) {
    drop(std::io::stderr().write_all(text.as_bytes()));
}
