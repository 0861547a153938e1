//! Conditions in a query that can be tried one by one: a column compared with literals.

use crate::catalogue::{Catalogue, Table, quoted};
use crate::sql_text::{Piece, Statement, Token};

/// A condition on one column of a table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Condition {
    /// The table, as it is written in SQL.
    pub(super) table: String,
    /// The column, as it is written in SQL.
    pub(super) column: String,
    /// The condition as the author wrote it.
    pub(super) written: String,
    /// The condition on the table alone.
    pub(super) sql: String,
    /// The texts that the column is compared with; none if it is compared with numbers.
    pub(super) texts: Vec<String>,
    /// Whether it compares by order: then the ends of the column's values say more than the nearest ones.
    pub(super) ordered: bool,
}

/// How many conditions are tried.
const MOST: usize = 6;

/// The words after which a condition may begin.
const BEFORE: [&str; 5] = ["where", "and", "on", "or", "having"];

/// The conditions of a query that name a column of a table of the catalogue.
pub(super) fn conditions(statement: &Statement, catalogue: &Catalogue) -> Vec<Condition> {
    let pieces = statement.pieces();
    let mut found: Vec<Condition> = Vec::new();
    for at in 1..pieces.len() {
        let begins =
            word(pieces, at - 1).is_some_and(|before| BEFORE.contains(&before)) || is_mark(pieces, at - 1, '(');
        if let Some(condition) = begins.then(|| condition(statement, catalogue, at)).flatten()
            && !found.contains(&condition)
        {
            found.push(condition);
        }
    }
    found.truncate(MOST);
    found
}

fn condition(statement: &Statement, catalogue: &Catalogue, start: usize) -> Option<Condition> {
    let pieces = statement.pieces();
    // `lower(column)` and the like are compared as they are.
    let function = word(pieces, start)
        .filter(|name| is_mark(pieces, start + 1, '(') && ["lower", "upper", "trim", "date"].contains(name));
    let mut at = if function.is_some() { start + 2 } else { start };
    let mut names = vec![name(pieces, at)?];
    at += 1;
    while is_mark(pieces, at, '.') {
        names.push(name(pieces, at + 1)?);
        at += 2;
    }
    let column = names.pop()?;
    if function.is_some() {
        if !is_mark(pieces, at, ')') {
            return None;
        }
        at += 1;
    }
    let (end, ordered) = comparison(pieces, at)?;
    let table = owner(statement, catalogue, names.last().copied(), column)?;
    let column = table.columns.iter().find(|other| other.name.eq_ignore_ascii_case(column))?;
    let column = quoted(&column.name);
    let rest = statement.written(pieces.get(at)?, pieces.get(end)?);
    let operand = function.map_or_else(|| column.clone(), |function| format!("{function}({column})"));
    let compared = pieces.get(at..=end).unwrap_or_default();
    let texts = compared.iter().filter_map(|piece| text(statement.written(piece, piece))).collect();
    Some(Condition {
        table: table.sql_name(),
        written: statement.written(pieces.get(start)?, pieces.get(end)?).to_owned(),
        sql: format!("{operand} {rest}"),
        column,
        texts,
        ordered,
    })
}

/// Where a comparison with literals that starts here ends, and whether it compares by order.
fn comparison(pieces: &[Piece], at: usize) -> Option<(usize, bool)> {
    let literal = |at: usize| {
        let at = if is_mark(pieces, at, '-') { at + 1 } else { at };
        // PostgreSQL's `DATE '2024-05-06'`.
        let at = if word(pieces, at).is_some_and(|word| ["date", "timestamp", "timestamptz"].contains(&word)) {
            at + 1
        } else {
            at
        };
        pieces.get(at).filter(|piece| piece.token == Token::Literal).map(|_| at)
    };
    let mark = |at: usize| match pieces.get(at).map(|piece| &piece.token) {
        Some(Token::Mark(mark @ ('=' | '<' | '>'))) => Some(*mark),
        _ => None,
    };
    let end = if let Some(first) = mark(at) {
        let second = mark(at + 1);
        // `<>` is not a condition that a misspelt value makes empty.
        if first == '<' && second == Some('>') {
            return None;
        }
        let value = if second.is_some() { at + 2 } else { at + 1 };
        (literal(value)?, first != '=')
    } else {
        match word(pieces, at)? {
            "like" | "ilike" | "glob" => (literal(at + 1)?, false),
            "between" => {
                let first = literal(at + 1)?;
                if word(pieces, first + 1) != Some("and") {
                    return None;
                }
                (literal(first + 2)?, true)
            }
            "in" if is_mark(pieces, at + 1, '(') => {
                let mut at = at + 2;
                loop {
                    at = literal(at)? + 1;
                    if is_mark(pieces, at, ')') {
                        break (at, false);
                    }
                    if !is_mark(pieces, at, ',') {
                        return None;
                    }
                    at += 1;
                }
            }
            _ => return None,
        }
    };
    // `a = 1 + b` is more than a comparison with a literal.
    let after = pieces.get(end.0 + 1).map(|piece| &piece.token);
    let done = match after {
        None | Some(Token::Mark(')' | ',') | Token::Cast) => true,
        Some(Token::Name { text, .. }) => text != "collate" && text != "escape",
        Some(_) => false,
    };
    (done && !matches!(after, Some(Token::Cast))).then_some(end)
}

/// The table that a column belongs to, by its qualifier if there is one.
fn owner<'a>(
    statement: &Statement,
    catalogue: &'a Catalogue,
    qualifier: Option<&str>,
    column: &str,
) -> Option<&'a Table> {
    let has = |table: &&&Table| table.columns.iter().any(|other| other.name.eq_ignore_ascii_case(column));
    let mentioned = catalogue.mentioned(statement);
    let mut owners: Vec<&Table> = mentioned.iter().filter(has).copied().collect();
    if let Some(qualifier) = qualifier
        && owners.len() > 1
    {
        let named =
            |table: &&Table| table.name.eq_ignore_ascii_case(qualifier) || is_alias(statement, table, qualifier);
        owners.retain(named);
    }
    match owners.as_slice() {
        [only] => Some(only),
        _ => None,
    }
}

/// Whether `FROM table AS alias` or `FROM table alias` stands in the query.
fn is_alias(statement: &Statement, table: &Table, alias: &str) -> bool {
    let pieces = statement.pieces();
    (0..pieces.len()).any(|at| {
        let next = if word(pieces, at + 1) == Some("as") { at + 2 } else { at + 1 };
        name(pieces, at).is_some_and(|name| name.eq_ignore_ascii_case(&table.name)) && name(pieces, next) == Some(alias)
    })
}

/// The text of a literal that is one.
fn text(literal: &str) -> Option<String> {
    let inner = literal.strip_prefix('\'')?.strip_suffix('\'')?;
    Some(inner.replace("''", "'"))
}

fn name(pieces: &[Piece], at: usize) -> Option<&str> {
    match pieces.get(at).map(|piece| &piece.token) {
        Some(Token::Name { text, .. }) => Some(text),
        _ => None,
    }
}

fn word(pieces: &[Piece], at: usize) -> Option<&str> {
    match pieces.get(at).map(|piece| &piece.token) {
        Some(Token::Name { text, quoted: false }) => Some(text),
        _ => None,
    }
}

fn is_mark(pieces: &[Piece], at: usize, mark: char) -> bool {
    pieces.get(at).is_some_and(|piece| piece.token == Token::Mark(mark))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Column;
    use crate::sql_text::Dialect;

    fn found(sql: &str) -> Vec<(String, String)> {
        let table = |name: &str, columns: &[&str]| Table {
            name: name.to_owned(),
            columns: columns.iter().map(|name| Column { name: (*name).to_owned(), ..Column::default() }).collect(),
            ..Table::default()
        };
        let catalogue =
            Catalogue { tables: vec![table("strike", &["phase", "speed", "Id"]), table("place", &["state", "Id"])] };
        let statement = Statement::read(sql, Dialect::Sqlite).unwrap();
        conditions(&statement, &catalogue).into_iter().map(|found| (found.table, found.sql)).collect()
    }

    #[test]
    fn conditions_with_literals_are_found() {
        let of = |table: &str, sql: &str| (table.to_owned(), sql.to_owned());
        assert_eq!(
            found(
                "SELECT count(*) FROM strike s JOIN place p ON p.id = s.place WHERE s.phase = 'landing' \
                 AND (state IN ('TX', 'CA') OR speed BETWEEN 1 AND 5) AND s.id > -3"
            ),
            [
                of("strike", "phase = 'landing'"),
                of("place", "state IN ('TX', 'CA')"),
                of("strike", "speed BETWEEN 1 AND 5"),
                of("strike", "\"Id\" > -3"),
            ]
        );
        assert_eq!(
            found("SELECT 1 FROM strike WHERE lower(phase) LIKE '%x%'"),
            [of("strike", "lower(phase) LIKE '%x%'")]
        );
        for none in [
            "SELECT 1 FROM strike WHERE phase <> 'a'",
            "SELECT 1 FROM strike WHERE NOT phase = 'a'",
            "SELECT 1 FROM strike WHERE speed = 1 + Id",
            "SELECT 1 FROM strike, place WHERE Id = 1",
            "SELECT 1 FROM strike WHERE phase = state",
            "SELECT 1 FROM other WHERE phase = 'a'",
        ] {
            assert_eq!(found(none), [], "{none}");
        }
    }
}
