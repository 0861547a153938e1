//! Where the server is: read from the URL.

use std::fmt;

use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo, ProtocolVersion, parse_redis_url};

use crate::store::error::StoreError;

/// What the names of keys and channels begin with unless the URL says otherwise.
const PREFIX: &str = "mcp";
/// The longest prefix, in bytes.
const LONGEST: usize = 64;

/// A server, as a URL names it. Shows neither user nor password.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) info: ConnectionInfo,
    pub(super) prefix: String,
}

impl Place {
    /// Reads `redis://[USER][:PASSWORD@]HOST[:PORT][/DATABASE][?prefix=NAME]`, and the same with `rediss` and `valkeys`
    /// (TLS) or `valkey`.
    pub(super) fn read(url: &str) -> Result<Self, StoreError> {
        // Only the scheme is repeated: what follows may hold a password.
        let scheme = url.split(':').next().unwrap_or_default();
        let refuse = |why: &str| StoreError::url(format!("{scheme}:…"), why);
        let parsed = parse_redis_url(url).ok_or_else(|| refuse("write `redis://user:password@host:6379/0`"))?;
        if parsed.host_str().is_none_or(str::is_empty) {
            return Err(refuse("it names no host"));
        }
        if parsed.fragment().is_some() {
            return Err(refuse("nothing is taken after `#`; a TLS certificate is always verified"));
        }
        let mut prefix = PREFIX.to_owned();
        for (key, value) in parsed.query_pairs() {
            if key != "prefix" {
                return Err(refuse("the only option after `?` is `prefix`"));
            }
            prefix = value.into_owned();
        }
        if !is_prefix(&prefix) {
            return Err(refuse("a prefix has 1 to 64 letters, digits or any of `-_.:/`"));
        }
        let database = parsed.path().trim_matches('/');
        if !(database.is_empty() || database.parse::<u32>().is_ok()) {
            return Err(refuse("after the host comes the number of a database"));
        }
        let info = parsed.into_connection_info().map_err(|_| refuse("it is not the URL of a Redis server"))?;
        let settings = info
            .redis_settings()
            .clone()
            // The third protocol pushes messages and tells at once when a connection is gone.
            .set_protocol(ProtocolVersion::RESP3)
            .set_lib_name("mcp-server-core", env!("CARGO_PKG_VERSION"));
        Ok(Self { info: info.set_redis_settings(settings), prefix })
    }

    /// The number of the database.
    pub(super) fn database(&self) -> i64 {
        self.info.redis_settings().db()
    }

    /// The user, if the URL names one.
    pub(super) fn user(&self) -> Option<&str> {
        self.info.redis_settings().username()
    }

    /// Whether the connection is encrypted.
    pub(super) fn is_tls(&self) -> bool {
        matches!(self.info.addr(), ConnectionAddr::TcpTls { .. })
    }
}

fn is_prefix(prefix: &str) -> bool {
    let letter = |letter: char| letter.is_ascii_alphanumeric() || "-_.:/".contains(letter);
    (1..=LONGEST).contains(&prefix.len()) && prefix.chars().all(letter)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_tls() { "rediss" } else { "redis" };
        write!(f, "{scheme}://{}/{}", self.info.addr(), self.database())
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = self.to_string();
        f.debug_struct("Place").field("server", &server).field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_server_database_and_prefix() {
        for (url, place, prefix) in [
            ("redis://host", "redis://host:6379/0", "mcp"),
            ("valkey://user:hunter2@host:7000/3", "redis://host:7000/3", "mcp"),
            ("rediss://:hunter2@host/?prefix=team:a", "rediss://host:6379/0", "team:a"),
            ("valkeys://host/1?prefix=b", "rediss://host:6379/1", "b"),
        ] {
            let read = Place::read(url).unwrap();
            assert_eq!((read.to_string().as_str(), read.prefix.as_str()), (place, prefix));
            assert!(!format!("{read:?}").contains("hunter2"));
        }
    }

    #[test]
    fn what_is_not_read_is_refused_without_the_password() {
        for (url, word) in [
            ("redis:", "no host"),
            ("redis://:hunter2@", "write `redis://"),
            ("redis://:hunter2@host/app", "number of a database"),
            ("redis://:hunter2@host/-1", "number of a database"),
            ("redis://:hunter2@host/?timeout=3", "the only option"),
            ("redis://:hunter2@host/?prefix=", "a prefix has"),
            ("redis://:hunter2@host/?prefix=%7Bx%7D", "a prefix has"),
            ("rediss://:hunter2@host/#insecure", "always verified"),
            ("redis://:hunter2@host:port/", "write `redis://"),
        ] {
            let error = Place::read(url).unwrap_err().to_string();
            assert!(error.contains(word) && !error.contains("hunter2"), "{url}: {error}");
        }
    }
}
