//! From a URL to where the database is and how it is used.

use std::str::FromStr;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;

use crate::store::error::StoreError;

/// Whatever a statement does, the server ends it after this long.
pub(super) const STATEMENT: Duration = Duration::from_secs(5);
/// Where the tables are unless the URL says otherwise.
const SCHEMA: &str = "mcp_server";
/// How many connections a process has at most unless the URL says otherwise; the one that listens comes on top.
const CONNECTIONS: usize = 10;
/// The options of the driver that a URL may have.
const OPTIONS: [&str; 18] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

/// Where the database is, and how it is used. The options hold the password, so that none of it is shown.
pub(super) struct Address {
    /// For connections that work: they see the tables, and no statement of theirs runs for long.
    pub(super) working: PgConnectOptions,
    /// For a connection that changes the tables, which may take its time.
    pub(super) migrating: PgConnectOptions,
    /// The schema that holds the tables.
    pub(super) schema: String,
    /// How many connections work at most.
    pub(super) connections: usize,
    /// The role, the host, the port and the database, for people.
    pub(super) place: String,
}

impl Address {
    /// Reads `postgres://USER:PASSWORD@HOST:PORT/DATABASE?OPTION=VALUE&…`.
    pub(super) fn parse(url: &str) -> Result<Self, StoreError> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut schema, mut connections, mut rest) = (SCHEMA.to_owned(), CONNECTIONS, Vec::new());
        for option in query.split('&').filter(|option| !option.is_empty()) {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            match name {
                "schema" => schema = schema_name(value)?,
                "connections" => connections = count(value)?,
                _ if OPTIONS.contains(&name) || name.starts_with("options[") => rest.push(option),
                _ => {
                    return refuse(format!(
                        "it has the option `{name}`, which is none of PostgreSQL nor of this store"
                    ));
                }
            }
        }
        let driver = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
        // What the driver says may repeat a part of the URL.
        let Ok(options) = PgConnectOptions::from_str(&driver) else {
            return refuse(
                "write `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with special characters as %XX".to_owned(),
            );
        };
        let options = match options.get_application_name() {
            None => options.application_name("mcp-server"),
            Some(_) => options,
        };
        let options = options
            .disable_statement_logging()
            .options([("search_path", schema.as_str()), ("default_transaction_isolation", "read committed")]);
        Ok(Self {
            place: place(&options),
            working: options.clone().options([("statement_timeout", STATEMENT.as_millis())]),
            migrating: options,
            schema,
            connections,
        })
    }
}

fn refuse<T>(why: String) -> Result<T, StoreError> {
    Err(StoreError::url("postgres:…", why))
}

/// A name that needs no quotes anywhere, and is the name of a channel too.
fn schema_name(name: &str) -> Result<String, StoreError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit();
    let starts = name.bytes().next().is_some_and(|byte| plain(byte) && !byte.is_ascii_digit());
    if starts && name.len() <= 63 && name.bytes().all(plain) && !name.starts_with("pg_") {
        return Ok(name.to_owned());
    }
    refuse("`schema` is 1 to 63 of a-z, 0-9 and `_`, begins with no digit and not with `pg_`".to_owned())
}

fn count(value: &str) -> Result<usize, StoreError> {
    match value.parse() {
        Ok(count @ 1..=1_000) => Ok(count),
        _ => refuse("`connections` is a number from 1 to 1000".to_owned()),
    }
}

fn place(options: &PgConnectOptions) -> String {
    let database = options.get_database().unwrap_or_else(|| options.get_username());
    let (role, port) = (options.get_username(), options.get_port());
    match options.get_socket() {
        Some(socket) => format!("{role}@{}:{port}/{database}", socket.display()),
        None => format!("{role}@{}:{port}/{database}", options.get_host()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_without_the_password() {
        let address = Address::parse("postgres://app:hunter2@db.example:5433/state?sslmode=disable").unwrap();
        assert_eq!(address.place, "app@db.example:5433/state");
        assert_eq!((address.schema.as_str(), address.connections), ("mcp_server", 10));
    }

    #[test]
    fn a_url_may_name_the_schema_and_the_number_of_connections() {
        let address = Address::parse("postgresql://app@db/state?schema=team_2&sslmode=require&connections=3").unwrap();
        assert_eq!((address.schema.as_str(), address.connections), ("team_2", 3));
        assert!(address.working.get_options().unwrap().contains("search_path=team_2"));
    }

    #[test]
    fn what_is_no_option_is_refused_without_the_password() {
        for (url, word) in [
            ("postgres://app:hunter2@db/state?shcema=x", "`shcema`"),
            ("postgres://app:hunter2@db/state?schema=Team", "a-z"),
            ("postgres://app:hunter2@db/state?schema=2nd", "begins with no digit"),
            ("postgres://app:hunter2@db/state?schema=pg_mine", "pg_"),
            ("postgres://app:hunter2@db/state?schema=", "1 to 63"),
            ("postgres://app:hunter2@db/state?connections=0", "1 to 1000"),
            ("postgres://app:hunter2@db/state?sslmode=perhaps", "USER:PASSWORD"),
            ("postgres://app:hunter2@db:port/state", "USER:PASSWORD"),
        ] {
            let error = Address::parse(url).err().unwrap().to_string();
            assert!(error.contains(word) && !error.contains("hunter2"), "{url}: {error}");
        }
    }
}
