//! What in a query is of another dialect, and how this engine writes it.

use super::functions::instead_of;
use crate::sql_text::{Dialect, Piece, Statement, Token};

/// How many phrases one error explains.
const MOST: usize = 3;

/// Advice for a query that the engine could not read; `None` if nothing in it is known to be of another dialect.
pub(crate) fn advice(statement: &Statement) -> Option<String> {
    let dialect = statement.dialect();
    let mut found: Vec<String> = Vec::new();
    for call in statement.calls() {
        found.extend(instead_of(&call, dialect).map(str::to_owned));
    }
    found.extend(words(statement));
    found.dedup();
    found.truncate(MOST);
    let engine = match dialect {
        Dialect::Sqlite => "SQLite",
        Dialect::Postgres => "PostgreSQL",
    };
    (!found.is_empty()).then(|| format!("{engine} writes {}.", found.join("; ")))
}

/// The words and marks of other dialects.
fn words(statement: &Statement) -> Vec<String> {
    let pieces = statement.pieces();
    let at = (0..pieces.len()).map(|at| Place { pieces, at });
    let phrase = |place: Place<'_>| {
        let own = match statement.dialect() {
            Dialect::Sqlite => for_sqlite(place),
            Dialect::Postgres => for_postgres(place),
        };
        own.or_else(|| for_both(place)).map(str::to_owned)
    };
    at.filter_map(phrase).collect()
}

/// A place among the pieces of a query.
#[derive(Clone, Copy)]
struct Place<'a> {
    pieces: &'a [Piece],
    at: usize,
}

impl<'a> Place<'a> {
    fn token(self, ahead: usize) -> Option<&'a Token> {
        self.pieces.get(self.at + ahead).map(|piece| &piece.token)
    }

    /// The word that stands so many pieces ahead, or an empty text.
    fn word(self, ahead: usize) -> &'a str {
        match self.token(ahead) {
            Some(Token::Name { text, quoted: false }) => text,
            _ => "",
        }
    }

    fn literal(self, ahead: usize) -> bool {
        self.token(ahead) == Some(&Token::Literal)
    }

    fn mark(self, ahead: usize, mark: char) -> bool {
        self.token(ahead) == Some(&Token::Mark(mark))
    }
}

fn for_both(place: Place<'_>) -> Option<&'static str> {
    Some(match place.word(0) {
        "top" if place.literal(1) || place.mark(1, '(') => "the first rows: LIMIT 10 at the end, not TOP",
        "qualify" => "a condition on a window function: a sub-query around it, with WHERE outside",
        "pivot" | "unpivot" => "a pivot: sum(CASE WHEN a = 'x' THEN b END) AS x for each value",
        "nolock" => "no locking hints",
        _ => return None,
    })
}

fn for_sqlite(place: Place<'_>) -> Option<&'static str> {
    let next = place.word(1);
    Some(match place.word(0) {
        "fetch" if matches!(next, "first" | "next") => "the first rows: LIMIT 10, not FETCH FIRST",
        "ilike" => "ILIKE as LIKE, which ignores the case of letters from a to z",
        "interval" => "an interval: date(x, '+7 days') or datetime(x, '-1 hour')",
        "regexp" | "rlike" | "similar" => "a pattern: x LIKE 'a%' or x GLOB '[0-9]*'",
        "distinct" if next == "on" => {
            "DISTINCT ON with row_number() OVER (PARTITION BY a ORDER BY b) = 1 in a sub-query"
        }
        "lateral" => "no LATERAL: a correlated sub-query in the list of columns",
        "array" if place.mark(1, '[') => "no arrays: x IN (1, 2, 3)",
        "any" | "all" if place.mark(1, '(') => "ANY and ALL as x IN (…) or NOT IN (…)",
        "rollup" | "cube" | "grouping" => "totals: a second SELECT with UNION ALL",
        "at" if next == "time" => "no time zones: datetime(x, 'localtime') or datetime(x, '+2 hours')",
        "information_schema" | "pg_catalog" | "pg_tables" => {
            "no information_schema: call the tool `list_tables` or `describe_table`"
        }
        "date" | "timestamp" if place.literal(1) => "a date as text: '2024-05-06', without DATE before it",
        _ if place.token(0) == Some(&Token::Cast) => "x::type as CAST(x AS type); dates: date(x)",
        _ if place.mark(0, '~') && place.literal(1) => "a pattern: x LIKE 'a%' or x GLOB '[0-9]*'",
        _ => return None,
    })
}

fn for_postgres(place: Place<'_>) -> Option<&'static str> {
    Some(match place.word(0) {
        "limit" if place.literal(1) && place.mark(2, ',') => "LIMIT 5, 10 as LIMIT 10 OFFSET 5",
        "glob" => "GLOB as LIKE, or ~ with a regular expression",
        "regexp" | "rlike" => "a regular expression: x ~ 'a+', without case: x ~* 'a+'",
        "sqlite_master" | "sqlite_schema" | "sqlite_sequence" => {
            "no sqlite_master: call the tool `list_tables` or `describe_table`"
        }
        text if text.starts_with("pragma_") => "no pragmas: call the tool `describe_table`",
        "dual" => "SELECT without FROM, not FROM dual",
        "rowid" => "no rowid: the primary key, or ctid",
        _ if place.mark(0, '`') => "names in double quotes, not in backticks",
        _ if place.mark(0, '[') && !place.word(1).is_empty() && place.mark(2, ']') => {
            "names in double quotes, not in brackets"
        }
        _ => return None,
    })
}

/// Advice for a name in double quotes that is no column: it may be meant as a text.
pub(crate) fn quoted_text(statement: &Statement, missing: &str) -> Option<String> {
    let quoted = statement
        .pieces()
        .iter()
        .any(|piece| matches!(&piece.token, Token::Name { text, quoted: true } if text.eq_ignore_ascii_case(missing)));
    quoted.then(|| format!("Double quotes are for names; if it is a text, write '{}'.", missing.replace('\'', "''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(sql: &str, dialect: Dialect) -> String {
        advice(&Statement::read(sql, dialect).unwrap()).unwrap_or_default()
    }

    #[test]
    fn each_dialect_is_told_its_own_words() {
        for (sql, part) in [
            ("SELECT EXTRACT(YEAR FROM date) FROM strike", "strftime('%Y'"),
            ("SELECT date_trunc('month', date) FROM strike", "'%Y-%m-01'"),
            ("SELECT * FROM strike WHERE phase ILIKE 'x'", "LIKE"),
            ("SELECT TOP 5 * FROM strike", "LIMIT"),
            ("SELECT * FROM strike FETCH FIRST 5 ROWS ONLY", "LIMIT"),
            ("SELECT date::text FROM strike", "CAST(x AS type)"),
            ("SELECT date + INTERVAL '1 day' FROM strike", "'+7 days'"),
            ("SELECT DISTINCT ON (a) a FROM strike", "row_number()"),
            ("SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) FROM t", "median"),
        ] {
            assert!(told(sql, Dialect::Sqlite).contains(part), "{sql}: {}", told(sql, Dialect::Sqlite));
        }
        for (sql, part) in [
            ("SELECT strftime('%Y', d) FROM t", "to_char"),
            ("SELECT TOP 5 * FROM t", "LIMIT"),
            ("SELECT `name` FROM t", "double quotes"),
            ("SELECT [name] FROM t", "double quotes"),
            ("SELECT * FROM t LIMIT 5, 10", "OFFSET 5"),
            ("SELECT group_concat(a) FROM t", "string_agg"),
            ("SELECT * FROM sqlite_master", "list_tables"),
            ("SELECT round(avg(x), 2) FROM t", "numeric"),
        ] {
            assert!(told(sql, Dialect::Postgres).contains(part), "{sql}: {}", told(sql, Dialect::Postgres));
        }
        assert_eq!(told("SELECT a[1], b::int FROM t WHERE c ~ 'x'", Dialect::Postgres), "");
        assert_eq!(told("SELECT a FROM t ORDER BY b LIMIT 3", Dialect::Sqlite), "");
    }
}
