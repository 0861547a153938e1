//! What a PostgreSQL server says of the tables that its role may read.

use std::collections::HashMap;

use mcp_server_core::tool::ToolResult;
use sqlx::Row as _;
use sqlx::postgres::PgRow;

use super::Postgres;
use super::session::Session;
use crate::catalogue::{Catalogue, Column, Details, ForeignKey, Index, RowCount, Table};
use crate::fault;

/// A partition is part of its table and not shown beside it.
const TABLES: &str = "SELECT c.oid::int8 AS oid, n.nspname::text AS schema, c.relname::text AS name, \
       CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view' \
         WHEN 'm' THEN 'materialized view' ELSE 'foreign table' END AS kind, \
       CASE WHEN c.relkind IN ('r', 'm', 'p') THEN c.reltuples::float8 ELSE -1 END AS rows, \
       obj_description(c.oid, 'pg_class') AS comment \
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition \
       AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' \
       AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT') \
     ORDER BY n.nspname = 'public' DESC, 2, 3";

const COLUMNS: &str = "SELECT a.attrelid::int8 AS oid, a.attname::text AS name, \
       format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable, \
       pg_get_expr(d.adbin, d.adrelid) AS default, col_description(a.attrelid, a.attnum) AS comment, \
       array_position(k.conkey, a.attnum)::int4 AS key \
     FROM pg_catalog.pg_attribute a \
     LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
     LEFT JOIN pg_catalog.pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'p' \
     WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid::int8 = ANY($1) ORDER BY a.attrelid, a.attnum";

const FOREIGN_KEYS: &str = "SELECT k.confrelid::regclass::text AS references, \
       (SELECT array_agg(a.attname::text ORDER BY p.place) FROM unnest(k.conkey) WITH ORDINALITY p(number, place) \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.number) AS columns, \
       (SELECT array_agg(a.attname::text ORDER BY p.place) FROM unnest(k.confkey) WITH ORDINALITY p(number, place) \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = p.number) AS referenced \
     FROM pg_catalog.pg_constraint k WHERE k.contype = 'f' AND k.conrelid = to_regclass($1) ORDER BY k.conname";

const INDEXES: &str = "SELECT c.relname::text AS name, i.indisunique AS unique, \
       (SELECT array_agg(pg_get_indexdef(i.indexrelid, n, true) ORDER BY n) \
         FROM generate_series(1, i.indnkeyatts) n) AS parts \
     FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
     WHERE i.indrelid = to_regclass($1) AND i.indisvalid ORDER BY 1";

impl Postgres {
    /// Every table and view that the role may read.
    ///
    /// # Errors
    /// If the database cannot be reached.
    pub async fn catalogue(&self) -> ToolResult<Catalogue> {
        let mut session = self.session().await?;
        let catalogue = tables(&mut session).await.map_err(fault::plain);
        session.finish().await;
        catalogue
    }

    /// Keys, indexes and the definition of a table.
    ///
    /// # Errors
    /// If the database cannot be reached.
    pub async fn details(&self, table: &Table) -> ToolResult<Details> {
        let mut session = self.session().await?;
        let details = details(&mut session, table).await.map_err(fault::plain);
        session.finish().await;
        details
    }
}

async fn tables(session: &mut Session) -> Result<Catalogue, sqlx::Error> {
    let found = sqlx::query(TABLES).fetch_all(session.connection()?).await?;
    let oids: Vec<i64> = found.iter().map(|row| row.try_get("oid")).collect::<Result<_, _>>()?;
    let mut columns: HashMap<i64, Vec<Column>> = HashMap::with_capacity(oids.len());
    for row in sqlx::query(COLUMNS).bind(&oids).fetch_all(session.connection()?).await? {
        columns.entry(row.try_get("oid")?).or_default().push(column(&row)?);
    }
    let mut tables = Vec::with_capacity(found.len());
    for (row, oid) in found.iter().zip(oids) {
        tables.push(Table {
            schema: row.try_get("schema")?,
            name: row.try_get("name")?,
            kind: row.try_get("kind")?,
            rows: estimate(row.try_get("rows")?),
            comment: row.try_get("comment")?,
            columns: columns.remove(&oid).unwrap_or_default(),
        });
    }
    Ok(Catalogue { tables })
}

/// A negative number says that the table was never analysed.
fn estimate(rows: f64) -> Option<RowCount> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is an estimate, and not negative")]
    (rows >= 0.0).then_some(RowCount::Estimate(rows as u64))
}

fn column(row: &PgRow) -> Result<Column, sqlx::Error> {
    let key: Option<i32> = row.try_get("key")?;
    Ok(Column {
        name: row.try_get("name")?,
        type_name: row.try_get("type")?,
        nullable: row.try_get("nullable")?,
        default: row.try_get("default")?,
        primary_key: key.and_then(|place| u32::try_from(place).ok()),
        comment: row.try_get("comment")?,
    })
}

async fn details(session: &mut Session, table: &Table) -> Result<Details, sqlx::Error> {
    let name = table.sql_name();
    let mut details = Details::default();
    for row in sqlx::query(FOREIGN_KEYS).bind(&name).fetch_all(session.connection()?).await? {
        details.foreign_keys.push(ForeignKey {
            columns: row.try_get::<Option<_>, _>("columns")?.unwrap_or_default(),
            references: row.try_get("references")?,
            referenced_columns: row.try_get::<Option<_>, _>("referenced")?.unwrap_or_default(),
        });
    }
    for row in sqlx::query(INDEXES).bind(&name).fetch_all(session.connection()?).await? {
        details.indexes.push(Index {
            name: row.try_get("name")?,
            on: row.try_get::<Option<_>, _>("parts")?.unwrap_or_default(),
            unique: row.try_get("unique")?,
        });
    }
    if table.kind.ends_with("view") {
        let sql = "SELECT pg_get_viewdef(to_regclass($1), true)";
        details.definition = sqlx::query_scalar(sql).bind(&name).fetch_one(session.connection()?).await?;
    }
    Ok(details)
}
