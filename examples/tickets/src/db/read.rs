//! Reading: one ticket, and the tickets that match.

use mcp_server_core::tool::{ToolError, ToolResult};
use serde::Deserialize;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error as WordError, StrDeserializer};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, FromRow, Row as _};

use super::open::Db;
use crate::ticket::{Comment, Status, Summary, Ticket};

const SUMMARY: &str = "SELECT id, title, status, priority, assignee FROM ticket";

/// Which tickets: those that have all of the words, in any order.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    words: Vec<String>,
    status: Option<Status>,
    assignee: Option<String>,
}

impl Filter {
    /// At most ten words count. A word is looked for by its stem, as the start of a word or within one.
    pub(crate) fn new(words: &str, status: Option<Status>) -> Self {
        Self { words: words.split_whitespace().take(10).map(stem).collect(), status, assignee: None }
    }

    /// Only the tickets of this person, in any case; of an empty name, those that nobody works on.
    pub(crate) fn assignee(mut self, assignee: Option<String>) -> Self {
        self.assignee = assignee.map(|name| name.trim().to_lowercase());
        self
    }

    /// The condition, and what its parameters from `$1` on are.
    fn sql(&self) -> (String, Vec<String>) {
        let escaped = |word: &String| word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let mut values: Vec<String> = self.words.iter().map(|word| format!("%{}%", escaped(word))).collect();
        let mut conditions: Vec<String> =
            (1..=values.len()).map(|number| format!("words LIKE ${number} ESCAPE '\\'")).collect();
        if let Some(status) = self.status {
            values.push(status.name().to_owned());
            conditions.push(format!("status = ${}", values.len()));
        }
        if let Some(assignee) = &self.assignee {
            values.push(assignee.clone());
            conditions.push(format!("lower(assignee) = ${}", values.len()));
        }
        let condition = if conditions.is_empty() { "true".to_owned() } else { conditions.join(" AND ") };
        (condition, values)
    }
}

/// The endings of English words that are left out of a search, longest first, and what is put in their place.
const ENDINGS: [(&str, &str); 7] =
    [("nesses", ""), ("ings", ""), ("ies", ""), ("ing", ""), ("ers", ""), ("es", ""), ("s", "")];

/// A word in lower case without the ending that its plural or another form has: `passwords` also finds `password`, and
/// `printing` finds `prints`. What is not all letters stays as it is.
fn stem(word: &str) -> String {
    let word = word.to_lowercase();
    if !word.chars().all(char::is_alphabetic) {
        return word;
    }
    for (ending, instead) in ENDINGS {
        if let Some(start) = word.strip_suffix(ending)
            && start.chars().count() >= 4
            && !(ending == "s" && start.ends_with('s'))
        {
            return format!("{start}{instead}");
        }
    }
    word
}

impl Db {
    /// A ticket with what was said about it.
    ///
    /// # Errors
    /// `not_found`, or what the database fails with.
    pub(crate) async fn ticket(&self, id: i64) -> ToolResult<Ticket> {
        let ticket = sqlx::query_as("SELECT * FROM ticket WHERE id = $1").bind(id).fetch_optional(&self.pool).await?;
        let mut ticket: Ticket = ticket.ok_or_else(|| missing(id))?;
        ticket.comments = sqlx::query_as("SELECT author, text, written FROM comment WHERE ticket = $1 ORDER BY id")
            .bind(id)
            .fetch_all(&self.pool)
            .await?;
        Ok(ticket)
    }

    /// The tickets that match, newest first, and how many there are in all.
    pub(crate) async fn search(&self, filter: &Filter, limit: u16) -> ToolResult<(Vec<Summary>, u64)> {
        let (condition, values) = filter.sql();
        let sql = format!("{SUMMARY} WHERE {condition} ORDER BY id DESC LIMIT {limit}");
        let mut query = sqlx::query_as(AssertSqlSafe(sql));
        let mut count = sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM ticket WHERE {condition}")));
        for value in values {
            query = query.bind(value.clone());
            count = count.bind(value);
        }
        let total: i64 = count.fetch_one(&self.pool).await?;
        Ok((query.fetch_all(&self.pool).await?, total.unsigned_abs()))
    }

    /// The numbers of the tickets that match, newest first.
    pub(crate) async fn matching(&self, filter: &Filter, limit: u16) -> ToolResult<Vec<i64>> {
        let (condition, values) = filter.sql();
        let sql = format!("SELECT id FROM ticket WHERE {condition} ORDER BY id DESC LIMIT {limit}");
        let query = values.into_iter().fold(sqlx::query_scalar(AssertSqlSafe(sql)), sqlx::query::QueryScalar::bind);
        Ok(query.fetch_all(&self.pool).await?)
    }

    /// These tickets, newest first; one that was deleted is left out.
    pub(crate) async fn summaries(&self, ids: &[i64]) -> ToolResult<Vec<Summary>> {
        let list = ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
        if list.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!("{SUMMARY} WHERE id IN ({list}) ORDER BY id DESC");
        Ok(sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&self.pool).await?)
    }
}

/// The error for a ticket that is not there.
pub(super) fn missing(id: i64) -> ToolError {
    ToolError::not_found(format!("there is no ticket {id}"))
        .advice("Find the ticket with search_tickets; do not guess numbers.")
}

impl FromRow<'_, AnyRow> for Summary {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            title: row.try_get("title")?,
            status: word(row, "status")?,
            priority: word(row, "priority")?,
            assignee: row.try_get("assignee")?,
        })
    }
}

impl FromRow<'_, AnyRow> for Ticket {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            summary: Summary::from_row(row)?,
            body: row.try_get("body")?,
            version: row.try_get("version")?,
            created: row.try_get("created")?,
            comments: Vec::new(),
        })
    }
}

impl FromRow<'_, AnyRow> for Comment {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self { author: row.try_get("author")?, text: row.try_get("text")?, written: row.try_get("written")? })
    }
}

/// A column that holds one of a few words.
fn word<'row, T: Deserialize<'row>>(row: &'row AnyRow, column: &str) -> sqlx::Result<T> {
    let text: &str = row.try_get(column)?;
    let deserializer: StrDeserializer<'_, WordError> = text.into_deserializer();
    T::deserialize(deserializer).map_err(|error| sqlx::Error::Decode(error.into()))
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn forms_of_a_word_share_its_stem() {
        for (word, found) in [
            ("Password", "password"),
            ("passwords", "password"),
            ("printing", "print"),
            ("prints", "print"),
            ("batteries", "batter"),
            ("access", "access"),
            ("bus", "bus"),
            ("v2s", "v2s"),
            ("müller", "müller"),
        ] {
            assert_eq!(stem(word), found, "{word}");
        }
    }
}
