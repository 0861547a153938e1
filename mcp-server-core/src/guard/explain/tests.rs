//! What is told of values that do not fit, and that the judge and the explanation agree.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::guard::validate::Validator;

fn told(schema: &Value, value: &Value) -> Vec<String> {
    let violations = Validator::compile(schema).unwrap().validate(value).unwrap_err();
    violations.iter().map(ToString::to_string).collect()
}

fn echo() -> Value {
    json!({
        "type": "object",
        "properties": {
            "text": {"type": "string", "minLength": 1, "maxLength": 1000},
            "n": {"type": "integer", "minimum": 1, "maximum": 10},
            "tag": {"type": "string", "pattern": "^[a-z]+$"},
        },
        "required": ["text"],
        "additionalProperties": false,
    })
}

/// TE1: every violation at once, with pointer, rule and what is allowed.
#[test]
fn all_that_is_wrong_is_told_at_once() {
    let value = json!({"text": "x".repeat(1001), "n": 99, "tag": "A"});
    assert_eq!(
        told(&echo(), &value),
        [
            "`/text` must have 1 to 1000 characters",
            "`/n` must be from 1 to 10",
            "`/tag` must match the pattern `^[a-z]+$`",
        ]
    );
    assert_eq!(told(&echo(), &json!({"n": "5"})), ["`/n` must be an integer, not a string", "`/text` is required"]);
    assert_eq!(told(&echo(), &json!([])), ["the whole must be an object, not an array"]);
}

/// TE2: an unknown argument is refused, and the one that was meant is named.
#[test]
fn an_unknown_argument_is_told_with_the_nearest() {
    let told_ = told(&echo(), &json!({"text": "x", "tagg": "a"}));
    assert_eq!(told_, ["`/tagg` is unknown; known are `text`, `n`, `tag`; did you mean `tag`?"]);
    let told_ = told(&echo(), &json!({"text": "x", "tag": "a", "tagg": "b"}));
    assert!(!told_[0].contains("did you mean"), "what was sent was not forgotten: {told_:?}");
    let long = "k".repeat(10_000);
    assert!(told(&echo(), &json!({"text": "x", long: 1}))[0].len() < 300);
    assert!(
        told(&json!({"type": "object", "additionalProperties": false}), &json!({"a": 1}))[0]
            .contains("nothing is expected")
    );
}

#[test]
fn at_most_eight_are_told() {
    let many: Value =
        (0..1000).map(|index| (format!("unknown{index}"), json!(1))).collect::<serde_json::Map<_, _>>().into();
    assert_eq!(told(&echo(), &many).len(), MOST_VIOLATIONS);
    let schema = json!({"type": "array", "items": {"type": "string"}});
    assert_eq!(told(&schema, &json!(vec![1; 200_000])).len(), MOST_VIOLATIONS);
}

#[test]
fn every_rule_has_its_words() {
    for (schema, value, words) in [
        (
            json!({"enum": ["asc", "desc"]}),
            json!("ascc"),
            "the whole must be one of `asc`, `desc`; did you mean `asc`?",
        ),
        (json!({"const": "v1"}), json!("v2"), "the whole must be `v1`"),
        (json!({"minimum": 1}), json!(0), "the whole must be at least 1"),
        (json!({"exclusiveMaximum": 1.5}), json!(1.5), "the whole must be less than 1.5"),
        (json!({"multipleOf": 5}), json!(7), "the whole must be a multiple of 5"),
        (json!({"minLength": 1}), json!(""), "the whole must have at least 1 character"),
        (json!({"minItems": 2, "maxItems": 2}), json!([1]), "the whole must have 2 items"),
        (json!({"uniqueItems": true}), json!([1, 1]), "the whole must not have an item twice"),
        (
            json!({"format": "date-time"}),
            json!("2026-11-21 10:00"),
            "the whole must have the format `date-time`, such as 2026-11-21T10:00:00Z",
        ),
        (json!({"type": ["string", "null"]}), json!(1), "the whole must be a string or null, not a number"),
        (json!(false), json!(1), "the whole is not allowed"),
        (json!({"not": {}}), json!(1), "the whole does not fit the schema"),
        (json!({"prefixItems": [{"type": "string"}]}), json!([1]), "`/0` must be a string, not a number"),
        (
            json!({"properties": {"a/b~c": {"type": "null"}}}),
            json!({"a/b~c": 1}),
            "`/a~1b~0c` must be null, not a number",
        ),
    ] {
        assert_eq!(told(&schema, &value), [words], "{schema}");
    }
}

#[test]
fn of_alternatives_the_one_that_was_meant_is_explained() {
    let tagged = json!({"oneOf": [
        {"type": "object", "properties": {"kind": {"const": "circle"}, "radius": {"type": "number"}}, "required": ["kind", "radius"]},
        {"type": "object", "properties": {"kind": {"const": "square"}, "side": {"type": "number"}}, "required": ["kind", "side"]},
    ]});
    assert_eq!(told(&tagged, &json!({"kind": "square", "side": "1"})), ["`/side` must be a number, not a string"]);
    assert_eq!(told(&tagged, &json!({"kind": "triangle"})), ["`/kind` must be `circle` or `square`"]);
    assert_eq!(told(&tagged, &json!(1)), ["the whole must be an object, not a number"]);
    let either = json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]});
    assert_eq!(told(&either, &json!(1)), ["the whole must be a string or an array, not a number"]);
    assert_eq!(told(&either, &json!(["a", 1])), ["`/1` must be a string, not a number"]);
    let both = json!({"oneOf": [{"type": "number"}, {"type": "integer"}]});
    assert_eq!(told(&both, &json!(1)), ["the whole fits more than one of the allowed forms"]);
}

/// DS9: alternatives that refer to themselves would take time exponential in the depth of the value.
#[test]
fn a_hostile_value_takes_a_bounded_number_of_steps() {
    let branch = |kind: &str| {
        json!({
            "type": "object",
            "properties": {"left": {"$ref": "#/$defs/Tree"}, "right": {"$ref": "#/$defs/Tree"}, "kind": {"const": kind}},
            "required": ["kind"],
        })
    };
    let schema = json!({"$ref": "#/$defs/Tree", "$defs": {"Tree": {"oneOf": [branch("and"), branch("or"), {"type": "string"}]}}});
    let mut value = json!(1);
    for _ in 0..60 {
        value = json!({"left": value, "right": 2, "kind": "or"});
    }
    assert!(!told(&schema, &value).is_empty());
    let shapes = Shapes::of(&schema);
    let mut walk = Walk { shapes: &shapes, steps: 0, path: String::new(), found: Vec::new(), room: MOST_VIOLATIONS };
    walk.visit(0, &value);
    assert!(walk.steps <= MOST_STEPS + 8, "{}", walk.steps);
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-20_i64..20).prop_map(Value::from),
        (-20.0_f64..20.0).prop_map(Value::from),
        "[abA]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-d]", inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

fn any_schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({})),
        Just(json!({"type": "string"})),
        Just(json!({"type": ["integer", "null"]})),
        (-5_i64..5, 0_i64..10)
            .prop_map(|(least, more)| json!({"type": "number", "minimum": least, "maximum": least + more})),
        (-5_i64..5).prop_map(|least| json!({"exclusiveMinimum": least})),
        (0_u64..3, 0_u64..4).prop_map(|(least, more)| json!({"minLength": least, "maxLength": least + more})),
        Just(json!({"type": "string", "pattern": "^a"})),
        any_value().prop_map(|value| json!({"const": value})),
        proptest::collection::vec(any_value(), 1..4).prop_map(|mut options| {
            options.dedup();
            json!({"enum": [options[0]]})
        }),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let map = proptest::collection::btree_map("[a-d]", inner.clone(), 0..4);
        prop_oneof![
            (map, proptest::collection::btree_set("[a-d]", 0..3), any::<bool>()).prop_map(|(properties, required, closed)| {
                json!({"type": "object", "properties": properties, "required": required, "additionalProperties": !closed})
            }),
            inner.clone().prop_map(|items| json!({"type": "array", "items": items, "maxItems": 3})),
            inner.clone().prop_map(|others| json!({"additionalProperties": others})),
            proptest::collection::vec(inner.clone(), 1..3).prop_map(|branches| json!({"anyOf": branches})),
            proptest::collection::vec(inner.clone(), 1..3).prop_map(|branches| json!({"oneOf": branches})),
            proptest::collection::vec(inner, 1..3).prop_map(|branches| json!({"allOf": branches})),
        ]
    })
}

proptest! {
    /// The judge refuses exactly where the explanation, which goes its own way, finds something.
    #[test]
    fn verdict_and_explanation_agree(schema in any_schema(), value in any_value()) {
        let shapes = Shapes::of(&schema);
        let mut walk = Walk { shapes: &shapes, steps: 0, path: String::new(), found: Vec::new(), room: MOST_VIOLATIONS };
        walk.visit(0, &value);
        let verdict = Validator::compile(&schema).unwrap().validate(&value);
        prop_assert_eq!(verdict.is_err(), !walk.found.is_empty(), "{} {}", schema, value);
        for violation in verdict.err().into_iter().flatten() {
            let there = value.pointer(&violation.pointer).is_some();
            prop_assert!(there || violation.rule == "required", "{:?}", violation);
        }
    }

    /// SE9: the value of an argument is in no answer.
    #[test]
    fn a_value_is_never_quoted(schema in any_schema(), key in "[a-d]") {
        let value = json!({ key: "CANARY", "a": ["CANARY"] });
        if let Err(violations) = Validator::compile(&schema).unwrap().validate(&value) {
            let quoted = format!("{violations:?}").contains("CANARY");
            prop_assert!(!quoted);
        }
    }
}
