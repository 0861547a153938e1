//! Flags of the command line that set keys.

use super::fault::{Fault, Origin};
use super::name::Name;
use super::unknown;
use super::value::{Given, Value};

/// A key set by a flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// The flag, such as `--http`.
    pub(crate) flag: &'static str,
    /// The key; what was written, if it is none.
    pub(crate) key: String,
    /// The value as text.
    pub(crate) value: Option<String>,
}

/// Takes the flags. Two for the same key are a fault: one of them would be ignored.
pub(super) fn read(settings: &[Setting], faults: &mut Vec<Fault>) -> Vec<Given> {
    let mut given = Vec::new();
    for setting in settings {
        let key = setting.key.trim();
        let origin =
            Origin::Flag(if setting.flag == "--set" { format!("--set {key}") } else { setting.flag.to_owned() });
        match (Name::parse(key), setting.value.as_deref().map(str::trim)) {
            (None, _) => faults.push(unknown::key(key, origin)),
            (Some(name), None | Some("")) => faults.push(
                Fault::new(name.to_string(), origin, "no value").remedy("write --set KEY=VALUE; an empty list is []"),
            ),
            (Some(name), Some(_)) if given.iter().any(|before: &Given| before.key.to_string() == name.to_string()) => {
                let fault = Fault::new(name.to_string(), origin, "flags set this key twice");
                faults.push(fault.remedy("leave one of them out"));
            }
            (Some(key), Some(value)) => given.push(Given { key, value: Value::Loose(value.to_owned()), origin }),
        }
    }
    given
}
