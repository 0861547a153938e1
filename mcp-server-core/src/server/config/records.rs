//! Keys whose value is a list of tables: bearer keys and sealing keys.

use std::time::SystemTime;

use super::fault::{Fault, Origin};
use super::read::{list, text};
use super::secrets::{BearerKey, LEAST_SECRET, SealSecret};
use super::value::{Given, Value};
use super::{file, hash, instant};
use crate::protocol::nearest::nearest;

const BEARER: &str =
    "a list of tables, each { id = \"…\", hash = \"sha256:…\", scopes = [\"…\"], expires = 2027-01-31 }";
const SEAL: &str = "a list of tables, each { id = \"…\", secret = \"…\" }";
const HASH: &str = "sha256: and 64 hexadecimal digits; the subcommand `keygen` prints it";

/// Reads bearer keys.
pub(super) fn bearer_keys(given: &Given, into: &mut Vec<BearerKey>, faults: &mut Vec<Fault>) {
    let mut keys = Vec::new();
    for mut record in records(given, BEARER, faults) {
        let id = record.id(faults);
        let hash = record.field("hash", faults, |value| text(value).ok().and_then(hash::read).ok_or(HASH));
        let scopes = record.optional("scopes", faults, |value| {
            list(value)
                .ok()
                .filter(|scopes| scopes.iter().all(|scope| is_scope(scope)))
                .ok_or("a list of scopes, each of visible ASCII without quotes")
        });
        let expires = record.optional("expires", faults, expiry);
        record.end(&["id", "hash", "scopes", "expires"], faults);
        if let (Some(id), Some(hash)) = (id, hash) {
            keys.push(BearerKey { id, hash, scopes: scopes.unwrap_or_default(), expires });
        }
    }
    *into = keys;
}

/// Reads sealing keys; no message says anything of a secret but its length.
pub(super) fn seal_keys(given: &Given, into: &mut Vec<SealSecret>, faults: &mut Vec<Fault>) {
    let mut keys = Vec::new();
    for mut record in records(given, SEAL, faults) {
        let id = record.id(faults);
        let secret = record.field("secret", faults, |value| {
            let long = text(value).ok().filter(|secret| secret.len() >= LEAST_SECRET);
            long.map(str::to_owned).ok_or("text of at least 32 bytes; the subcommand `keygen` makes one")
        });
        record.end(&["id", "secret"], faults);
        if let (Some(id), Some(secret)) = (id, secret) {
            keys.push(SealSecret { id, secret });
        }
    }
    *into = keys;
}

fn expiry(value: &Value) -> Result<SystemTime, &'static str> {
    let written = match value {
        Value::Datetime(written) | Value::Text(written) => Some(written),
        _ => None,
    };
    written
        .and_then(|written| instant::read(written))
        .ok_or("a date, or a time with its zone: 2027-01-31 or 2027-01-31T12:00:00Z")
}

/// Scopes travel in the challenge's quoted string (RFC 6750, section 3).
fn is_scope(scope: &str) -> bool {
    scope.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
}

/// One table of a list.
struct Record {
    name: String,
    origin: Origin,
    /// The line of the first field.
    line: usize,
    fields: Vec<(String, usize, Value)>,
}

fn records(given: &Given, allowed: &str, faults: &mut Vec<Fault>) -> Vec<Record> {
    let fault = |problem: String| Fault::new(given.key.to_string(), given.origin.clone(), problem).allowed(allowed);
    let parsed = match &given.value {
        Value::Loose(text) => match file::list(text) {
            Ok(value) => value,
            Err(cause) => {
                faults.push(fault(cause));
                return Vec::new();
            }
        },
        value => value.clone(),
    };
    let Value::List(items) = parsed else {
        faults.push(fault(format!("this is {}", parsed.kind())));
        return Vec::new();
    };
    let mut records = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        let name = format!("{}[{index}]", given.key);
        match item {
            Value::Table(fields) => {
                let line = fields.iter().map(|(_, line, _)| *line).min().unwrap_or(0);
                records.push(Record { name, origin: given.origin.clone(), line, fields });
            }
            other => faults
                .push(Fault::new(name, given.origin.clone(), format!("this is {}", other.kind())).allowed(allowed)),
        }
    }
    records
}

impl Record {
    fn id(&mut self, faults: &mut Vec<Fault>) -> Option<String> {
        self.field("id", faults, |value| {
            let id =
                text(value).ok().filter(|id| id.len() <= 128 && id.chars().all(|character| !character.is_control()));
            id.map(str::to_owned).ok_or("a name of up to 128 bytes")
        })
    }

    /// A field that must be there.
    fn field<T>(
        &mut self,
        field: &str,
        faults: &mut Vec<Fault>,
        read: impl FnOnce(&Value) -> Result<T, &'static str>,
    ) -> Option<T> {
        if !self.fields.iter().any(|(name, _, _)| name == field) {
            faults.push(Fault::new(format!("{}.{field}", self.name), self.at(self.line), "it is missing"));
            return None;
        }
        self.optional(field, faults, read)
    }

    /// A field that may be there; its value may be secret and is never repeated.
    fn optional<T>(
        &mut self,
        field: &str,
        faults: &mut Vec<Fault>,
        read: impl FnOnce(&Value) -> Result<T, &'static str>,
    ) -> Option<T> {
        let at = self.fields.iter().position(|(name, _, _)| name == field)?;
        let (_, line, value) = self.fields.swap_remove(at);
        match read(&value) {
            Ok(value) => Some(value),
            Err(allowed) => {
                let problem = match &value {
                    Value::Text(text) => format!("its text of {} bytes is not of the right form", text.len()),
                    other => format!("{} is not of the right form", other.kind()),
                };
                faults.push(Fault::new(format!("{}.{field}", self.name), self.at(line), problem).allowed(allowed));
                None
            }
        }
    }

    /// Refuses the fields that nobody read.
    fn end(self, known: &[&str], faults: &mut Vec<Fault>) {
        for (field, line, _) in &self.fields {
            let fault = Fault::new(format!("{}.{field}", self.name), self.at(*line), "unknown field");
            faults.push(fault.allowed(known.join(", ")).nearest(nearest(field, known.iter().copied())));
        }
    }

    /// Where a field stands; an empty record stands where its list does.
    fn at(&self, line: usize) -> Origin {
        match &self.origin {
            Origin::File { path, .. } if line > 0 => Origin::File { path: path.clone(), line },
            origin => origin.clone(),
        }
    }
}
