//! The configuration file: TOML, read whole, every fault with its line.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Fault, Origin};
use super::name::Name;
use super::unknown;
use super::value::{Given, Lines, Value};

/// Reads a file. With a fault in its syntax nothing of it is given.
pub(super) fn read(path: &Path, faults: &mut Vec<Fault>) -> Vec<Given> {
    match std::fs::read_to_string(path) {
        Ok(text) => parse(path, &text, faults),
        Err(cause) => {
            faults.push(
                Fault::new("--config", origin(path, 0), format!("the file cannot be read: {cause}"))
                    .remedy("name a readable TOML file in UTF-8"),
            );
            Vec::new()
        }
    }
}

/// Reads the text of a file.
pub(super) fn parse(path: &Path, text: &str, faults: &mut Vec<Fault>) -> Vec<Given> {
    let lines = Lines::new(text);
    let (document, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        let mut reader = Reader { path, lines, given: Vec::new(), faults };
        reader.table(document.get_ref(), "");
        return reader.given;
    }
    faults.extend(errors.iter().map(|error| {
        let line = error.span().map_or(0, |span| lines.of(span));
        Fault::new("TOML", origin(path, line), error.message())
    }));
    Vec::new()
}

fn origin(path: &Path, line: usize) -> Origin {
    Origin::File { path: path.to_owned(), line }
}

struct Reader<'a> {
    path: &'a Path,
    lines: Lines,
    given: Vec<Given>,
    faults: &'a mut Vec<Fault>,
}

impl Reader<'_> {
    /// Walks a table; `section` is its dotted name, empty at the top.
    fn table(&mut self, table: &DeTable<'_>, section: &str) {
        for (name, value) in table {
            let key =
                if section.is_empty() { name.get_ref().to_string() } else { format!("{section}.{}", name.get_ref()) };
            let line = self.lines.of(name.span());
            match value.get_ref() {
                // A quoted name with a dot would be a second way to write another key.
                _ if section != "tools" && name.get_ref().contains('.') => {
                    let fault = unknown::key(&format!("\"{key}\""), origin(self.path, line));
                    self.faults.push(fault.remedy("write the name without quotes"));
                }
                DeValue::Table(inner) if section == "tools" => self.tool(inner, name.get_ref()),
                DeValue::Table(inner) if unknown::is_section(&key) => self.table(inner, &key),
                found => match Name::parse(&key).filter(|_| section != "tools") {
                    Some(key) => self.give(key, found, line),
                    None => self.faults.push(unknown::key(&key, origin(self.path, line))),
                },
            }
        }
    }

    fn tool(&mut self, table: &DeTable<'_>, tool: &str) {
        for (name, value) in table {
            let line = self.lines.of(name.span());
            if let Some(key) = Name::of_tool(tool, name.get_ref()) {
                self.give(key, value.get_ref(), line);
            } else {
                let key = format!("tools.{tool}.{}", name.get_ref());
                self.faults.push(unknown::key(&key, origin(self.path, line)));
            }
        }
    }

    fn give(&mut self, key: Name, value: &DeValue<'_>, line: usize) {
        let value = Value::of(value, &self.lines);
        self.given.push(Given { key, value, origin: origin(self.path, line) });
    }
}

/// Reads a list out of a variable or a flag, in TOML's own writing.
pub(super) fn list(text: &str) -> Result<Value, String> {
    let parsed: Result<Spanned<DeValue<'_>>, _> = DeValue::parse(text);
    match parsed {
        Ok(value) => Ok(Value::of(value.get_ref(), &Lines::new(text))),
        Err(error) => Err(error.message().to_owned()),
    }
}
