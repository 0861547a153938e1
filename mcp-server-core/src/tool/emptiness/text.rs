//! Texts: what one holds, be it nothing, JSON values or words.

use serde_json::{Deserializer, Value};

use crate::protocol::blank::visible;

/// The longest text that is read as JSON, in bytes: what says nothing is short.
const LONGEST: usize = 64 << 10;
/// Printed absent values.
const ABSENT: [&str; 6] = ["null", "NULL", "None", "nil", "undefined", "()"];

/// What a text holds.
#[derive(Debug)]
pub(super) enum Held {
    /// Nothing that is visible, or a printed absent value.
    Nothing,
    /// JSON values, one or one on each line.
    Values(Vec<Value>),
    /// Words, or what is too long to be read.
    Words,
}

/// Reads a text.
pub(super) fn held(text: &str) -> Held {
    let text = visible(text);
    if text.is_empty() || ABSENT.contains(&text) || matches!(text, "''" | "``" | "“”") {
        return Held::Nothing;
    }
    let inner = fenced(text).unwrap_or(text);
    if inner.is_empty() {
        return Held::Nothing;
    }
    if !inner.starts_with(['[', '{', '"', 'n']) || inner.len() > LONGEST {
        return Held::Words;
    }
    let values: Result<Vec<Value>, _> = Deserializer::from_str(inner).into_iter::<Value>().collect();
    values.map_or(Held::Words, Held::Values)
}

/// The inside of a text that is one code fence.
fn fenced(text: &str) -> Option<&str> {
    let inside = text.strip_prefix("```")?.strip_suffix("```")?;
    let inside = inside.split_once('\n').map_or(inside, |(language, code)| {
        if language.trim().chars().all(char::is_alphanumeric) { code } else { inside }
    });
    Some(visible(inside))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::emptiness::{Says, examine_text};

    #[test]
    fn texts_that_are_values_which_say_nothing_say_nothing() {
        for text in [
            "",
            "  \n",
            "\u{200b}",
            "\u{feff}[]",
            "[]",
            " [ ] ",
            "{}",
            "null",
            "None",
            "()",
            "\"\"",
            "''",
            "[[]]",
            "[{}]",
            "\"[]\"",
            "[null, \"\"]",
            "{\"items\":[]}",
            "{\"items\":[],\"count\":0}",
            "```json\n[]\n```",
            "```\n```",
            "[]\n[]",
            "{\"data\":\"[]\"}",
            "{\"data\":{\"items\":[],\"total\":0}}",
            "\"\u{200b}\"",
        ] {
            assert_eq!(examine_text(text).says, Says::Nothing, "{text:?}");
        }
    }

    #[test]
    fn every_other_text_is_data() {
        for text in [
            "0",
            "false",
            "none of them",
            "[] rows",
            "no",
            "-",
            "[x](https://example.com)",
            "{\"id\":7,\"tags\":[]}",
            "[0]",
            "{\"count\":0}",
            "```rust\nfn main() {}\n```",
            "nothing",
            "\"a\"",
            "[",
            "[]\nand more",
            "👍",
            "[\"a\"]",
        ] {
            assert_eq!(examine_text(text).says, Says::Data, "{text:?}");
        }
        let large = format!("[{}]", " ".repeat(LONGEST));
        assert_eq!(examine_text(&large).says, Says::Data, "a long text is not read");
    }

    #[test]
    fn rows_of_json_texts_are_counted() {
        for (text, rows) in [
            ("[]", Some(0)),
            ("[1, 2]", Some(2)),
            ("{\"items\":[{\"a\":1}]}", Some(1)),
            ("text", None),
            ("[1]\n[2]", Some(2)),
        ] {
            assert_eq!(examine_text(text).rows, rows, "{text}");
        }
    }
}
