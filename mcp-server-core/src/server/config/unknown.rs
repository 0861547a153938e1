//! Keys that do not exist: the fault says which was meant.

use super::fault::{Fault, Origin};
use super::key::TOOL;
use super::keys::KEYS;
use super::name::{Name, PREFIX, variable};
use crate::protocol::nearest::nearest;

const REMEDY: &str = "the README lists every key, and so does the subcommand `config`";

/// Whether a dotted name is that of a table, not of a value.
pub(super) fn is_section(name: &str) -> bool {
    name == "tools" || KEYS.iter().any(|key| key.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
}

/// The fault of a key in a file or a flag.
pub(super) fn key(name: &str, origin: Origin) -> Fault {
    if is_section(name) {
        return Fault::new(name, origin, "this is a table, not a value").allowed(fields(name));
    }
    let fault = Fault::new(name, origin, "unknown key").remedy(REMEDY);
    if let Some((tool, field)) = name.strip_prefix("tools.").and_then(|rest| rest.rsplit_once('.')) {
        let meant = nearest(field, KEYS.iter().filter_map(|key| key.name.strip_prefix(TOOL)));
        return fault.nearest(meant.map(|field| format!("tools.{tool}.{field}")));
    }
    if name.starts_with("tools.") {
        return fault.remedy("write a table of the tool's name: [tools.NAME]");
    }
    // The right word in the wrong place, or a slip of the finger in the right one.
    let last = last_part(name);
    let names = || KEYS.iter().map(|key| key.name).filter(|known| !known.starts_with(TOOL));
    let meant = nearest(name, names()).or_else(|| sections(name)).or_else(|| {
        let field = nearest(last, names().map(last_part))?;
        names().find(|known| last_part(known) == field)
    });
    fault.nearest(meant)
}

/// The fault of a variable of the environment.
pub(super) fn variable_named(name: &str, tools: &[&str]) -> Fault {
    let known: Vec<(String, String)> = variables(tools)
        .map(|name| (name.variable(), name.key.name))
        .map(|(variable, key)| (variable, last_part(key).to_ascii_uppercase()))
        .collect();
    // Without what all have in common, which would make them all look alike.
    let bare = |name: &str| name.strip_prefix(PREFIX).unwrap_or(name).to_owned();
    let bares: Vec<String> = known.iter().map(|(variable, _)| bare(variable)).collect();
    let whole = nearest(&bare(name), bares.iter().map(String::as_str)).map(|meant| format!("{PREFIX}{meant}"));
    let meant = whole.or_else(|| {
        let field = nearest(&bare(name), known.iter().map(|(_, field)| field.as_str()))?;
        known.iter().find(|(_, known)| known == field).map(|(variable, _)| variable.clone())
    });
    Fault::new(name, Origin::Environment(name.to_owned()), "unknown variable").nearest(meant).remedy(format!(
        "unset it, or write the key's name in upper case with `_` for `.`, such as {}",
        variable("http.addr")
    ))
}

/// Every key that a variable can set.
pub(super) fn variables(tools: &[&str]) -> impl Iterator<Item = Name> {
    KEYS.iter().flat_map(move |key| {
        let named: &[&str] = if key.name.starts_with(TOOL) { tools } else { &[""] };
        named.iter().map(move |tool| Name { key, tool: (*tool).to_owned() })
    })
}

/// The last part of a dotted name.
fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// The table that a misspelt one was meant to be.
fn sections(name: &str) -> Option<&'static str> {
    let known = KEYS.iter().filter_map(|key| key.name.split_once('.')).map(|(section, _)| section);
    if name.contains('.') { None } else { nearest(name, known) }
}

fn fields(section: &str) -> String {
    if section == "tools" {
        return "one table for each tool, [tools.NAME]".to_owned();
    }
    let under = |name: &'static str| name.strip_prefix(section).and_then(|rest| rest.strip_prefix('.'));
    let fields: Vec<_> = KEYS.iter().filter_map(|key| under(key.name)).collect();
    format!("[{section}] with {}", fields.join(", "))
}

/// Whether a fault's key is this one or a part of it, such as `auth.keys[0].hash` of `auth.keys`.
pub(super) fn concerns(fault: &str, key: &str) -> bool {
    fault.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}
