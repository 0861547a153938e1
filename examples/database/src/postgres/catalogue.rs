//! What a PostgreSQL server says of the tables that its role may read.

use std::collections::HashMap;

use sqlx::Row as _;
use sqlx::postgres::{PgConnection, PgRow};

use crate::catalogue::{Catalogue, Column, RowCount, Table};

/// A partition is part of its table and not shown beside it.
const TABLES: &str = "SELECT c.oid::int8 AS oid, n.nspname::text AS schema, c.relname::text AS name, \
       CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view' \
         WHEN 'm' THEN 'materialized view' ELSE 'foreign table' END AS kind, \
       CASE WHEN c.relkind IN ('r', 'm', 'p') THEN c.reltuples::float8 ELSE -1 END AS rows, \
       obj_description(c.oid, 'pg_class') AS comment, row_security_active(c.oid) AS hidden \
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition \
       AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' \
       AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT') \
     ORDER BY n.nspname = 'public' DESC, 2, 3";

const COLUMNS: &str = "SELECT a.attrelid::int8 AS oid, a.attname::text AS name, \
       format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable, \
       pg_get_expr(d.adbin, d.adrelid) AS default, col_description(a.attrelid, a.attnum) AS comment, \
       array_position(k.conkey, a.attnum)::int4 AS key, \
       (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e \
         JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
         WHERE e.enumtypid = CASE WHEN t.typtype = 'd' THEN t.typbasetype \
           WHEN t.typcategory = 'A' THEN t.typelem ELSE t.oid END) AS labels \
     FROM pg_catalog.pg_attribute a \
     LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
     LEFT JOIN pg_catalog.pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'p' \
     WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid::int8 = ANY($1) ORDER BY a.attrelid, a.attnum";

/// Every table and view that the role may read.
pub(super) async fn tables(connection: &mut PgConnection) -> Result<Catalogue, sqlx::Error> {
    let found = sqlx::query(TABLES).persistent(false).fetch_all(&mut *connection).await?;
    let oids: Vec<i64> = found.iter().map(|row| row.try_get("oid")).collect::<Result<_, _>>()?;
    let mut columns: HashMap<i64, Vec<Column>> = HashMap::with_capacity(oids.len());
    for row in sqlx::query(COLUMNS).bind(&oids).persistent(false).fetch_all(&mut *connection).await? {
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
            row_security: row.try_get("hidden")?,
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
        values: row.try_get::<Option<_>, _>("labels")?.unwrap_or_default(),
        comment: row.try_get("comment")?,
    })
}
