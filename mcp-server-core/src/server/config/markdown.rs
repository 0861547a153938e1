//! The README's table of keys.

use super::effective::show;
use super::key::{Key, Slot, TOOL};
use super::keys::KEYS;
use super::name::Name;
use super::range;
use super::settings::Config;

const BEGIN: &str = "<!-- configuration:begin -->";
const END: &str = "<!-- configuration:end -->";

/// The table of all keys as the README shows it, in Markdown.
///
/// ```
/// use mcp_server_core::server::config::markdown_table;
///
/// assert!(markdown_table().lines().any(|row| row.starts_with("| `http.addr` |")));
/// ```
pub fn markdown_table() -> String {
    let row = |key: &'static Key| {
        let kind = kind(key);
        let kind = range::describe(key).map_or_else(|| kind.clone(), |range| format!("{kind}, {range}"));
        format!("| `{}` | {kind} | {} | {} |\n", key.name, default(key), key.meaning)
    };
    let head = "| Key | Value | Default | Meaning |\n|---|---|---|---|\n";
    std::iter::once(head.to_owned()).chain(KEYS.iter().map(row)).collect()
}

/// A text with the table between its two marks, `<!-- configuration:begin -->` and `<!-- configuration:end -->`; `None`
/// without them. A README that is not equal to its own renewal is out of date.
///
/// ```
/// use mcp_server_core::server::config::{markdown_table, with_table};
///
/// let renewed = with_table("<!-- configuration:begin -->\nstale\n<!-- configuration:end -->\n").unwrap();
/// assert!(renewed.contains(&markdown_table()) && !renewed.contains("stale"));
/// ```
pub fn with_table(text: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{}{END}{after}", markdown_table()))
}

fn kind(key: &Key) -> String {
    match (key.slot)(&mut Config::default(), "") {
        Slot::Address(_) | Slot::OptionalAddress(_) => "address and port".to_owned(),
        Slot::Bytes(_) | Slot::OptionalBytes(_) => "size".to_owned(),
        Slot::Choice(choice) => format!("`{}`", choice.words().join("`, `")),
        Slot::Count(_) | Slot::OptionalCount(_) => "number".to_owned(),
        Slot::Duration(_) | Slot::OptionalDuration(_) => "duration".to_owned(),
        Slot::Flag(_) => "`true`, `false`".to_owned(),
        Slot::List(_) => "list of texts".to_owned(),
        Slot::Text(_) | Slot::OptionalText(_) => "text".to_owned(),
        Slot::Secret(_) => "text, secret".to_owned(),
        Slot::Url(_) => "URL, may hold a secret".to_owned(),
        Slot::BearerKeys(_) => "list of tables".to_owned(),
        Slot::SealKeys(_) => "list of tables, secret".to_owned(),
    }
}

fn default(key: &'static Key) -> String {
    let name = Name { key, tool: String::new() };
    match show(&name, &mut Config::default()) {
        Some(value) => format!("`{}`", value.trim_matches('"')),
        None if key.name.starts_with(TOOL) => "as declared".to_owned(),
        None => "–".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{KEYS, markdown_table, with_table};

    #[test]
    fn every_key_has_a_row_of_four_cells() {
        let table = markdown_table();
        assert_eq!(table.lines().count(), KEYS.len() + 2);
        for row in table.lines() {
            assert_eq!(row.matches('|').count(), 5, "{row}");
        }
    }

    #[test]
    fn defaults_bounds_and_words_are_shown() {
        let table = markdown_table();
        for part in [
            "| `http.addr` | address and port | `127.0.0.1:8080` |",
            "| `http.max_body` | size, 1KiB to 1GiB | `4MiB` |",
            "| `log.format` | `auto`, `pretty`, `json` | `auto` |",
            "| `tools.<name>.timeout` | duration, 1ms to 1d | as declared |",
            "| `store.url` | URL, may hold a secret | – |",
        ] {
            assert!(table.contains(part), "{part}\n{table}");
        }
    }
    #[test]
    fn the_readme_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
        let readme = std::fs::read_to_string(path).unwrap();
        let renewed = with_table(&readme).expect("the README has both marks");
        if std::env::var_os("UPDATE_README").is_some() {
            std::fs::write(path, &renewed).unwrap();
        } else {
            assert!(readme == renewed, "the README's table of keys is out of date: run this test with UPDATE_README=1");
        }
        assert_eq!(with_table("no marks"), None);
    }
}
