//! One key of the configuration: its name, its type and where its value lives.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use super::choice::Choice;
use super::keys::KEYS;
use super::secrets::{BearerKey, SealSecret};
use super::settings::Config;

/// What stands for a tool's name in the name of a key.
pub(super) const TOOL: &str = "tools.<name>.";

/// Everything there is to know about a key.
pub(super) struct Key {
    /// The dotted name; keys of single tools begin with [`TOOL`].
    pub(super) name: &'static str,
    /// The least and the greatest value, for a type that has them: milliseconds, bytes or pieces.
    pub(super) bounds: (u64, u64),
    /// What it means, in one sentence.
    pub(super) meaning: &'static str,
    /// Where it lives in a configuration; the tool's name matters to the keys of single tools alone.
    pub(super) slot: for<'a> fn(&'a mut Config, &str) -> Slot<'a>,
}

/// The place of a value, and with it the type.
pub(super) enum Slot<'a> {
    Address(&'a mut SocketAddr),
    Bytes(&'a mut usize),
    Choice(&'a mut dyn Choice),
    Count(&'a mut usize),
    Duration(&'a mut Duration),
    Flag(&'a mut bool),
    List(&'a mut Vec<String>),
    Text(&'a mut String),
    OptionalBytes(&'a mut Option<u64>),
    OptionalCount(&'a mut Option<u32>),
    OptionalDuration(&'a mut Option<Duration>),
    OptionalText(&'a mut Option<String>),
    /// Text that may hold a password: it is never repeated whole.
    Url(&'a mut Option<String>),
    BearerKeys(&'a mut Vec<BearerKey>),
    SealKeys(&'a mut Vec<SealSecret>),
}

/// A key as somebody named it: for a key of single tools, of a certain tool.
#[derive(Clone)]
pub(super) struct Name {
    pub(super) key: &'static Key,
    pub(super) tool: String,
}

impl Name {
    /// The key of a dotted name. A tool's name may itself have dots: it is all between the first and the last.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some((tool, field)) = text.strip_prefix("tools.").and_then(|rest| rest.rsplit_once('.')) {
            let tool = tool.strip_prefix('"').and_then(|tool| tool.strip_suffix('"')).unwrap_or(tool);
            return if tool.is_empty() { None } else { Self::of_tool(tool, field) };
        }
        KEYS.iter().find(|key| key.name == text).map(|key| Self { key, tool: String::new() })
    }

    /// A key of a single tool.
    pub(super) fn of_tool(tool: &str, field: &str) -> Option<Self> {
        let key = KEYS.iter().find(|key| key.name.strip_prefix(TOOL) == Some(field))?;
        Some(Self { key, tool: tool.to_owned() })
    }

    /// Where its value lives.
    pub(super) fn slot<'a>(&self, config: &'a mut Config) -> Slot<'a> {
        (self.key.slot)(config, &self.tool)
    }

    /// The variable of the environment that sets it.
    pub(super) fn variable(&self) -> String {
        variable(&self.to_string())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.name.strip_prefix(TOOL) {
            Some(field) => write!(f, "tools.{}.{field}", self.tool),
            None => f.write_str(self.key.name),
        }
    }
}

/// What the names of variables begin with.
pub(super) const PREFIX: &str = "MCP_SERVER_";

/// The variable of the environment for a dotted name.
pub(super) fn variable(key: &str) -> String {
    let upper = |character: char| if character.is_ascii_alphanumeric() { character.to_ascii_uppercase() } else { '_' };
    PREFIX.chars().chain(key.chars().map(upper)).collect()
}
