//! The names of keys: dotted, with a tool's name inside where they are a tool's, and as variables.

use std::fmt;

use super::key::{Key, Slot, TOOL};
use super::keys::KEYS;
use super::settings::Config;

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
