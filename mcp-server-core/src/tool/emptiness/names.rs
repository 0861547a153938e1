//! What the names of members mean: rows, descriptions of a list, explanations, identifiers, faults.

use super::words::{
    DESCRIBING_ENDS, DESCRIPTIONS, EXPLAIN_NOTHING, FAULTS, NUMERIC, PLURAL, REASONS, REMARKS, ROWS, SERVED, WEAK_TEXTS,
};

/// Returns whether lists under this name are rows.
pub(super) fn is_rows(name: &str) -> bool {
    any(ROWS, name)
}

/// Returns whether `null` under this name stands for a missing list of rows.
pub(super) fn is_plural_rows(name: &str) -> bool {
    any(PLURAL, name)
}

/// Returns whether lists under this name hold faults, so that an empty one is an answer.
pub(super) fn is_faults(name: &str) -> bool {
    any(FAULTS, name)
}

/// Returns whether a member of this name describes a list, whatever its value is.
pub(super) fn describes(name: &str) -> bool {
    name.starts_with(['_', '$', '@']) || any(DESCRIPTIONS, name) || DESCRIBING_ENDS.iter().any(|end| has_end(name, end))
}

/// Returns whether a number or a flag of this name describes a list.
pub(super) fn describes_as_number(name: &str) -> bool {
    describes(name) || any(NUMERIC, name)
}

/// Returns whether a text of this name describes a list of rows, and is data elsewhere.
pub(super) fn is_weak_text(name: &str) -> bool {
    any(WEAK_TEXTS, name)
}

/// Returns whether a text under this name explains any empty list.
pub(super) fn is_reason(name: &str) -> bool {
    any(REASONS, name) || has_end(name, "reason")
}

/// Returns whether a text under this name explains an empty list of rows.
pub(super) fn is_remark(name: &str) -> bool {
    any(REMARKS, name) || has_end(name, "message")
}

/// Returns whether a text says no more than that a request was served.
pub(super) fn is_served(text: &str) -> bool {
    any(SERVED, text.trim_end_matches(['.', '!']))
}

/// Returns whether a text can be an explanation.
pub(super) fn is_telling(text: &str) -> bool {
    !is_served(text)
        && !any(EXPLAIN_NOTHING, text.trim_end_matches(['.', '!']))
        && text.chars().filter(|character| character.is_alphanumeric()).count() > 1
}

/// Returns whether a member of this name identifies something.
pub(super) fn identifies(name: &str) -> bool {
    any(&["id", "uuid", "guid", "key", "sku", "isbn"], name) || name.ends_with("_id") || name.ends_with("Id")
}

fn any(words: &[&str], name: &str) -> bool {
    words.iter().any(|word| letters(name).eq(word.bytes()))
}

fn has_end(name: &str, end: &str) -> bool {
    // A whole word at the end: `took_ms` and `tookMs`, but not `terms`.
    let Some(start) = name.len().checked_sub(end.len()).filter(|start| *start > 0 && name.is_char_boundary(*start))
    else {
        return false;
    };
    let (before, last) = name.split_at(start);
    last.eq_ignore_ascii_case(end)
        && (before.ends_with(['_', '-', '.', ' ']) || last.starts_with(|first: char| first.is_ascii_uppercase()))
}

/// The letters of a name, so that `has_more`, `hasMore` and `Has-More` are one.
fn letters(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().filter(|byte| !matches!(byte, b'_' | b'-' | b' ' | b'/' | b'.')).map(|byte| byte.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_count_in_any_spelling_and_as_whole_words() {
        for name in [
            "has_more",
            "hasMore",
            "Has-More",
            "took_ms",
            "tookMs",
            "match_count",
            "matchCount",
            "_links",
            "@odata.count",
        ] {
            assert!(describes(name), "{name}");
        }
        for name in ["account", "discount", "items", "name", "alarms", "title", "celsius"] {
            assert!(!describes(name), "{name}");
        }
        assert!(is_rows("Items") && is_rows("result_set") && !is_rows("tags"));
        assert!(is_reason("no_results_reason") && is_remark("Message") && !is_remark("name") && !is_reason("message"));
        assert!(identifies("id") && identifies("order_id") && identifies("orderId") && !identifies("paid"));
    }

    #[test]
    fn a_telling_text_says_more_than_that_all_is_well() {
        assert!(["no ticket has these words", "Nichts gefunden", "沒有結果"].into_iter().all(is_telling));
        assert!(!["ok", "OK.", "Success!", "-", "n/a", "none", ""].into_iter().any(is_telling));
    }
}
