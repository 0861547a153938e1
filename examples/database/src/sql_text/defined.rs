//! Names that stand before a parenthesis and are no calls: common table expressions where they are defined, and the
//! sampling methods of `TABLESAMPLE`.

use super::lexer::{Piece, Token};

/// The places of such names among the pieces.
pub(super) fn definitions(pieces: &[Piece]) -> Vec<usize> {
    let mut defined = Vec::new();
    for (at, _) in pieces.iter().enumerate() {
        if is_word(pieces, at, "with") {
            common_tables(pieces, at + 1, &mut defined);
        }
        // `FROM t TABLESAMPLE method (…)`, `FROM t AS a TABLESAMPLE method (…)`: a name stands before it.
        let after_name = at > 0
            && matches!(pieces.get(at - 1).map(|piece| &piece.token), Some(Token::Name { text, quoted })
            if *quoted || text != "as");
        if after_name && is_word(pieces, at, "tablesample") && is_sampling(pieces, at + 1) {
            defined.push(at + 1);
        }
    }
    defined
}

/// The methods that every PostgreSQL has, and those of its extensions.
fn is_sampling(pieces: &[Piece], at: usize) -> bool {
    ["bernoulli", "system", "system_rows", "system_time"].iter().any(|method| is_word(pieces, at, method))
}

/// Follows `[RECURSIVE] name [(columns)] AS [[NOT] MATERIALIZED] (query), …` as long as it is that.
fn common_tables(pieces: &[Piece], mut at: usize, defined: &mut Vec<usize>) {
    at += usize::from(is_word(pieces, at, "recursive"));
    loop {
        if !matches!(pieces.get(at).map(|piece| &piece.token), Some(Token::Name { .. })) {
            return;
        }
        let name = at;
        at += 1;
        let listed = is_mark(pieces, at, '(');
        if listed {
            let Some(end) = closing(pieces, at) else { return };
            let columns = pieces.get(at + 1..end).unwrap_or_default();
            if !columns.iter().all(|piece| matches!(piece.token, Token::Name { .. } | Token::Mark(','))) {
                return;
            }
            at = end + 1;
        }
        if !is_word(pieces, at, "as") {
            return;
        }
        at += 1;
        at += usize::from(is_word(pieces, at, "not"));
        at += usize::from(is_word(pieces, at, "materialized"));
        // A list of column definitions may follow a call in the same way, but a query starts with one of these words.
        let begins = |word: &str| is_word(pieces, at + 1, word) || is_mark(pieces, at + 1, '(');
        let query = is_mark(pieces, at, '(') && ["select", "with", "values", "table"].iter().any(|word| begins(word));
        let Some(end) = closing(pieces, at).filter(|_| query) else { return };
        if listed {
            defined.push(name);
        }
        at = end + 1;
        if !is_mark(pieces, at, ',') {
            return;
        }
        at += 1;
    }
}

/// Where the parenthesis that opens here closes.
fn closing(pieces: &[Piece], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, piece) in pieces.iter().enumerate().skip(open) {
        match piece.token {
            Token::Mark('(') => depth += 1,
            Token::Mark(')') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

fn is_mark(pieces: &[Piece], at: usize, mark: char) -> bool {
    pieces.get(at).is_some_and(|piece| piece.token == Token::Mark(mark))
}

fn is_word(pieces: &[Piece], at: usize, word: &str) -> bool {
    pieces.get(at).is_some_and(|piece| matches!(&piece.token, Token::Name { text, quoted: false } if text == word))
}
