//! The lexer: SQL text as pieces, by the rules of its dialect.

/// Whose SQL it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// One piece of SQL text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A word as the engine folds it, or the content of a quoted identifier.
    Name { text: String, quoted: bool },
    /// A literal: text, number, blob.
    Literal,
    /// A parameter that nobody could fill.
    Placeholder,
    /// `::`, a cast in PostgreSQL.
    Cast,
    /// Any other character.
    Mark(char),
}

#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) token: Token,
    /// Where it begins, in bytes.
    pub(crate) start: usize,
    /// Where it ends, in bytes.
    pub(crate) end: usize,
}

/// What cannot be read, and where, in bytes.
pub(super) type Fault = (&'static str, usize);

/// Takes a text apart; comments and spaces are left out.
pub(super) fn pieces(sql: &str, dialect: Dialect) -> Result<Vec<Piece>, Fault> {
    Lexer { sql, dialect, at: 0 }.pieces()
}

struct Lexer<'a> {
    sql: &'a str,
    dialect: Dialect,
    at: usize,
}

impl Lexer<'_> {
    fn pieces(mut self) -> Result<Vec<Piece>, Fault> {
        if let Some(at) = self.sql.find('\0') {
            return Err(("there is a NUL character in the query", at));
        }
        let mut pieces = Vec::new();
        while let Some(next) = self.peek(0) {
            let start = self.at;
            match next {
                // To both engines any other space of Unicode is part of a name.
                ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c' => self.skip(next),
                '-' if self.peek(1) == Some('-') => self.line_comment(),
                '/' if self.peek(1) == Some('*') => self.comment()?,
                _ => {
                    let token = self.token(next)?;
                    pieces.push(Piece { token, start, end: self.at });
                }
            }
        }
        Ok(pieces)
    }

    fn token(&mut self, next: char) -> Result<Token, Fault> {
        let sqlite = self.dialect == Dialect::Sqlite;
        match next {
            '\'' => self.quoted('\'', false).map(|_| Token::Literal),
            '"' => self.identifier('"'),
            '`' if sqlite => self.identifier('`'),
            '[' if sqlite => {
                let start = self.at;
                let Some(length) = self.rest().find(']') else {
                    return Err(("a name in brackets does not end", start));
                };
                let text = self.rest().get(1..length).unwrap_or_default().to_ascii_lowercase();
                self.at += length + 1;
                Ok(Token::Name { text, quoted: true })
            }
            '?' | '@' | '#' | '$' if sqlite => Ok(self.placeholder()),
            ':' if self.peek(1) == Some(':') => {
                self.at += 2;
                Ok(Token::Cast)
            }
            ':' if sqlite && self.peek(1).is_some_and(is_name_part) => Ok(self.placeholder()),
            '$' => self.dollar(),
            _ if next.is_ascii_digit() => {
                self.skip_while(|other| other.is_ascii_alphanumeric() || other == '_' || other == '.');
                Ok(Token::Literal)
            }
            _ if is_name_start(next) => self.word(),
            _ => {
                self.skip(next);
                Ok(Token::Mark(next))
            }
        }
    }

    fn word(&mut self) -> Result<Token, Fault> {
        let start = self.at;
        self.skip_while(is_name_part);
        let word = self.sql.get(start..self.at).unwrap_or_default();
        if self.dialect == Dialect::Postgres {
            match (word, self.peek(0), self.peek(1)) {
                ("e" | "E", Some('\''), _) => return self.quoted('\'', true).map(|_| Token::Literal),
                // `U&"…"` can spell any name with escapes; the guard of functions could not read it.
                ("u" | "U", Some('&'), Some('"')) => {
                    return Err(("names with unicode escapes are not accepted", start));
                }
                _ => {}
            }
        }
        Ok(Token::Name { text: word.to_ascii_lowercase(), quoted: false })
    }

    fn identifier(&mut self, quote: char) -> Result<Token, Fault> {
        let text = self.quoted(quote, false)?;
        // SQLite folds quoted names too.
        let text = if self.dialect == Dialect::Sqlite { text.to_ascii_lowercase() } else { text };
        Ok(Token::Name { text, quoted: true })
    }

    /// A text between quotes, doubled to stand for themselves; with `escapes` a backslash guards the next character.
    fn quoted(&mut self, quote: char, escapes: bool) -> Result<String, Fault> {
        let start = self.at;
        let mut text = String::new();
        self.skip(quote);
        while let Some(next) = self.peek(0) {
            self.skip(next);
            if escapes && next == '\\' {
                let Some(guarded) = self.peek(0) else { break };
                self.skip(guarded);
            } else if next != quote {
                text.push(next);
            } else if self.peek(0) == Some(quote) {
                self.skip(quote);
                text.push(quote);
            } else {
                return Ok(text);
            }
        }
        Err(("a quote is opened and not closed", start))
    }

    fn placeholder(&mut self) -> Token {
        self.at += 1;
        self.skip_while(is_name_part);
        Token::Placeholder
    }

    /// PostgreSQL's `$1` or `$tag$…$tag$`.
    fn dollar(&mut self) -> Result<Token, Fault> {
        let start = self.at;
        if self.peek(1).is_some_and(|next| next.is_ascii_digit()) {
            return Ok(self.placeholder());
        }
        self.at += 1;
        self.skip_while(|other| other != '$' && is_name_part(other));
        if self.peek(0) != Some('$') {
            return Ok(Token::Mark('$'));
        }
        self.at += 1;
        let tag = self.sql.get(start..self.at).unwrap_or_default();
        let Some(length) = self.rest().find(tag) else { return Err(("a dollar quote does not end", start)) };
        self.at += length + tag.len();
        Ok(Token::Literal)
    }

    /// A comment between `/*` and `*/`; PostgreSQL nests them, SQLite does not.
    fn comment(&mut self) -> Result<(), Fault> {
        let start = self.at;
        let mut depth = 0_u32;
        while let Some(next) = self.peek(0) {
            match (next, self.peek(1)) {
                ('/', Some('*')) if depth == 0 || self.dialect == Dialect::Postgres => {
                    depth += 1;
                    self.at += 2;
                }
                ('*', Some('/')) => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return Ok(());
                    }
                }
                _ => self.skip(next),
            }
        }
        Err(("a comment is opened and not closed", start))
    }

    fn rest(&self) -> &str {
        self.sql.get(self.at..).unwrap_or_default()
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.rest().chars().nth(ahead)
    }

    fn skip(&mut self, character: char) {
        self.at += character.len_utf8();
    }

    fn skip_while(&mut self, wanted: impl Fn(char) -> bool) {
        while let Some(next) = self.peek(0).filter(|next| wanted(*next)) {
            self.skip(next);
        }
    }

    /// A comment to the end of its line, which a carriage return is to PostgreSQL and not to SQLite.
    fn line_comment(&mut self) {
        let postgres = self.dialect == Dialect::Postgres;
        self.skip_while(|other| other != '\n' && !(postgres && other == '\r'));
    }
}

fn is_name_start(character: char) -> bool {
    character == '_' || character.is_ascii_alphabetic() || !character.is_ascii()
}

fn is_name_part(character: char) -> bool {
    is_name_start(character) || character.is_ascii_digit() || character == '$'
}
