//! Which values say nothing, which are answers, and how many rows they have.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn says(value: &Value) -> Says {
    examine(value, &RowLists::default()).says
}

#[test]
fn numbers_and_flags_beside_empty_lists_are_no_content() {
    for value in [
        json!(null),
        json!("\u{200b}"),
        json!("[]"),
        json!([]),
        json!([[], {}]),
        json!({ "items": [], "count": 0 }),
        json!({ "items": [], "count": 0, "has_more": false, "page": 1 }),
        json!({ "items": [], "total": 0, "page": 1, "perPage": 20, "nextCursor": null, "ok": true, "tookMs": 3.5 }),
        json!({ "results": [], "scanned": 1500, "exhaustive": true, "shards": 5 }),
        json!({ "data": { "items": [], "total": 0 } }),
        json!({ "response": { "status": 200, "body": { "data": { "hits": [], "max_score": 0.0 } } } }),
        json!({ "items": [{}], "count": 1 }),
        json!({ "items": [null, "", []], "count": 3 }),
        json!({ "rows": null, "count": 0, "limit": 20 }),
        json!({ "data": "[]", "count": 0 }),
        json!({ "columns": ["id", "name"], "rows": [], "rowCount": 0 }),
        json!({ "object": "list", "data": [], "has_more": false, "url": "/v1/customers" }),
        json!({ "items": [], "query": "anything", "filters": { "state": "open" }, "took_ms": 12 }),
        json!({ "prices": {}, "count": 0 }),
        json!({ "films": [], "open": 0, "stale": false, "note": "" }),
        json!({ "content": [], "number": 2, "size": 20, "totalElements": 0, "first": true, "empty": true }),
        json!({ "status": "success", "code": 200, "data": { "orders": [], "count": 0 } }),
        json!({ "items": [], "message": "ok", "status": "success" }),
        json!({ "data": [], "errors": [], "warnings": null }),
    ] {
        assert_eq!(says(&value), Says::Nothing, "{value}");
        assert!(examine(&value, &RowLists::default()).rows.is_none_or(|rows| rows == 0), "{value}");
    }
}

#[test]
fn records_measurements_and_verdicts_beside_empty_lists_are_answers() {
    for value in [
        json!({ "id": 7, "name": "x", "tags": [] }),
        json!({ "id": 7, "tags": [] }),
        json!({ "order_id": 12, "lines": [], "items": [] }),
        json!({ "name": "x", "labels": {} }),
        json!({ "celsius": 21.5, "alerts": [] }),
        json!({ "valid": true, "errors": [] }),
        json!({ "replicas": 3, "labels": {} }),
        json!({ "status": "open", "labels": [] }),
        json!({ "code": "AQ", "languages": [] }),
        json!({ "url": "https://example.com", "tags": [] }),
        json!({ "message": "Hello there", "attachments": [] }),
        json!({ "order": { "id": 3 }, "items": [] }),
        json!({ "fields": ["a"], "tags": [] }),
        json!({ "user": { "name": "Ada", "roles": [] }, "groups": [] }),
        json!({ "items": [], "facets": [{ "name": "a" }] }),
        json!({ "count": 0 }),
        json!({ "found": false }),
        json!({ "celsius": 0, "note": null }),
        json!({ "rows": [{ "id": 1, "tags": [] }] }),
        json!({ "rows": [0, 0] }),
        json!(0),
        json!(false),
    ] {
        assert_eq!(says(&value), Says::Data, "{value}");
    }
}

#[test]
fn the_schema_says_which_lists_are_rows() {
    let schema = json!({ "properties": {
        "films": { "type": "array", "items": { "properties": { "title": {} } } },
        "tags": { "type": "array", "items": { "type": "string" } },
    } });
    let lists = RowLists::of(&schema);
    let says = |value: Value| examine(&value, &lists).says;
    assert_eq!(says(json!({ "films": [], "studios": 3, "sorted": true })), Says::Nothing);
    assert_eq!(says(json!({ "films": [], "film_id": 3 })), Says::Data, "an identifier");
    assert_eq!(says(json!({ "tags": [], "weight": 3 })), Says::Data);
}

#[test]
fn an_explanation_makes_an_empty_list_an_answer() {
    for (value, why) in [
        (json!({ "items": [], "reason": "no ticket has these words" }), "no ticket has these words"),
        (json!({ "items": [], "count": 0, "meta": { "message": "The index is rebuilt." } }), "The index is rebuilt."),
        (json!({ "data": [], "no_results_reason": " archived \u{200b}" }), "archived"),
    ] {
        assert_eq!(examine(&value, &RowLists::default()), Examined { says: Says::Why(why.to_owned()), rows: Some(0) });
    }
}

#[test]
fn rows_are_the_elements_of_named_lists_or_else_of_all_near_the_root() {
    for (value, rows) in [
        (json!([1, 2, 3]), Some(3)),
        (json!({ "items": [1, 2], "tags": ["a"] }), Some(2)),
        (json!({ "data": { "items": [1, 2, 3] } }), Some(3)),
        (json!({ "a": { "b": { "results": [1] } } }), Some(1)),
        (json!({ "films": [1], "shops": [2, 3] }), Some(3)),
        (json!({ "inner": { "films": [1, 2] } }), Some(2)),
        (json!({ "a": { "b": { "films": [1, 2] } } }), None),
        (json!({ "items": [], "facets": [1, 2] }), Some(0)),
        (json!({ "id": 7, "tags": [] }), Some(0)),
        (json!({ "name": "x" }), None),
        (json!({ "columns": ["a", "b"], "rows": [[1, 2]] }), Some(1)),
    ] {
        assert_eq!(examine(&value, &RowLists::default()).rows, rows, "{value}");
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        Just(json!("")),
        Just(json!(0)),
        Just(json!(7)),
        Just(json!(false)),
        Just(json!("x")),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let name = prop_oneof![Just("items"), Just("count"), Just("name"), Just("id"), Just("reason"), Just("tags")];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            proptest::collection::vec((name, inner), 0..4)
                .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    /// What is vacuous says nothing; what says nothing has no rows; and its text is judged like it.
    #[test]
    fn judgements_agree(value in any_value()) {
        let examined = examine(&value, &RowLists::default());
        prop_assert!(!is_vacuous(&value) || examined.says == Says::Nothing, "{value}");
        prop_assert!(examined.says == Says::Data || examined.rows.unwrap_or(0) == 0, "{value}");
        if !value.is_number() && !value.is_boolean() {
            prop_assert_eq!(&examine_text(&value.to_string()).says, &examined.says, "{}", value);
        }
    }
}
