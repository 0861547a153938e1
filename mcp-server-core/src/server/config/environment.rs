//! Variables of the environment: every one that begins with our prefix is ours; of others, only OpenTelemetry's are looked
//! at.

use super::fault::{Fault, Origin};
use super::name::PREFIX;
use super::standard;
use super::unknown;
use super::value::{Given, Value};

/// The variable that names the configuration file, as `--config` does.
pub(super) const FILE: &str = "MCP_SERVER_CONFIG";

/// Takes the variables that are ours. A blank one counts as unset.
pub(super) fn read(variables: &[(String, String)], tools: &[&str], faults: &mut Vec<Fault>) -> Vec<Given> {
    let mut given = Vec::new();
    for (variable, text) in variables.iter().filter(|(name, _)| name.starts_with(PREFIX) && name != FILE) {
        let origin = Origin::Environment(variable.clone());
        let mut keys = unknown::variables(tools).filter(|key| key.variable() == *variable);
        match (keys.next(), keys.next()) {
            (None, _) => faults.push(unknown::variable_named(variable, tools)),
            (Some(key), Some(other)) => faults.push(
                Fault::new(key.to_string(), origin, format!("this variable would set `{other}` too"))
                    .remedy("set both in the file, or by --set"),
            ),
            (Some(key), None) => {
                let text = text.trim();
                if text.contains(char::REPLACEMENT_CHARACTER) {
                    faults.push(Fault::new(key.to_string(), origin, "the variable is not Unicode"));
                } else if !text.is_empty() {
                    given.push(Given { key, value: Value::Loose(text.to_owned()), origin });
                }
            }
        }
    }
    given
}

/// The variables of this process that are ours or OpenTelemetry's; one that is not Unicode is kept with its bad parts
/// replaced.
pub(super) fn of_process() -> Vec<(String, String)> {
    std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
        .filter(|(name, _)| name.starts_with(PREFIX) || name.starts_with(standard::PREFIX))
        .collect()
}
