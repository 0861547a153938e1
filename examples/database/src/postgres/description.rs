//! What a PostgreSQL server says of one table beyond its columns.

use sqlx::Row as _;
use sqlx::postgres::PgConnection;

use crate::catalogue::{Check, Details, ForeignKey, Index, Partitions, Reference, Table};

/// How many partitions are named.
const NAMED: i64 = 20;

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

/// A partition's own copy of a key is not shown.
const REFERENCED_BY: &str = "SELECT k.conrelid::regclass::text AS table, \
       (SELECT array_agg(a.attname::text ORDER BY p.place) FROM unnest(k.conkey) WITH ORDINALITY p(number, place) \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.number) AS columns, \
       (SELECT array_agg(a.attname::text ORDER BY p.place) FROM unnest(k.confkey) WITH ORDINALITY p(number, place) \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = p.number) AS referenced \
     FROM pg_catalog.pg_constraint k WHERE k.contype = 'f' AND k.confrelid = to_regclass($1) AND k.conparentid = 0 \
     ORDER BY 1, k.conname";

const CHECKS: &str = "SELECT k.conname::text AS name, pg_get_constraintdef(k.oid, true) AS condition \
     FROM pg_catalog.pg_constraint k WHERE k.contype IN ('c', 'x') AND k.conrelid = to_regclass($1) ORDER BY 1";

const PARTITIONED: &str = "SELECT pg_get_partkeydef(p.partrelid) AS by, \
       (SELECT count(*) FROM pg_catalog.pg_inherits i WHERE i.inhparent = p.partrelid) AS count, \
       ARRAY(SELECT i.inhrelid::regclass::text || ' ' || pg_get_expr(c.relpartbound, c.oid) \
         FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid \
         WHERE i.inhparent = p.partrelid ORDER BY 1 LIMIT $2) AS first \
     FROM pg_catalog.pg_partitioned_table p WHERE p.partrelid = to_regclass($1)";

/// Keys, checks, partitions, indexes and the definition of a table.
pub(super) async fn details(connection: &mut PgConnection, table: &Table) -> Result<Details, sqlx::Error> {
    let name = table.sql_name();
    let mut details = Details::default();
    for row in sqlx::query(FOREIGN_KEYS).bind(&name).persistent(false).fetch_all(&mut *connection).await? {
        details.foreign_keys.push(ForeignKey {
            columns: row.try_get::<Option<_>, _>("columns")?.unwrap_or_default(),
            references: row.try_get("references")?,
            referenced_columns: row.try_get::<Option<_>, _>("referenced")?.unwrap_or_default(),
        });
    }
    for row in sqlx::query(REFERENCED_BY).bind(&name).persistent(false).fetch_all(&mut *connection).await? {
        details.referenced_by.push(Reference {
            table: row.try_get("table")?,
            columns: row.try_get::<Option<_>, _>("columns")?.unwrap_or_default(),
            referenced_columns: row.try_get::<Option<_>, _>("referenced")?.unwrap_or_default(),
        });
    }
    for row in sqlx::query(CHECKS).bind(&name).persistent(false).fetch_all(&mut *connection).await? {
        details.checks.push(Check { name: row.try_get("name")?, condition: row.try_get("condition")? });
    }
    let divided = sqlx::query(PARTITIONED).bind(&name).bind(NAMED).persistent(false);
    if let Some(row) = divided.fetch_optional(&mut *connection).await? {
        details.partitions = Some(Partitions {
            by: row.try_get("by")?,
            count: u64::try_from(row.try_get::<i64, _>("count")?).unwrap_or_default(),
            first: row.try_get("first")?,
        });
    }
    for row in sqlx::query(INDEXES).bind(&name).persistent(false).fetch_all(&mut *connection).await? {
        details.indexes.push(Index {
            name: row.try_get("name")?,
            on: row.try_get::<Option<_>, _>("parts")?.unwrap_or_default(),
            unique: row.try_get("unique")?,
        });
    }
    if table.kind.ends_with("view") {
        let sql = "SELECT pg_get_viewdef(to_regclass($1), true)";
        details.definition = sqlx::query_scalar(sql).bind(&name).persistent(false).fetch_one(&mut *connection).await?;
    }
    Ok(details)
}
