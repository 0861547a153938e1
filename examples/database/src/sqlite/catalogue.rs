//! What a SQLite file says of its tables.

use mcp_server_core::tool::ToolResult;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row as _, SqliteConnection};

use super::Sqlite;
use crate::catalogue::{Catalogue, Column, Details, ForeignKey, Index, RowCount, Table, quoted};
use crate::fault;

/// Shadow tables hold the inside of virtual ones; nobody asks for them.
const TABLES: &str = "SELECT l.name, l.type, s.sql FROM pragma_table_list l \
     LEFT JOIN sqlite_schema s ON s.name = l.name AND s.type IN ('table', 'view') \
     WHERE l.schema = 'main' AND l.type <> 'shadow' AND l.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY l.name";

/// Where counting stops: an agent needs no more than the order of magnitude.
const COUNTED: u32 = 100_000;

impl Sqlite {
    /// Every table and view of the file.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub async fn catalogue(&self) -> ToolResult<Catalogue> {
        let mut reader = self.reader().await?;
        let connection = reader.connection();
        let found = sqlx::query(TABLES).fetch_all(&mut *connection).await.map_err(fault::plain)?;
        let mut tables = Vec::with_capacity(found.len());
        for row in found {
            let name: String = row.try_get("name").map_err(fault::plain)?;
            let definition: Option<String> = row.try_get("sql").map_err(fault::plain)?;
            let kind: String = row.try_get("type").map_err(fault::plain)?;
            let kind = if kind == "virtual" { "virtual table".to_owned() } else { kind };
            let mut comment = definition.as_deref().and_then(comment_of);
            let columns = match columns(&mut *connection, &name).await {
                Ok(columns) => commented(columns, definition.as_deref().unwrap_or_default()),
                // A view whose tables are gone: the rest of the catalogue is still good.
                Err(error) if is_about_sql(&error) => {
                    comment = Some("cannot be read: its definition does not fit the tables any more".to_owned());
                    Vec::new()
                }
                Err(error) => return Err(fault::plain(error)),
            };
            tables.push(Table { schema: None, name, kind, rows: None, comment, columns });
        }
        Ok(Catalogue { tables })
    }

    /// Counts the rows of a table, up to a limit; a view is not counted, because it may cost anything.
    ///
    /// # Errors
    /// If the table cannot be read.
    pub async fn count(&self, table: &Table) -> ToolResult<Option<RowCount>> {
        if table.kind != "table" {
            return Ok(None);
        }
        let mut reader = self.reader().await?;
        let limit = COUNTED;
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {} LIMIT {limit})", quoted(&table.name));
        let counted: i64 =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(reader.connection()).await.map_err(fault::plain)?;
        let counted = u64::try_from(counted).unwrap_or_default();
        Ok(Some(if counted < u64::from(COUNTED) { RowCount::Exact(counted) } else { RowCount::AtLeast(counted) }))
    }

    /// Keys, indexes and the definition of a table.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub async fn details(&self, table: &Table) -> ToolResult<Details> {
        let mut reader = self.reader().await?;
        let connection = reader.connection();
        let indexes = indexes(connection, &table.name).await.map_err(fault::plain)?;
        let foreign_keys = foreign_keys(connection, &table.name).await.map_err(fault::plain)?;
        let definition =
            sqlx::query_scalar("SELECT sql FROM sqlite_schema WHERE name = ? AND type IN ('table', 'view')")
                .bind(&table.name)
                .fetch_optional(connection)
                .await
                .map_err(fault::plain)?;
        Ok(Details { foreign_keys, indexes, definition })
    }
}

/// `SQLITE_ERROR`: something about the text of a statement, here of a view.
fn is_about_sql(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| code == "1")
}

async fn columns(connection: &mut SqliteConnection, table: &str) -> Result<Vec<Column>, sqlx::Error> {
    // Hidden columns of virtual tables (1) are no columns to a reader; generated ones (2 and 3) are.
    let sql =
        "SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid";
    let rows = sqlx::query(sql).bind(table).fetch_all(connection).await?;
    rows.iter().map(column).collect()
}

fn column(row: &SqliteRow) -> Result<Column, sqlx::Error> {
    let key: i64 = row.try_get("pk")?;
    let type_name: String = row.try_get("type")?;
    let strict: i64 = row.try_get("notnull")?;
    Ok(Column {
        name: row.try_get("name")?,
        type_name: if type_name.is_empty() { "any".to_owned() } else { type_name.to_lowercase() },
        nullable: strict == 0,
        default: row.try_get("dflt_value")?,
        primary_key: u32::try_from(key).ok().filter(|place| *place > 0),
        comment: None,
    })
}

async fn indexes(connection: &mut SqliteConnection, table: &str) -> Result<Vec<Index>, sqlx::Error> {
    let sql = "SELECT l.name, l.\"unique\", coalesce(i.name, '(expression)') AS part \
         FROM pragma_index_list(?) l JOIN pragma_index_info(l.name) i ORDER BY l.name, i.seqno";
    let rows = sqlx::query(sql).bind(table).fetch_all(connection).await?;
    let mut indexes: Vec<Index> = Vec::new();
    for row in rows {
        let (name, part): (String, String) = (row.try_get("name")?, row.try_get("part")?);
        match indexes.last_mut().filter(|index| index.name == name) {
            Some(index) => index.on.push(part),
            None => indexes.push(Index { name, on: vec![part], unique: row.try_get::<i64, _>("unique")? != 0 }),
        }
    }
    Ok(indexes)
}

async fn foreign_keys(connection: &mut SqliteConnection, table: &str) -> Result<Vec<ForeignKey>, sqlx::Error> {
    let sql = "SELECT id, seq, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?) ORDER BY id, seq";
    let rows = sqlx::query(sql).bind(table).fetch_all(connection).await?;
    let mut keys: Vec<ForeignKey> = Vec::new();
    for row in rows {
        let (from, to): (String, Option<String>) = (row.try_get("from")?, row.try_get("to")?);
        if row.try_get::<i64, _>("seq")? == 0 {
            keys.push(ForeignKey {
                columns: Vec::new(),
                references: row.try_get("table")?,
                referenced_columns: Vec::new(),
            });
        }
        if let Some(key) = keys.last_mut() {
            key.columns.push(from);
            // Absent, it is the primary key of the other table.
            key.referenced_columns.extend(to);
        }
    }
    Ok(keys)
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
