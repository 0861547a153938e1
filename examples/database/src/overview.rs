//! The overview: the whole schema on a page, for people and for the start of a conversation.

use std::fmt::Write as _;

use crate::catalogue::Catalogue;
use crate::database::Database;

/// How long an overview may get, in characters; what is left out is said.
pub const LONGEST: usize = 24_000;

/// How long it may get where it is only the beginning: some 1 500 tokens.
pub const BRIEF: usize = 6_000;

/// Writes the tables with their columns, one a line. Where that is too long, the rest is names alone, and what does not
/// fit even so is counted.
pub fn write(db: &Database, catalogue: &Catalogue, longest: usize) -> String {
    let tables = &catalogue.tables;
    let mut text = format!("# {} tables ({})\n\n", tables.len(), db.engine());
    // Names are worth more than columns: they can be described.
    let mut names: usize = tables.iter().map(|table| table.sql_name().chars().count() + 2).sum();
    let mut shown = 0;
    let mut room = longest.saturating_sub(text.len() + 200);
    for table in tables {
        let columns: Vec<String> =
            table.columns.iter().map(|column| format!("{} {}", column.name, column.type_name)).collect();
        let comment = table.comment.as_deref().map(|comment| format!(": {comment}")).unwrap_or_default();
        let line = format!("- {} {}{comment} ({})\n", table.kind, table.sql_name(), columns.join(", "));
        let length = line.chars().count();
        let name = table.sql_name().chars().count() + 2;
        if length + names.saturating_sub(name).min(longest / 2) > room {
            break;
        }
        text.push_str(&line);
        (room, names, shown) = (room - length, names.saturating_sub(name), shown + 1);
    }
    let rest = tables.get(shown..).unwrap_or_default();
    let mut listed = Vec::new();
    for name in rest.iter().map(crate::catalogue::Table::sql_name) {
        let length = name.chars().count() + 2;
        if length > room {
            break;
        }
        room -= length;
        listed.push(name);
    }
    if !listed.is_empty() {
        // Writing to a `String` does not fail.
        write!(text, "\nWithout their columns: {}.\n", listed.join(", ")).unwrap_or_default();
    }
    let left = rest.len() - listed.len();
    if left > 0 {
        write!(text, "\n{left} more tables are left out; `search_catalogue` finds them.\n").unwrap_or_default();
    }
    text
}
