//! The configuration that holds, with the origin of every value, and how it is shown.

use std::collections::BTreeMap;

use super::fault::{Fault, Origin};
use super::instant;
use super::key::Slot;
use super::name::Name;
use super::settings::Config;
use super::unit::{show_duration, show_size};
use super::unknown;
use crate::telemetry::Wanted;

/// A configuration that passed every check, and where its values came from.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Effective {
    /// The values.
    pub config: Config,
    /// Whether the program verifies callers itself.
    pub(crate) verified: bool,
    /// What the standard variables want exported.
    pub(crate) exports: Wanted,
    /// What the standard `OTEL_*` variables say and is ignored, with the reason.
    pub ignored: Vec<Fault>,
    /// Where the values came from that are not as the program has them, by key.
    pub(super) origins: BTreeMap<String, Origin>,
}

/// One value and its origin, as text. Secrets are `***`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shown {
    /// The key.
    pub key: String,
    /// The value as TOML; `None` if it is not set and has no default.
    pub value: Option<String>,
    /// Where it came from.
    pub origin: Origin,
}

impl Effective {
    pub(super) fn new(config: Config, verified: bool) -> Self {
        Self { config, verified, exports: Wanted::default(), ignored: Vec::new(), origins: BTreeMap::new() }
    }

    /// Where the value of a key came from.
    pub fn origin(&self, key: &str) -> Origin {
        if let Some(origin) = self.origins.get(key) {
            return origin.clone();
        }
        let shown = |config: &Config| Name::parse(key).and_then(|name| show(&name, &mut config.clone()));
        if shown(&self.config) == shown(&Config::default()) { Origin::Default } else { Origin::Code }
    }

    /// Whether a source gave a value for a key.
    pub(super) fn is_given(&self, key: &str) -> bool {
        self.origins.contains_key(key)
    }

    /// Where something was first said of a tool; its key is that of its table, `tools.NAME`.
    pub(super) fn origin_of_tool(&self, tool: &str) -> Origin {
        let said = self.origins.iter().find(|(key, _)| key.rsplit_once('.').is_some_and(|(table, _)| table == tool));
        said.map_or(Origin::Code, |(_, origin)| origin.clone())
    }

    /// Every key with its value and origin, in the order of the README's table.
    pub fn rows(&self) -> Vec<Shown> {
        let tools: Vec<&str> = self.config.tools.keys().map(String::as_str).collect();
        let row = |name: Name| {
            let key = name.to_string();
            Shown { origin: self.origin(&key), value: show(&name, &mut self.config.clone()), key }
        };
        unknown::variables(&tools).map(row).collect()
    }
}

/// A value as TOML writes it.
pub(super) fn show(name: &Name, config: &mut Config) -> Option<String> {
    let list = |items: Vec<String>| format!("[{}]", items.join(", "));
    Some(match name.slot(config) {
        Slot::Address(address) => quoted(&address.to_string()),
        Slot::Bytes(bytes) => quoted(&show_size(*bytes as u64)),
        Slot::Choice(choice) => quoted(choice.word()),
        Slot::Count(count) => count.to_string(),
        Slot::Duration(duration) => quoted(&show_duration(*duration)),
        Slot::Flag(flag) => flag.to_string(),
        Slot::List(items) => list(items.iter().map(|item| quoted(item)).collect()),
        Slot::Text(text) => quoted(text),
        Slot::OptionalAddress(address) => quoted(&(*address)?.to_string()),
        Slot::OptionalBytes(bytes) => quoted(&show_size((*bytes)?)),
        Slot::OptionalCount(count) => (*count)?.to_string(),
        Slot::OptionalDuration(duration) => quoted(&show_duration((*duration)?)),
        Slot::OptionalText(text) => quoted(text.as_deref()?),
        Slot::Secret(secret) => secret.as_ref().map(|_| quoted("***"))?,
        Slot::Url(url) => quoted(&without_password(url.as_deref()?)),
        Slot::BearerKeys(keys) => list(
            keys.iter()
                .map(|key| {
                    let scopes = list(key.scopes.iter().map(|scope| quoted(scope)).collect());
                    let expires =
                        key.expires.map(|at| format!(", expires = {}", instant::write(at))).unwrap_or_default();
                    format!("{{ id = {}, hash = \"***\", scopes = {scopes}{expires} }}", quoted(&key.id))
                })
                .collect(),
        ),
        Slot::SealKeys(keys) => {
            list(keys.iter().map(|key| format!("{{ id = {}, secret = \"***\" }}", quoted(&key.id))).collect())
        }
    })
}

/// A URL whose password is `***`.
fn without_password(url: &str) -> String {
    let masked = || {
        let (scheme, rest) = url.split_once("://")?;
        let (authority, _) = rest.split_once(['/', '?', '#']).unwrap_or((rest, ""));
        let (user, _) = authority.rsplit_once('@')?;
        let (name, _) = user.split_once(':')?;
        Some(format!("{scheme}://{name}:***{}", rest.get(user.len()..)?))
    };
    masked().unwrap_or_else(|| url.to_owned())
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
