//! Literals: what stands in a statement or an error of a driver as a value is replaced by `?`.

/// A text without quoted strings, numbers and comments, and without the values that databases show in `(column)=(value)`.
///
/// It follows the lexical rules of SQL as PostgreSQL, SQLite and `MySQL` have them. Text that ends within a literal is
/// one up to its end: summaries are cut anywhere.
pub(crate) fn without_literals(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = ' ';
    while let Some(next) = rest.chars().next() {
        let token = match next {
            '\'' | '"' | '`' => {
                // A prefix such as `E'` or `x'` says how the literal is written.
                quoted(rest, next)
            }
            '$' => dollar_quoted(rest),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '=' if rest.starts_with("=(") && before == ')' => parenthesised(rest),
            '0'..='9' if !before.is_alphanumeric() && !matches!(before, '_' | '$') => number(rest),
            _ => 0,
        };
        if token == 0 {
            clean.push(next);
            before = next;
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
        } else {
            clean.push_str(if next == '=' { "=(?)" } else { "?" });
            before = '?';
            rest = rest.get(token..).unwrap_or_default();
        }
    }
    clean
}

/// The length of a quoted text: a doubled quote and one behind a backslash do not end it.
fn quoted(text: &str, quote: char) -> usize {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character == '\\' {
            characters.next();
        } else if character == quote && characters.next_if(|(_, next)| *next == quote).is_none() {
            return at + character.len_utf8();
        }
    }
    text.len()
}

/// The length of `$tag$ … $tag$`; 0 if it is none, such as the parameter `$1`.
fn dollar_quoted(text: &str) -> usize {
    let Some(end) = text.get(1..).and_then(|rest| rest.find('$')) else { return 0 };
    let Some(tag) = text.get(..end + 2) else { return 0 };
    let name = tag.trim_matches('$');
    if name.starts_with(|first: char| first.is_ascii_digit()) || !name.chars().all(|c| c.is_alphanumeric() || c == '_')
    {
        return 0;
    }
    let body = text.get(tag.len()..).unwrap_or_default();
    body.find(tag).map_or(text.len(), |at| tag.len() + at + tag.len())
}

/// The length of `=(value)`, to the last parenthesis that closes it.
fn parenthesised(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' if depth == 1 => return at + 1,
            ')' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

fn number(text: &str) -> usize {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
    text.find(|c| !is_part(c)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn statements_keep_their_shape_and_lose_their_values() {
        for (text, clean) in [
            ("SELECT a FROM t1 WHERE b = 'it''s' AND c = 17", "SELECT a FROM t1 WHERE b = ? AND c = ?"),
            (r"SELECT E'it\'s' || X'00ff' || $1 FROM u", "SELECT E? || X? || $1 FROM u"),
            ("SELECT $$a'b$$, $x$ $$ $x$ FROM u", "SELECT ?, ? FROM u"),
            (
                "UPDATE t SET a = -1.5e10, b = 0xff -- the password\nWHERE c2 = 3",
                "UPDATE t SET a = -?, b = ? ?\nWHERE c2 = ?",
            ),
            ("SELECT /* who asks */ \"name\", `b` FROM t", "SELECT ? ?, ? FROM t"),
            ("SELECT 'cut of", "SELECT ?"),
            ("INSERT INTO t VALUES ('größe', 2)", "INSERT INTO t VALUES (?, ?)"),
            ("Key (email, n)=(joe@x.org, f(1)) already exists.", "Key (email, n)=(?) already exists."),
        ] {
            assert_eq!(without_literals(text), clean);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(text in ".*") {
            without_literals(&text);
        }

        #[test]
        fn no_quoted_value_is_left(value in "[a-z]{8}[a-z' \\\\\"$]*") {
            let doubled = value.replace('\\', "").replace('\'', "''");
            let clean = without_literals(&format!("SELECT '{doubled}' FROM things"));
            prop_assert_eq!(clean, "SELECT ? FROM things");
        }
    }
}
