//! The reason of an answer without rows, or of one whose counts are zero.

use super::conditions::conditions;
use super::probe::Prober;
use crate::catalogue::{Catalogue, RowCount, Table};
use crate::database::Database;
use crate::sql_text::Statement;

/// How many tables a reason names.
const NAMED: usize = 5;

/// Why a query gave no rows: where it looked, and which of its conditions matches nothing.
pub async fn why_none(db: &Database, caller: &str, statement: &Statement, skipped: u64) -> String {
    if skipped > 0 {
        return format!("the query has no more rows after the first {skipped}");
    }
    let Ok(catalogue) = db.catalogue().await else { return "the query is valid and matches no row".to_owned() };
    let tables = tables(&catalogue, statement);
    let counts = db.count(&tables).await.unwrap_or_default();
    let mut looked = Vec::new();
    for (table, count) in tables.iter().zip(counts.into_iter().chain(std::iter::repeat(None))) {
        match count {
            Some(RowCount::Exact(0)) => {}
            Some(rows) => looked.push(format!("{} ({})", table.sql_name(), rows.words())),
            None => looked.push(table.sql_name()),
        }
    }
    let places = if looked.is_empty() { String::new() } else { format!(" in {}", looked.join(", ")) };
    let mut reason = format!("the query is valid and matches no row{places}");
    for part in facts(db, caller, &catalogue, &tables, statement).await {
        reason.push_str("; ");
        reason.push_str(&part);
    }
    reason
}

/// What may explain a row of zeros and nulls; `None` if nothing in the query is known to.
pub async fn why_zero(db: &Database, caller: &str, statement: &Statement) -> Option<String> {
    let catalogue = db.catalogue().await.ok()?;
    let tables = tables(&catalogue, statement);
    let facts = facts(db, caller, &catalogue, &tables, statement).await;
    (!facts.is_empty()).then(|| format!("the values are zero or null because no row was counted: {}", facts.join("; ")))
}

fn tables<'a>(catalogue: &'a Catalogue, statement: &Statement) -> Vec<&'a Table> {
    catalogue.mentioned(statement).into_iter().take(NAMED).collect()
}

/// What is known of the tables and conditions of a query that may leave it without rows.
async fn facts(
    db: &Database,
    caller: &str,
    catalogue: &Catalogue,
    tables: &[&Table],
    statement: &Statement,
) -> Vec<String> {
    let mut facts = Vec::new();
    let counts = db.count(tables).await.unwrap_or_default();
    for (table, count) in tables.iter().zip(counts) {
        if count == Some(RowCount::Exact(0)) {
            facts.push(format!("the table {} has no rows at all", table.sql_name()));
        }
        if table.row_security {
            let name = table.sql_name();
            facts.push(format!("row-level security is active on {name}: it may hide rows from this server's role"));
        }
    }
    let prober = Prober::new(db, caller);
    let conditions = conditions(statement, catalogue);
    let mut alone = 0;
    let mut barren = false;
    for condition in &conditions {
        match prober.matches(condition).await {
            Some(true) => alone += 1,
            Some(false) => {
                barren = true;
                let instead = prober.instead(condition).await.map(|text| format!(" ({text})")).unwrap_or_default();
                facts.push(format!("{} matches no row of {}{instead}", condition.written, condition.table));
            }
            None => {}
        }
    }
    if !barren && alone == conditions.len() && alone > 1 {
        facts.push("each condition matches rows by itself, but not together with the others".to_owned());
    }
    facts
}
