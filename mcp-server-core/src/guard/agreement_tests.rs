//! The published schema and the decoder agree: what the one accepts the other can read, and what is written passes.

use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::validate::Validator;
use crate::tool::schema::{input_schema, output_schema_for, schema_for};
use crate::tool::target::{ParamSpec, Parameter};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Order {
    Newest,
    Oldest,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Place {
    Near { latitude: f64, radius: u16 },
    Named { name: String },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Search {
    words: Vec<String>,
    limit: Option<u32>,
    order: Order,
    place: Place,
    exact: bool,
    offset: i64,
}

fn search() -> impl Strategy<Value = Search> {
    let place = prop_oneof![
        (-90.0..90.0_f64, any::<u16>()).prop_map(|(latitude, radius)| Place::Near { latitude, radius }),
        "\\PC{0,8}".prop_map(|name| Place::Named { name }),
    ];
    let order = prop_oneof![Just(Order::Newest), Just(Order::Oldest)];
    let words = prop::collection::vec("\\PC{0,6}", 0..4);
    (words, any::<Option<u32>>(), order, place, any::<bool>(), any::<i64>())
        .prop_map(|(words, limit, order, place, exact, offset)| Search { words, limit, order, place, exact, offset })
}

fn anything() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1.0e6..1.0e6_f64).prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
        Just(json!([])),
        Just(json!(["a", 1])),
        Just(json!({})),
        Just(json!({"kind": "near", "latitude": 1, "radius": 70000})),
        Just(json!({"kind": "named", "name": "x", "more": 1})),
    ]
}

/// A search as it is written, with members taken out, replaced or added.
fn mangled() -> impl Strategy<Value = Value> {
    let member = prop_oneof![
        Just("words"),
        Just("limit"),
        Just("order"),
        Just("place"),
        Just("exact"),
        Just("offset"),
        Just("other")
    ];
    (search(), prop::collection::vec((member, prop::option::of(anything())), 0..3)).prop_map(|(search, changes)| {
        let mut members: Map<String, Value> =
            serde_json::to_value(&search).ok().and_then(|value| value.as_object().cloned()).unwrap_or_default();
        for (name, change) in changes {
            match change {
                Some(value) => members.insert(name.to_owned(), value),
                None => members.remove(name),
            };
        }
        Value::Object(members)
    })
}

fn input() -> Validator {
    static SPEC: ParamSpec = ParamSpec::new("search", "");
    let schema = schema_for::<Search>();
    let parameters = [Parameter::Argument { spec: &SPEC, schema, optional: false, notes: Vec::new() }];
    Validator::compile(&input_schema(&parameters).unwrap()).unwrap()
}

proptest! {
    /// TE1, TE2: nothing that passes the published schema fails to decode afterwards.
    #[test]
    fn what_passes_can_be_decoded(search in mangled()) {
        let mut arguments = json!({"search": search});
        input().without_absent(&mut arguments);
        let accepted = input().validate(&arguments).is_ok();
        let decoded = serde_json::from_value::<Search>(search.clone());
        prop_assert!(!accepted || decoded.is_ok(), "{search}: {decoded:?}");
    }

    /// DS5: everything that a tool can return passes the schema that is published for it.
    #[test]
    fn what_is_written_passes(search in search()) {
        let output = Validator::compile(&output_schema_for::<Search>()).unwrap();
        prop_assert!(output.validate(&serde_json::to_value(&search).unwrap()).is_ok());
        // `null` is how a client writes what it leaves out.
        let mut arguments = json!({"search": search});
        input().without_absent(&mut arguments);
        prop_assert!(input().validate(&arguments).is_ok());
    }
}
