//! The overview: the whole schema on a page, for people and for the start of a conversation.

use std::fmt::Write as _;

use crate::catalogue::Catalogue;
use crate::database::Database;

/// How long an overview may get, in bytes; what is left out is said.
const LONGEST: usize = 24 * 1024;

/// Writes the tables with their columns, one a line.
pub fn write(db: &Database, catalogue: &Catalogue) -> String {
    let mut text = format!("# {} tables ({})\n\n", catalogue.tables.len(), db.engine());
    for (index, table) in catalogue.tables.iter().enumerate() {
        let columns: Vec<String> =
            table.columns.iter().map(|column| format!("{} {}", column.name, column.type_name)).collect();
        let comment = table.comment.as_deref().map(|comment| format!(": {comment}")).unwrap_or_default();
        let line = format!("- {} {}{comment} ({})\n", table.kind, table.sql_name(), columns.join(", "));
        if text.len() + line.len() > LONGEST {
            let left = catalogue.tables.len() - index;
            // Writing to a `String` does not fail.
            write!(text, "\n{left} more tables are left out; `search_catalogue` finds them.\n").unwrap_or_default();
            break;
        }
        text.push_str(&line);
    }
    text
}
