//! Statements: whether a text is one query, and the names in it.

use mcp_server_core::tool::{ToolError, ToolResult};

use super::commands::instead_of_statement;
use super::defined::definitions;
use super::fence::unfenced;
use super::lexer::{Dialect, Piece, Token, pieces};

/// One statement that may be a query.
#[derive(Clone, Debug)]
pub struct Statement {
    text: String,
    dialect: Dialect,
    pieces: Vec<Piece>,
    start: usize,
}

const READS: [&str; 4] = ["select", "with", "values", "table"];
const NOT_READS: [&str; 43] = [
    "alter",
    "analyze",
    "attach",
    "begin",
    "call",
    "checkpoint",
    "cluster",
    "comment",
    "commit",
    "copy",
    "create",
    "deallocate",
    "declare",
    "delete",
    "detach",
    "discard",
    "do",
    "drop",
    "end",
    "execute",
    "grant",
    "import",
    "insert",
    "listen",
    "load",
    "lock",
    "merge",
    "notify",
    "pragma",
    "prepare",
    "refresh",
    "reindex",
    "release",
    "replace",
    "reset",
    "revoke",
    "rollback",
    "savepoint",
    "set",
    "start",
    "truncate",
    "update",
    "vacuum",
];

impl Statement {
    /// Reads a text that should be one query.
    ///
    /// # Errors
    /// `invalid_argument` for a text that is not one whole statement or holds parameters, `permission_denied` for a
    /// statement that is no query.
    pub fn read(sql: &str, dialect: Dialect) -> ToolResult<Self> {
        let bare = unfenced(sql);
        if let Some(advice) = instead_of_statement(&bare, dialect) {
            return Err(ToolError::invalid_argument(
                "this is a command of another program, not a query of this database",
            )
            .pointer("/sql")
            .advice(advice));
        }
        let mut pieces = pieces(&bare, dialect).map_err(|(message, at)| {
            ToolError::invalid_argument(format!("{message} ({})", place(sql, at))).pointer("/sql")
        })?;
        while pieces.last().is_some_and(|piece| piece.token == Token::Mark(';')) {
            pieces.pop();
        }
        let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
            return Err(ToolError::invalid_argument("there is no query in `sql`").pointer("/sql"));
        };
        if let Some(piece) = pieces.iter().find(|piece| piece.token == Token::Mark(';')) {
            return Err(ToolError::invalid_argument(format!(
                "only one statement can be run at a time; another one follows at {}",
                place(sql, piece.start)
            ))
            .pointer("/sql")
            .advice("Call once for each statement."));
        }
        if let Some(piece) = pieces.iter().find(|piece| piece.token == Token::Placeholder) {
            // An unbound parameter is null to SQLite: the query would be valid and find nothing, without a word.
            return Err(ToolError::invalid_argument(format!("there is a parameter at {}", place(sql, piece.start)))
                .pointer("/sql")
                .advice("Write the value itself into the query, text in single quotes."));
        }
        let (start, end) = (first.start, last.end);
        let text = bare.get(start..end).unwrap_or_default().to_owned();
        let statement = Self { text, dialect, pieces, start };
        statement.must_read()?;
        Ok(statement)
    }

    /// Whose SQL it is.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    fn must_read(&self) -> ToolResult<()> {
        let word = self.explained().unwrap_or_else(|| self.first_word());
        if READS.contains(&word) || (word == "show" && self.dialect == Dialect::Postgres && word == self.first_word()) {
            return Ok(());
        }
        if NOT_READS.contains(&word) {
            let advice = match word {
                "pragma" => {
                    "Use `describe_table`, or a pragma function such as `SELECT * FROM pragma_table_info('t')`."
                }
                _ => "Tell the user that this server cannot change data; do not claim that anything was changed.",
            };
            let message = format!("this server only reads, and {} is not a query", word.to_uppercase());
            return Err(ToolError::permission_denied(message).pointer("/sql").advice(advice));
        }
        Err(ToolError::invalid_argument("a query starts with SELECT, WITH or VALUES")
            .pointer("/sql")
            .advice("Write one query in SQL. `list_tables` and `describe_table` show what there is."))
    }

    /// The first word, in lower case, past opening parentheses.
    pub fn first_word(&self) -> &str {
        self.words().next().unwrap_or_default()
    }

    /// What `EXPLAIN` explains: to explain a `PRAGMA` is to run a part of it, and `EXPLAIN ANALYZE` runs what it explains.
    fn explained(&self) -> Option<&str> {
        let mut pieces = self.pieces.iter().peekable();
        let word = |piece: &Piece| match &piece.token {
            Token::Name { text, quoted: false } => Some(text.clone()),
            _ => None,
        };
        if pieces.next().and_then(word).as_deref() != Some("explain") {
            return None;
        }
        match self.dialect {
            Dialect::Sqlite => {
                if pieces.peek().copied().and_then(word).as_deref() == Some("query") {
                    pieces.next();
                    // Without `PLAN` it is no statement at all.
                    if pieces.next().and_then(word).as_deref() != Some("plan") {
                        return Some("");
                    }
                }
            }
            Dialect::Postgres => {
                if pieces.peek().is_some_and(|piece| piece.token == Token::Mark('(')) {
                    pieces.find(|piece| piece.token == Token::Mark(')'));
                } else {
                    for option in ["analyze", "verbose"] {
                        if pieces.peek().copied().and_then(word).as_deref() == Some(option) {
                            pieces.next();
                        }
                    }
                }
            }
        }
        let first = pieces.find(|piece| piece.token != Token::Mark('('));
        match first.map(|piece| &piece.token) {
            Some(Token::Name { text, quoted: false }) => Some(text),
            _ => Some(""),
        }
    }

    /// The words from the start up to the first piece that is none, past opening parentheses.
    fn words(&self) -> impl Iterator<Item = &str> {
        let pieces = self.pieces.iter().skip_while(|piece| piece.token == Token::Mark('('));
        pieces.map_while(|piece| match &piece.token {
            Token::Name { text, quoted: false } => Some(text.as_str()),
            _ => None,
        })
    }

    /// The statement without what stands around it: comments, spaces, semicolons.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The statement up to the `ORDER BY` of its whole, with what follows that.
    pub(crate) fn before_order(&self) -> &str {
        let mut depth = 0_usize;
        let mut found = None;
        for pair in self.pieces.windows(2) {
            match pair {
                [Piece { token: Token::Mark('('), .. }, _] => depth += 1,
                [Piece { token: Token::Mark(')'), .. }, _] => depth = depth.saturating_sub(1),
                [
                    Piece { token: Token::Name { text: order, quoted: false }, start, .. },
                    Piece { token: Token::Name { text: by, quoted: false }, .. },
                ] if depth == 0 && order == "order" && by == "by" => found = Some(*start),
                _ => {}
            }
        }
        let end = found.map_or(self.text.len(), |start| start.saturating_sub(self.start));
        self.text.get(..end).unwrap_or(&self.text)
    }

    /// Every name in it, folded as the engine folds names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match &piece.token {
            Token::Name { text, .. } => Some(text.as_str()),
            _ => None,
        })
    }

    /// The names that are followed by an opening parenthesis: functions, among others. The names of common table
    /// expressions, where they are defined, and of sampling methods are none.
    pub fn calls(&self) -> Vec<String> {
        let defined = definitions(&self.pieces);
        let pairs = self.pieces.iter().zip(self.pieces.iter().skip(1)).enumerate();
        let called = pairs.filter(|(_, (_, next))| next.token == Token::Mark('('));
        collect_names(called.filter(|(index, _)| !defined.contains(index)).map(|(_, (piece, _))| piece))
    }

    /// Its pieces.
    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The text of some of its pieces, as they were written.
    pub(crate) fn written(&self, first: &Piece, last: &Piece) -> &str {
        let range = first.start.saturating_sub(self.start)..last.end.saturating_sub(self.start);
        self.text.get(range).unwrap_or_default()
    }

    /// The names that follow a dot: columns, and functions in the notation `row.function`.
    pub fn members(&self) -> Vec<String> {
        let pairs = self.pieces.iter().zip(self.pieces.iter().skip(1));
        let members = pairs.filter(|(piece, _)| piece.token == Token::Mark('.'));
        collect_names(members.map(|(_, next)| next))
    }

    /// Where in the author's text a character of the statement stands, for people: counted from 0 in characters.
    pub fn place_of_char(&self, sql: &str, index: usize) -> String {
        let offset = self.text.char_indices().nth(index).map_or(self.text.len(), |(offset, _)| offset);
        place(sql, self.start + offset)
    }

    /// Where in the author's text a byte of the statement stands, for people.
    pub fn place_of_byte(&self, sql: &str, offset: usize) -> String {
        place(sql, self.start + offset)
    }

    /// Where the only piece with this text stands, if there is just one.
    pub fn place_of_piece(&self, sql: &str, wanted: &str) -> Option<String> {
        let mut found = self.pieces.iter().filter(|piece| sql.get(piece.start..piece.end) == Some(wanted));
        match (found.next(), found.next()) {
            (Some(piece), None) => Some(place(sql, piece.start)),
            _ => None,
        }
    }
}

fn collect_names<'a>(pieces: impl Iterator<Item = &'a Piece>) -> Vec<String> {
    let mut names: Vec<String> = pieces
        .filter_map(|piece| match &piece.token {
            Token::Name { text, .. } => Some(text.clone()),
            _ => None,
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// A byte offset as line and column, both from 1.
fn place(sql: &str, offset: usize) -> String {
    let before = sql.get(..offset).unwrap_or(sql);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}")
}

#[cfg(test)]
mod tests {
    use mcp_server_core::tool::ErrorKind;

    use super::*;

    fn refused(sql: &str, dialect: Dialect) -> ErrorKind {
        Statement::read(sql, dialect).expect_err(sql).kind()
    }

    #[test]
    fn one_query_passes_without_its_surroundings() {
        let statement = Statement::read(" -- why\n SELECT 1 /* one */ ; ; -- end", Dialect::Sqlite).unwrap();
        assert_eq!(statement.text(), "SELECT 1");
        assert_eq!(statement.first_word(), "select");
        assert!(Statement::read("explain query plan select 1", Dialect::Sqlite).is_ok());
        for sql in [
            "explain select 1",
            "EXPLAIN (ANALYZE, BUFFERS) WITH a AS (SELECT 1) SELECT 1",
            "explain analyze verbose (select 1)",
            "SHOW work_mem",
        ] {
            assert!(Statement::read(sql, Dialect::Postgres).is_ok(), "{sql}");
        }
        assert_eq!(Statement::read("(values (1))", Dialect::Postgres).unwrap().first_word(), "values");
    }

    #[test]
    fn a_second_statement_is_found_wherever_it_hides() {
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            for sql in [
                "select 1; select 2",
                "select ';' ; drop table t",
                "select 1 /* ; */ ; delete from t",
                "select \";\";x",
            ] {
                assert_eq!(refused(sql, dialect), ErrorKind::InvalidArgument, "{sql}");
            }
            for sql in ["select ';'", "select 1 -- ; drop", "select \"a;b\" from t", "select 'it''s; fine'"] {
                assert!(Statement::read(sql, dialect).is_ok(), "{sql}");
            }
        }
        // What is a comment or a string to one engine is none to the other.
        assert!(Statement::read("select $$;$$, $a$ $$; $a$, E'\\';'", Dialect::Postgres).is_ok());
        assert!(Statement::read("select /* /* ; */ ; */ 1", Dialect::Postgres).is_ok());
        assert_eq!(refused("select /* /* ; */ ; */ 1", Dialect::Sqlite), ErrorKind::InvalidArgument);
        assert!(Statement::read("select [a;b], `c;d` from t", Dialect::Sqlite).is_ok());
        // A backslash guards nothing in SQLite.
        assert_eq!(refused("select '\\'; drop table t --'", Dialect::Sqlite), ErrorKind::InvalidArgument);
    }

    #[test]
    fn what_does_not_end_is_refused() {
        for sql in ["select 'a", "select \"a", "select /* a", "select [a", "select `a"] {
            assert_eq!(refused(sql, Dialect::Sqlite), ErrorKind::InvalidArgument, "{sql}");
        }
        for sql in ["select $a$ b", "select /* /* */", "select E'\\'", "select 1\0"] {
            assert_eq!(refused(sql, Dialect::Postgres), ErrorKind::InvalidArgument, "{sql}");
        }
    }

    #[test]
    fn parameters_and_spelled_names_are_refused() {
        for sql in ["select ?", "select ?1", "select :a", "select :1", "select @a", "select $a"] {
            assert_eq!(refused(sql, Dialect::Sqlite), ErrorKind::InvalidArgument, "{sql}");
        }
        assert_eq!(refused("select $1", Dialect::Postgres), ErrorKind::InvalidArgument);
        assert_eq!(refused("select U&\"\\0070g_sleep\"(1)", Dialect::Postgres), ErrorKind::InvalidArgument);
        assert!(Statement::read("select a::text, b[1:2], c ? 'x' from t", Dialect::Postgres).is_ok());
    }

    #[test]
    fn what_is_no_query_is_refused_by_name() {
        for sql in [
            "insert into t values (1)",
            "PRAGMA writable_schema=1",
            "attach 'x' as y",
            "/**/ vacuum into 'x'",
            "explain pragma query_only = 0",
            "explain query plan pragma query_only = 0",
            "explain delete from t",
        ] {
            assert_eq!(refused(sql, Dialect::Sqlite), ErrorKind::PermissionDenied, "{sql}");
        }
        for sql in [
            "explain delete from t",
            "explain (analyze) insert into t values (1)",
            "explain analyze update t set a = 1",
        ] {
            assert_eq!(refused(sql, Dialect::Postgres), ErrorKind::PermissionDenied, "{sql}");
        }
        for sql in ["copy t to program 'x'", "do $$begin end$$", "set role x", "(delete from t)"] {
            assert_eq!(refused(sql, Dialect::Postgres), ErrorKind::PermissionDenied, "{sql}");
        }
        for sql in ["", " ; ", "-- nothing", "12", "frobnicate", "explain", "explain query", "explain query plan"] {
            assert_eq!(refused(sql, Dialect::Sqlite), ErrorKind::InvalidArgument, "{sql}");
        }
    }

    #[test]
    fn the_order_of_the_whole_is_found() {
        let read = |sql: &str| Statement::read(sql, Dialect::Sqlite).unwrap().before_order().trim_end().to_owned();
        assert_eq!(read("SELECT a FROM t ORDER BY (SELECT 1) LIMIT 3"), "SELECT a FROM t");
        let inner = "SELECT a, row_number() OVER (ORDER BY b) FROM (SELECT * FROM t ORDER BY c)";
        assert_eq!(read(inner), inner);
    }

    #[test]
    fn a_fence_around_the_query_is_no_part_of_it() {
        for sql in ["```sql\nSELECT 1\n```", "```\nSELECT 1;\n```\n", "  ```SQL SELECT 1```", "```postgresql\nSELECT 1"]
        {
            assert_eq!(Statement::read(sql, Dialect::Postgres).unwrap().text(), "SELECT 1", "{sql}");
        }
        let sql = "```sql\nSELECT x\n```";
        let statement = Statement::read(sql, Dialect::Sqlite).unwrap();
        assert_eq!(statement.place_of_piece(sql, "x").unwrap(), "line 2, column 8");
    }

    #[test]
    fn a_name_that_is_defined_is_not_called() {
        // Key words before a parenthesis are in the list too; no function is called like one.
        let words = ["as", "materialized", "repeatable"];
        let calls = |sql: &str| {
            let mut calls = Statement::read(sql, Dialect::Postgres).unwrap().calls();
            calls.retain(|call| !words.contains(&call.as_str()));
            calls
        };
        assert!(calls("WITH sneaky (a, b) AS (SELECT 1, 2) SELECT * FROM sneaky").is_empty());
        assert_eq!(calls("WITH a AS (SELECT f(1)), RANDOM (x) AS MATERIALIZED (SELECT 1) SELECT 1"), ["f"]);
        assert!(calls("SELECT * FROM t TABLESAMPLE system (1) REPEATABLE (3)").is_empty());
        // What only looks like a definition is a call.
        for sql in [
            "SELECT * FROM t, sneaky(a) AS (b int)",
            "WITH x AS (SELECT 1) SELECT * FROM t, sneaky(a) AS (b int)",
            "SELECT * FROM a WITH ORDINALITY, sneaky(a) AS (b int)",
            "SELECT 1 AS tablesample, sneaky(a) AS x",
        ] {
            assert!(calls(sql).contains(&"sneaky".to_owned()), "{sql}: {:?}", calls(sql));
        }
    }

    #[test]
    fn names_calls_and_places_are_found() {
        let sql = "select pg_sleep (1), \"Lo_Import\"/**/('x'), t.nextval\nfrom T";
        let statement = Statement::read(sql, Dialect::Postgres).unwrap();
        assert_eq!(statement.calls(), ["Lo_Import", "pg_sleep"]);
        assert_eq!(statement.members(), ["nextval"]);
        // A line ends where the engine says it ends: nothing hides from it in a comment.
        let hidden = "select 1 -- x\r, pg_sleep(1)";
        assert_eq!(Statement::read(hidden, Dialect::Postgres).unwrap().calls(), ["pg_sleep"]);
        assert_eq!(refused("select 1 -- \r '\n; drop table t --'", Dialect::Sqlite), ErrorKind::InvalidArgument);
        assert!(statement.names().any(|name| name == "t"));
        assert_eq!(statement.place_of_piece(sql, "from").unwrap(), "line 2, column 1");
        assert_eq!(statement.place_of_char(sql, 7), "line 1, column 8");
    }
}
