//! What the names of members mean: rows, descriptions of a list, explanations, identifiers, faults.

/// Lists under these names are rows, whatever their items are.
const ROWS: &[&str] = &[
    "items",
    "results",
    "result",
    "rows",
    "data",
    "records",
    "entries",
    "list",
    "hits",
    "matches",
    "values",
    "value",
    "documents",
    "docs",
    "nodes",
    "edges",
    "elements",
    "objects",
    "found",
    "content",
    "contents",
    "members",
    "resources",
    "output",
    "outputs",
    "payload",
    "body",
    "response",
    "responses",
    "collection",
    "dataset",
    "resultset",
    "page",
    "listing",
];

/// The names of rows under which `null` or a blank text stands for a list that is missing.
const PLURAL: &[&str] = &[
    "items",
    "results",
    "rows",
    "data",
    "records",
    "entries",
    "list",
    "hits",
    "matches",
    "values",
    "documents",
    "docs",
    "nodes",
    "edges",
    "elements",
    "objects",
];

/// Members that describe a list or the request, and are no data.
const DESCRIPTIONS: &[&str] = &[
    "count",
    "counts",
    "total",
    "totals",
    "totalcount",
    "totalelements",
    "totalhits",
    "totalitems",
    "totalmatches",
    "totalpages",
    "totalresults",
    "totalrows",
    "numberofelements",
    "numfound",
    "numitems",
    "numresults",
    "numrows",
    "page",
    "pages",
    "pageable",
    "pagenumber",
    "pagesize",
    "pageinfo",
    "pageindex",
    "pagetoken",
    "perpage",
    "currentpage",
    "lastpage",
    "firstpage",
    "paging",
    "pagination",
    "limit",
    "offset",
    "skip",
    "startindex",
    "nextpage",
    "nextpagetoken",
    "nexttoken",
    "nextcursor",
    "nextoffset",
    "nextlink",
    "next",
    "prev",
    "previous",
    "previouspage",
    "cursor",
    "continuation",
    "hasmore",
    "hasnext",
    "hasnextpage",
    "hasprevious",
    "hasprev",
    "haspreviouspage",
    "more",
    "ismore",
    "islast",
    "islastpage",
    "truncated",
    "istruncated",
    "partial",
    "incomplete",
    "incompleteresults",
    "complete",
    "completed",
    "exhaustive",
    "final",
    "finished",
    "empty",
    "isempty",
    "ok",
    "success",
    "successful",
    "succeeded",
    "statuscode",
    "httpstatus",
    "cached",
    "fromcache",
    "fresh",
    "stale",
    "took",
    "elapsed",
    "duration",
    "latency",
    "timing",
    "timestamp",
    "generated",
    "generatedat",
    "fetchedat",
    "retrievedat",
    "updatedat",
    "createdat",
    "asof",
    "now",
    "query",
    "q",
    "search",
    "searchterm",
    "searchterms",
    "term",
    "terms",
    "keyword",
    "keywords",
    "words",
    "filter",
    "filters",
    "criteria",
    "params",
    "parameters",
    "args",
    "arguments",
    "sort",
    "sortby",
    "orderby",
    "version",
    "apiversion",
    "schemaversion",
    "columns",
    "fields",
    "headers",
    "requestid",
    "traceid",
    "correlationid",
    "meta",
    "metadata",
    "links",
    "etag",
    "source",
    "backend",
    "engine",
    "scanned",
    "searched",
    "examined",
    "returned",
    "matched",
    "attempts",
    "maxscore",
    "locale",
    "timezone",
];

/// Members that describe a list if they are numbers or flags.
const NUMERIC: &[&str] = &[
    "n", "size", "length", "len", "number", "start", "top", "first", "last", "from", "to", "code", "status", "state",
    "index", "score", "time", "done", "live", "shown", "checked", "visited", "skipped", "retries",
];

/// Texts that describe a list where there is a list of rows, and are data elsewhere.
const WEAK_TEXTS: &[&str] = &[
    "object",
    "kind",
    "type",
    "format",
    "status",
    "state",
    "code",
    "url",
    "uri",
    "href",
    "link",
    "self",
    "region",
    "language",
    "lang",
    "unit",
    "units",
    "date",
    "time",
    "first",
    "last",
    "from",
    "to",
    "index",
    "order",
    "direction",
    "reference",
];

/// Ends of names that describe a list: `match_count`, `took_ms`, `next_page_token`.
const DESCRIBING_ENDS: &[&str] = &["count", "ms", "millis", "micros", "seconds", "secs", "cursor", "pagetoken"];

/// Members whose text explains why a list is empty.
const REASONS: &[&str] = &["reason", "reasons", "explanation", "why", "emptyreason"];

/// Members whose text explains why a list of rows is empty, and is data elsewhere.
const REMARKS: &[&str] = &[
    "message",
    "messages",
    "note",
    "notes",
    "hint",
    "hints",
    "detail",
    "details",
    "remark",
    "warning",
    "warnings",
    "advice",
    "suggestion",
    "suggestions",
    "error",
    "description",
    "info",
    "summary",
    "comment",
];

/// Texts that say no more than that a request was served.
const SERVED: &[&str] = &["ok", "okay", "success", "successful", "done", "null", "nil", "undefined"];

/// Texts that explain nothing.
const EXPLAIN_NOTHING: &[&str] = &["none", "na", "empty", "ready", "true", "false", "200"];

/// Lists whose emptiness is good news: they are never rows.
const FAULTS: &[&str] = &[
    "errors",
    "warnings",
    "problems",
    "issues",
    "violations",
    "conflicts",
    "failures",
    "faults",
    "diagnostics",
    "findings",
    "alerts",
    "missing",
    "duplicates",
    "differences",
    "diff",
    "changes",
    "rejected",
    "failed",
    "skipped",
    "unresolved",
];

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
