//! Texts: blank ones, and those that are JSON values which say nothing.

use serde_json::{Deserializer, Value};

use super::row_lists::RowLists;
use super::value::{Examined, Says, examine};
use crate::protocol::blank::visible;

/// The longest text that is read as JSON, in bytes: what says nothing is short.
const LONGEST: usize = 64 << 10;
/// How often a JSON value may be wrapped in the text of another one.
const WRAPPED: usize = 3;
/// Printed absent values.
const ABSENT: [&str; 6] = ["null", "NULL", "None", "nil", "undefined", "()"];

/// Examines a text.
pub(crate) fn examine_text(text: &str) -> Examined {
    examine_wrapped(text, WRAPPED)
}

pub(super) fn examine_wrapped(text: &str, wrapped: usize) -> Examined {
    let text = visible(text);
    if text.is_empty() || ABSENT.contains(&text) || matches!(text, "''" | "``" | "“”") {
        return Examined { says: Says::Nothing, rows: None };
    }
    let inner = fenced(text).unwrap_or(text);
    if inner.is_empty() {
        return Examined { says: Says::Nothing, rows: None };
    }
    if !inner.starts_with(['[', '{', '"', 'n']) || inner.len() > LONGEST {
        return Examined::DATA;
    }
    let mut all = Examined { says: Says::Nothing, rows: None };
    // One value, or one on each line.
    for value in Deserializer::from_str(inner).into_iter::<Value>() {
        let Ok(value) = value else { return Examined::DATA };
        let one = match &value {
            Value::String(text) if wrapped > 0 => examine_wrapped(text, wrapped - 1),
            value => examine(value, &RowLists::default()),
        };
        all = all.and(one);
    }
    all
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
