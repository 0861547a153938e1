//! The rules of loading, each with the fault that breaks it.

use std::io::Write as _;
use std::path::PathBuf;

mod rules;
mod sources;

use super::{Config, Effective, Faults, LogFormat, Origin, Sources, Transport, load};

const TOOLS: &[&str] = &["search_tickets", "close-ticket", "close_ticket", "a.b"];

/// A file in a folder of its own, gone with the test.
struct File(PathBuf);

impl File {
    fn new(text: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("mcp-config-{}", crate::store::seal::random_id()));
        std::fs::create_dir(&folder).unwrap();
        let path = folder.join("mcp.toml");
        std::fs::File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        std::fs::remove_dir_all(self.0.parent().unwrap()).unwrap();
    }
}

fn variables(variables: &[(&str, &str)]) -> Vec<(String, String)> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn of_file(text: &str) -> Result<Effective, Faults> {
    let file = File::new(text);
    load(&Sources { file: Some(file.0.clone()), ..Sources::default() }, TOOLS)
}

fn of_variable(name: &str, value: &str) -> Result<Effective, Faults> {
    load(&Sources { environment: variables(&[(name, value)]), ..Sources::default() }, TOOLS)
}

fn of_flag(key: &str, value: &str) -> Result<Effective, Faults> {
    load(&Sources::default().set(key, value), TOOLS)
}

/// The only fault of a file, as text after the file's name.
fn fault(text: &str) -> String {
    let faults = of_file(text).unwrap_err();
    let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    let line = lines.into_iter().next().unwrap();
    match line
        .split_once('(')
        .and_then(|(key, rest)| rest.split_once("mcp.toml").map(|(_, rest)| format!("{key}({rest}")))
    {
        Some(short) => short,
        None => line,
    }
}
