//! The address of a database: what an operator writes, checked whole before anything is opened.

use std::path::{Path, PathBuf};

use mcp_server_core::tool::ErrorKind;

use crate::fault::Fault;
use crate::nearest::{either, nearest};
use crate::opening::Place;

/// What a PostgreSQL URL may set.
const POSTGRES_KEYS: [&str; 15] = [
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "user",
];

const SSL_MODES: [&str; 6] = ["allow", "disable", "prefer", "require", "verify-ca", "verify-full"];

/// What a SQLite URL may set: that it is read, which it is anyway.
const SQLITE_KEYS: [&str; 1] = ["mode"];

/// Reads `FILE`, `sqlite:FILE` or `postgres://USER@HOST/NAME`.
///
/// # Errors
/// `misconfigured`, naming what is wrong. A URL is not repeated: it may hold a password.
pub fn read(text: &str) -> Result<Place, Fault> {
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        check_keys(text, &POSTGRES_KEYS)?;
        return Ok(Place::Postgres(text.to_owned()));
    }
    if let Some(path) = text.strip_prefix("sqlite:").or_else(|| text.strip_prefix("file:")) {
        check_keys(text, &SQLITE_KEYS)?;
        let path = path.split('?').next().unwrap_or(path);
        return file(Path::new(path.strip_prefix("//").unwrap_or(path)));
    }
    if text.contains("://") {
        return Err(wrong("the database must be a file, sqlite:FILE or postgres://user@host/name"));
    }
    file(Path::new(text))
}

fn file(path: &Path) -> Result<Place, Fault> {
    let shown = path.display();
    if path.is_dir() {
        return Err(wrong(format!("{shown} is a folder; the database must be a file")));
    }
    if !path.exists() {
        return Err(wrong(format!(
            "there is no file {shown}; the database must be a file, sqlite:FILE or postgres://user@host/name"
        )));
    }
    // A worker may be started in another folder.
    Ok(Place::Sqlite(std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path))))
}

fn check_keys(url: &str, known: &[&'static str]) -> Result<(), Fault> {
    let Some((_, query)) = url.split_once('?') else { return Ok(()) };
    let query = query.split('#').next().unwrap_or(query);
    let mut faults = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let setting = key.starts_with("options[") && key.ends_with(']');
        if !(known.contains(&key) || setting && known.contains(&"options")) {
            let near = nearest(key, known.iter().copied());
            let near = if near.is_empty() { either(known) } else { either(&near) };
            faults.push(format!("the database URL sets `{key}`, which is not known here: did you mean {near}?"));
        } else if matches!(key, "sslmode" | "ssl-mode") && !SSL_MODES.contains(&value) {
            faults.push(format!("`{key}` in the database URL must be {}", either(&SSL_MODES)));
        } else if key == "port" && value.parse::<u16>().is_err() {
            faults.push("`port` in the database URL must be a number up to 65535".to_owned());
        } else if key == "mode" && value != "ro" {
            faults.push("`mode` in the database URL must be `ro`: the file is only read".to_owned());
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(wrong(faults.join("; "))) }
}

fn wrong(message: impl Into<String>) -> Fault {
    Fault::new(ErrorKind::Misconfigured, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let fault = read(text).unwrap_err();
        assert_eq!(fault.kind, ErrorKind::Misconfigured, "{text}");
        fault.message
    }

    #[test]
    fn an_unknown_key_is_a_fault_with_the_nearest_one() {
        assert!(refused("postgres://a:hunter2@h/d?sslmod=verify-full").contains("did you mean `sslmode`"));
        let both = refused("postgres://a:hunter2@h/d?target_session_attrs=read-only&sslmode=on");
        assert!(both.contains("`target_session_attrs`") && both.contains("`verify-full`"), "{both}");
        assert!(!both.contains("hunter2"));
        assert!(refused("postgresql://h/d?connect_timeout=3").contains("connect_timeout"));
        assert!(refused("sqlite:x.db?cache=shared").contains("cache"));
        for good in ["postgres://h/d", "postgres://h/d?sslmode=verify-full&options[search_path]=a&host=/tmp&port=5433"]
        {
            assert!(matches!(read(good), Ok(Place::Postgres(_))), "{good}");
        }
    }

    #[test]
    fn a_path_is_enough() {
        let file = std::env::current_exe().unwrap();
        let path = file.display().to_string();
        for good in
            [path.clone(), format!("sqlite:{path}"), format!("sqlite://{path}"), format!("sqlite:{path}?mode=ro")]
        {
            assert!(matches!(read(&good), Ok(Place::Sqlite(found)) if found == file), "{good}");
        }
        assert!(refused("/nowhere/x.db").contains("no file /nowhere/x.db"));
        assert!(refused("/").contains("folder"));
        assert!(!refused("mysql://root:hunter2@h/d").contains("hunter2"));
    }
}
