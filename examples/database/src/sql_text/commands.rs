//! Commands of shells and of other databases that stand where a query should.

use super::lexer::Dialect;

/// What to do instead of a command that is no query here; `None` if the text may be one.
pub(super) fn instead_of_statement(text: &str, dialect: Dialect) -> Option<String> {
    let text = text.trim().trim_end_matches(';').trim();
    let mut words = text.split_whitespace();
    let first = words.next()?.to_lowercase();
    let rest: Vec<String> = words.map(|word| word.trim_matches(['`', '"', '\'', ';', '[', ']']).to_owned()).collect();
    let second = rest.first().map(|word| word.to_lowercase()).unwrap_or_default();
    let list = || Some("Call the tool `list_tables` to see the tables.".to_owned());
    let describe = |table: Option<&String>| {
        Some(match table {
            Some(table) => format!("Call the tool `describe_table` with {{\"tables\": [\"{table}\"]}}."),
            None => "Call the tool `describe_table` with the names of the tables.".to_owned(),
        })
    };
    match first.as_str() {
        "describe" | "desc" => describe(rest.iter().rfind(|word| !word.eq_ignore_ascii_case("table"))),
        "\\d" | "\\d+" | ".schema" if !rest.is_empty() => describe(rest.first()),
        "\\d" | "\\dt" | "\\dt+" | "\\dv" | ".tables" | ".schema" => list(),
        "\\l" | "\\dn" | "\\c" | ".databases" | "use" => {
            Some("This server reads one database; call `list_tables` to see its schemas and tables.".to_owned())
        }
        "show" => match second.as_str() {
            "tables" | "full" | "views" => list(),
            "databases" | "schemas" => {
                Some("This server reads one database; call `list_tables` to see its schemas and tables.".to_owned())
            }
            "columns" | "fields" | "create" | "index" | "indexes" | "keys" => {
                describe(rest.last().filter(|_| rest.len() > 1))
            }
            _ if dialect == Dialect::Sqlite => {
                Some("SQLite has no SHOW. Call `list_tables` or `describe_table`, or write a SELECT.".to_owned())
            }
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_leads_to_the_tool() {
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            for command in ["SHOW TABLES", "show full tables;", "\\dt", ".tables"] {
                assert!(instead_of_statement(command, dialect).unwrap().contains("list_tables"), "{command}");
            }
            for command in [
                "DESCRIBE strike",
                "desc `strike`;",
                "\\d strike",
                "SHOW COLUMNS FROM strike",
                "SHOW CREATE TABLE strike",
                "DESCRIBE TABLE strike",
            ] {
                assert!(instead_of_statement(command, dialect).unwrap().contains("[\"strike\"]"), "{command}");
            }
            assert_eq!(instead_of_statement("SELECT 1", dialect), None);
        }
        assert_eq!(instead_of_statement("SHOW search_path", Dialect::Postgres), None);
        assert!(instead_of_statement("SHOW search_path", Dialect::Sqlite).is_some());
    }
}
