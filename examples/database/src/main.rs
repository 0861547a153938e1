//! The server: `cargo run -p database -- --database FILE` or `--database postgres://…`; alone, a sample.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use clap::Parser;
use database::database::Database;
use database::sample::{self, Sample};
use database::settings::Settings;
use database::sql_text::Dialect;
use database::welcome::Welcome;
use database::{prompts, resources, tools, worker};
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
    /// What to read: a SQLite file or `postgres://USER@HOST/NAME`; without it `$DATABASE_URL`, else a sample
    #[arg(long, global = true, value_name = "FILE|URL")]
    database: Option<String>,
    /// How many seconds a query may run; above 30, raise tools.query.timeout too
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 10)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=3600))]
    query_timeout: u64,
    /// How many queries may run at once
    #[arg(long, global = true, value_name = "N", default_value_t = 5)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=200))]
    connections: u16,
    /// How many of them may be of one caller; half of them, rounded up, if it is not set
    #[arg(long, global = true, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=200))]
    connections_per_caller: Option<u16>,
    /// How many MiB a temporary file of a query in SQLite may have; a query has 8 of them at most
    #[arg(long, global = true, value_name = "MIB", default_value_t = 64)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=65_536))]
    temporary_space: u64,
    /// A volatile function of PostgreSQL that may be called, as NAME or SCHEMA.NAME; may be given several times
    #[arg(long = "allow-function", global = true, value_name = "NAME")]
    functions: Vec<String>,
    /// Accept a PostgreSQL role that can do more than read tables, such as a superuser
    #[arg(long, global = true)]
    allow_privileged_role: bool,
}

fn main() -> ExitCode {
    // Before there is a thread, a log or a setting: a worker has none of them.
    if std::env::args_os().nth(1).is_some_and(|argument| argument == worker::ARGUMENT) {
        return worker::serve();
    }
    start()
}

#[tokio::main]
async fn start() -> ExitCode {
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
        let told = error.downcast_ref::<ToolError>();
        let message = told.map_or_else(|| format!("{error:#}"), |error| error.message().to_owned());
        say(&format!("database: {message}\n"));
        // What cannot be opened at start is set up wrongly; starting again does not help.
        if told.is_some() { Exit::Configuration } else { Exit::Temporary }.into()
    })
}

async fn serve(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let settings = Settings {
        connections: arguments.connections.into(),
        share: arguments.connections_per_caller.map(usize::from),
        time: Duration::from_secs(arguments.query_timeout),
        temporary: arguments.temporary_space << 20,
        functions: arguments.functions.clone(),
        privileged: arguments.allow_privileged_role,
        ..Settings::default()
    };
    // The sample's file lives as long as this value.
    let unpacked = if arguments.database.is_none() { Some(Sample::unpack()?) } else { None };
    let address = arguments.database.clone().or_else(|| unpacked.as_ref().map(Sample::url)).unwrap_or_default();
    let db = Database::open(&address, &settings).await?;
    for warning in db.warnings() {
        say(&format!("database: {warning}\n"));
    }
    let about = if unpacked.is_some() { sample::ABOUT } else { "" };
    let instructions = format!("{INSTRUCTIONS} The dialect is {}. {about}", db.engine());
    let config = configured(&arguments.serve);
    let welcome = welcome(&db, &arguments, config.as_ref());
    let server = Server::new("database", env!("CARGO_PKG_VERSION"))
        .title("Database")
        .instance(source(&db, arguments.database.as_deref()))
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

/// The name of the data that is served: state is kept apart for each.
fn source(db: &Database, database: Option<&str>) -> String {
    match database {
        None => "sample".to_owned(),
        Some(file) if db.dialect() == Dialect::Sqlite && !file.starts_with("sqlite:") => format!("sqlite:{file}"),
        Some(url) => url.to_owned(),
    }
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
    let shown = url.map(|url| {
        if db.dialect() != Dialect::Sqlite {
            return "postgres://USER@HOST/NAME".to_owned();
        }
        // The client starts the program in a folder of its own choice.
        let path = url.strip_prefix("sqlite:").unwrap_or(url);
        std::path::absolute(path.strip_prefix("//").unwrap_or(path))
            .map_or_else(|_| url.to_owned(), |path| path.display().to_string())
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
