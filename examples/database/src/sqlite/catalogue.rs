//! What a SQLite file says of its tables.

use rusqlite::{Connection, Row};

use super::Sqlite;
use super::fault;
use crate::catalogue::{Catalogue, Column, Details, ForeignKey, Index, Reference, RowCount, Table, quoted};
use crate::fault::Fault;

/// Shadow tables hold the inside of virtual ones; nobody asks for them.
const TABLES: &str = "SELECT l.name, l.type, s.sql FROM pragma_table_list l \
     LEFT JOIN sqlite_schema s ON s.name = l.name AND s.type IN ('table', 'view') \
     WHERE l.schema = 'main' AND l.type <> 'shadow' AND l.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY l.name";

/// Where counting stops: an agent needs no more than the order of magnitude.
const COUNTED: u32 = 100_000;

/// Text that the engine does not hold to be text is read as far as it is.
fn lossy(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<String>> {
    let text = row.get_ref(index)?.as_bytes_or_null().unwrap_or_default();
    Ok(text.map(|text| String::from_utf8_lossy(text).into_owned()))
}

impl Sqlite {
    /// Every table and view of the file.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn catalogue(&self) -> Result<Catalogue, Fault> {
        self.start(self.limit);
        let told = |error: rusqlite::Error| fault::plain(&error);
        let mut prepared = self.connection.prepare(TABLES).map_err(told)?;
        let found = prepared.query_map([], |row| Ok((lossy(row, 0)?, lossy(row, 1)?, lossy(row, 2)?))).map_err(told)?;
        let mut tables = Vec::new();
        for row in found {
            let (name, kind, definition) = row.map_err(told)?;
            let (name, kind) = (name.unwrap_or_default(), kind.unwrap_or_default());
            let kind = if kind == "virtual" { "virtual table".to_owned() } else { kind };
            let mut comment = definition.as_deref().and_then(comment_of);
            let columns = match columns(&self.connection, &name) {
                Ok(columns) => commented(columns, definition.as_deref().unwrap_or_default()),
                // A view whose tables are gone: the rest of the catalogue is still good.
                Err(error) if fault::is_about_sql(&error) => {
                    comment = Some("cannot be read: its definition does not fit the tables any more".to_owned());
                    Vec::new()
                }
                Err(error) => return Err(told(error)),
            };
            tables.push(Table { name, kind, comment, columns, ..Table::default() });
        }
        Ok(Catalogue { tables })
    }

    /// Counts the rows of tables, up to a limit, in half the time of a query. A view is not counted, because it may cost
    /// anything; nor is a table that cannot be read or whose turn does not come.
    pub fn count(&self, tables: &[Table]) -> Vec<Option<RowCount>> {
        self.start(self.limit / 2);
        tables.iter().map(|table| if table.kind == "table" { self.count_one(&table.name) } else { None }).collect()
    }

    fn count_one(&self, table: &str) -> Option<RowCount> {
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {} LIMIT {COUNTED})", quoted(table));
        let counted: i64 = self.connection.query_row(&sql, [], |row| row.get(0)).ok()?;
        let counted = u64::try_from(counted).unwrap_or_default();
        Some(if counted < u64::from(COUNTED) { RowCount::Exact(counted) } else { RowCount::AtLeast(counted) })
    }

    /// Keys, indexes and the definition of a table.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn details(&self, table: &Table) -> Result<Details, Fault> {
        self.start(self.limit);
        self.read_details(&table.name).map_err(|error| fault::plain(&error))
    }

    fn read_details(&self, table: &str) -> rusqlite::Result<Details> {
        let definition = "SELECT sql FROM sqlite_schema WHERE name = ? AND type IN ('table', 'view')";
        let mut definitions = self.connection.prepare(definition)?;
        let definition = definitions.query([table])?.next()?.map(|row| lossy(row, 0)).transpose()?.flatten();
        Ok(Details {
            foreign_keys: foreign_keys(&self.connection, table)?,
            referenced_by: referenced_by(&self.connection, table)?,
            indexes: indexes(&self.connection, table)?,
            // The definition shows the checks.
            checks: Vec::new(),
            partitions: None,
            definition,
        })
    }
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<Column>> {
    // Hidden columns of virtual tables (1) are no columns to a reader; generated ones (2 and 3) are.
    let sql =
        "SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid";
    connection.prepare(sql)?.query_map([table], column)?.collect()
}

fn column(row: &Row<'_>) -> rusqlite::Result<Column> {
    let key: i64 = row.get(4)?;
    let type_name = lossy(row, 1)?.unwrap_or_default();
    let strict: i64 = row.get(2)?;
    Ok(Column {
        name: lossy(row, 0)?.unwrap_or_default(),
        type_name: if type_name.is_empty() { "any".to_owned() } else { type_name.to_lowercase() },
        nullable: strict == 0,
        default: lossy(row, 3)?,
        primary_key: u32::try_from(key).ok().filter(|place| *place > 0),
        ..Column::default()
    })
}

fn indexes(connection: &Connection, table: &str) -> rusqlite::Result<Vec<Index>> {
    let sql = "SELECT l.name, coalesce(i.name, '(expression)'), l.\"unique\" \
         FROM pragma_index_list(?) l JOIN pragma_index_info(l.name) i ORDER BY l.name, i.seqno";
    let mut prepared = connection.prepare(sql)?;
    let mut rows = prepared.query([table])?;
    let mut indexes: Vec<Index> = Vec::new();
    while let Some(row) = rows.next()? {
        let (name, part) = (lossy(row, 0)?.unwrap_or_default(), lossy(row, 1)?.unwrap_or_default());
        match indexes.last_mut().filter(|index| index.name == name) {
            Some(index) => index.on.push(part),
            None => indexes.push(Index { name, on: vec![part], unique: row.get::<_, i64>(2)? != 0 }),
        }
    }
    Ok(indexes)
}

fn foreign_keys(connection: &Connection, table: &str) -> rusqlite::Result<Vec<ForeignKey>> {
    let sql = "SELECT seq, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?) ORDER BY id, seq";
    let mut prepared = connection.prepare(sql)?;
    let mut rows = prepared.query([table])?;
    let mut keys: Vec<ForeignKey> = Vec::new();
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(0)? == 0 {
            let references = lossy(row, 1)?.unwrap_or_default();
            keys.push(ForeignKey { columns: Vec::new(), references, referenced_columns: Vec::new() });
        }
        if let Some(key) = keys.last_mut() {
            key.columns.extend(lossy(row, 2)?);
            // Absent, it is the primary key of the other table.
            key.referenced_columns.extend(lossy(row, 3)?);
        }
    }
    Ok(keys)
}

fn referenced_by(connection: &Connection, table: &str) -> rusqlite::Result<Vec<Reference>> {
    let sql = "SELECT f.seq, l.name, f.\"from\", f.\"to\" FROM pragma_table_list l \
         JOIN pragma_foreign_key_list(l.name) f WHERE l.schema = 'main' AND l.type = 'table' \
         AND f.\"table\" = ? COLLATE NOCASE ORDER BY l.name, f.id, f.seq";
    let mut prepared = connection.prepare(sql)?;
    let mut rows = prepared.query([table])?;
    let mut references: Vec<Reference> = Vec::new();
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(0)? == 0 {
            let table = quoted(&lossy(row, 1)?.unwrap_or_default());
            references.push(Reference { table, columns: Vec::new(), referenced_columns: Vec::new() });
        }
        if let Some(reference) = references.last_mut() {
            reference.columns.extend(lossy(row, 2)?);
            reference.referenced_columns.extend(lossy(row, 3)?);
        }
    }
    Ok(references)
}

/// SQLite has no comments on tables, but it keeps the text that made them: a comment right after the name or the
/// opening parenthesis is the table's.
fn comment_of(definition: &str) -> Option<String> {
    let (head, body) = definition.split_once('(').unwrap_or((definition, ""));
    let line =
        |text: &str| text.trim_start().strip_prefix("--").and_then(|rest| rest.lines().next()).map(str::to_owned);
    let comment =
        line(body).or_else(|| head.split_once("--").and_then(|(_, rest)| rest.lines().next()).map(str::to_owned));
    comment.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A comment at the end of a column's line is the column's.
fn commented(mut columns: Vec<Column>, definition: &str) -> Vec<Column> {
    let unquoted = |word: &str| word.trim_matches(['"', '`', '[', ']']).to_owned();
    for (code, comment) in definition.lines().skip(1).filter_map(|line| line.split_once("--")) {
        let Some(word) = code.split_whitespace().next().map(unquoted) else { continue };
        if let Some(column) = columns.iter_mut().find(|column| column.name == word) {
            column.comment = Some(comment.trim().to_owned()).filter(|text| !text.is_empty());
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_in_the_definition_is_the_tables() {
        assert_eq!(comment_of("CREATE TABLE t ( -- Things.\n a int)").unwrap(), "Things.");
        assert_eq!(comment_of("CREATE VIEW v AS -- Fewer things.\n SELECT 1").unwrap(), "Fewer things.");
        assert_eq!(comment_of("CREATE TABLE t (a int -- not this\n)"), None);
    }

    #[test]
    fn a_comment_behind_a_column_is_the_columns() {
        let column = |name: &str| Column { name: name.to_owned(), ..Column::default() };
        let definition = "CREATE TABLE t ( -- Things.\n a int, -- How many.\n \"b\" text, -- In words.\n -- c\n c int)";
        let comments: Vec<_> = commented(vec![column("a"), column("b"), column("c")], definition)
            .into_iter()
            .map(|column| column.comment)
            .collect();
        assert_eq!(comments, [Some("How many.".to_owned()), Some("In words.".to_owned()), None]);
    }
}
