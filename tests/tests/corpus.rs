//! Types as authors write them: what the schema admits decodes, and what serde takes is admitted or told at start.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by a panic")]

mod sampling;

use std::collections::HashMap;
use std::process::Command;

use mcp_server_tests::corpus::{self, Entry};
use mcp_server_tests::{Pipe, call, initialize, legacy, modern, notification};
use serde_json::{Value, json};

use crate::sampling::Sampler;

const PROGRAM: &str = env!("CARGO_BIN_EXE_corpus-under-test");
/// Values made for each type.
const VALUES: usize = 60;

fn start() -> Pipe {
    Pipe::start(PROGRAM, &["store.url=memory:", "budget.repeats=0", "log.level=off"])
}

fn listed(pipe: &mut Pipe) -> HashMap<String, Value> {
    let list = pipe.ask(&modern("list", "tools/list", json!({})));
    let tools = list["result"]["tools"].as_array().unwrap();
    tools.iter().map(|tool| (tool["name"].as_str().unwrap().to_owned(), tool.clone())).collect()
}

/// How a call ended: with data, or with an error and the rule that was broken first.
enum Ended {
    Data(Value),
    Refused { kind: String, rule: Option<String>, text: String },
}

fn ended(reply: &Value) -> Ended {
    let result = &reply["result"];
    if result["isError"] != true {
        return Ended::Data(result["structuredContent"].clone());
    }
    let error = &result["_meta"]["rs.mcp-server/error"];
    let rule = error["details"]["violations"][0]["rule"].as_str().map(str::to_owned);
    let text = result["content"][0]["text"].as_str().unwrap_or_default().to_owned();
    Ended::Refused { kind: error["kind"].as_str().unwrap_or_default().to_owned(), rule, text }
}

fn give(pipe: &mut Pipe, entry: &Entry, value: &Value) -> Ended {
    ended(&pipe.ask(&call(1, entry.name, json!({ "value": value }))))
}

#[test]
fn there_are_at_least_eighty_types_and_each_has_samples_that_serde_takes() {
    let entries = corpus::entries();
    assert!(entries.len() >= 80, "{} types", entries.len());
    for entry in &entries {
        assert!(!entry.samples.is_empty(), "{}", entry.name);
        for sample in &entry.samples {
            (entry.echo)(sample).unwrap_or_else(|error| panic!("{}: {sample}: {error}", entry.name));
        }
    }
}

/// What serde takes is admitted, and comes back as serde writes it; what is refused was told at start.
#[test]
fn what_serde_takes_is_admitted_or_told() {
    let told = String::from_utf8(Command::new(PROGRAM).arg("check").output().unwrap().stdout).unwrap();
    let mut pipe = start();
    let mut faults = Vec::new();
    for entry in corpus::entries() {
        for sample in &entry.samples {
            let echo = (entry.echo)(sample).unwrap();
            match give(&mut pipe, &entry, sample) {
                Ended::Data(data) if data == echo => {}
                Ended::Data(data) => {
                    faults.push(format!("{}: {sample} came back as {data} and not {echo}", entry.name));
                }
                // A value that says nothing is no result.
                Ended::Refused { kind, .. } if kind == "unexplained_empty" => {}
                Ended::Refused { .. } if told.contains(&format!("tool `{}`, `/inputSchema, member", entry.name)) => {}
                // What no member of the type is called is dropped by serde, and refused here.
                Ended::Refused { rule: Some(rule), .. }
                    if rule == "additionalProperties" && sample.get("x").is_some() => {}
                Ended::Refused { kind, text, .. } => faults.push(format!("{}: {sample}: {kind}: {text}", entry.name)),
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What the published schema admits is read, unless the type checks more than a schema can say: then the refusal has its
/// place.
#[test]
fn what_the_schema_admits_decodes() {
    let mut pipe = start();
    let tools = listed(&mut pipe);
    let mut faults = Vec::new();
    for (index, entry) in corpus::entries().iter().enumerate() {
        let schema = &tools[entry.name]["inputSchema"];
        let of_value = &schema["properties"]["value"];
        let mut sampler = Sampler::new(schema, index as u64 + 1);
        if entry.is_stricter {
            // Such types take few of the texts that their schema admits: some are those of the samples.
            entry.samples.iter().for_each(|sample| sampler.learn(of_value, sample));
        }
        let mut taken = 0;
        for _ in 0..VALUES {
            let value = sampler.value(of_value);
            match give(&mut pipe, entry, &value) {
                Ended::Data(_) => taken += 1,
                // It decodes, and comes back as what says nothing.
                Ended::Refused { kind, .. } if kind == "unexplained_empty" => taken += 1,
                Ended::Refused { kind, rule, text } => {
                    let decoding = rule.as_deref() == Some("decode");
                    if kind != "invalid_argument" {
                        faults.push(format!("{}: {value}: {kind}: {text}", entry.name));
                    } else if decoding && !entry.is_stricter {
                        faults.push(format!("{}: {value} passes the schema and does not decode: {text}", entry.name));
                    } else if decoding && !text.contains("`/value") {
                        faults.push(format!("{}: {value}: no place: {text}", entry.name));
                    }
                }
            }
        }
        if taken == 0 {
            faults.push(format!("{}: not one of {VALUES} values that its schema admits was taken", entry.name));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// No published schema has what some host refuses.
#[test]
fn every_published_schema_is_portable() {
    let mut pipe = start();
    for (name, tool) in listed(&mut pipe) {
        let input = &tool["inputSchema"];
        assert_eq!(input["type"], "object", "{name}");
        assert!(input["properties"].is_object(), "{name}");
        for keyword in ["anyOf", "oneOf", "allOf", "$ref", "$schema"] {
            assert!(input.get(keyword).is_none(), "{name}: {keyword}");
        }
        for schema in [input, &tool["outputSchema"]] {
            portable(&name, schema);
        }
    }
}

/// Keywords that some host refuses.
const NEVER: [&str; 12] = [
    "oneOf",
    "const",
    "prefixItems",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "not",
    "if",
    "unevaluatedProperties",
    "patternProperties",
    "propertyNames",
    "dependentRequired",
    "$schema",
];

fn portable(name: &str, schema: &Value) {
    let Some(members) = schema.as_object() else { panic!("{name}: {schema} stands for a schema") };
    for keyword in NEVER {
        assert!(!members.contains_key(keyword), "{name}: {keyword} in {schema}");
    }
    assert!(!members.get("type").is_some_and(Value::is_array), "{name}: {schema}");
    if members.get("type") == Some(&json!("array")) {
        assert!(members.contains_key("items"), "{name}: {schema}");
    }
    if let Some(options) = members.get("enum").and_then(Value::as_array) {
        assert!(options.iter().all(Value::is_string), "{name}: {schema}");
    }
    for keyword in ["properties", "$defs"] {
        let inner = members.get(keyword).and_then(Value::as_object);
        inner.into_iter().flatten().for_each(|(_, schema)| portable(name, schema));
    }
    if let Some(items) = members.get("items") {
        portable(name, items);
    }
    if let Some(others) = members.get("additionalProperties").filter(|others| **others != json!(false)) {
        portable(name, others);
    }
    let branches = members.get("anyOf").and_then(Value::as_array);
    branches.into_iter().flatten().for_each(|schema| portable(name, schema));
}

/// The schema alone decides whether a result is wrapped for clients of 2025, whatever the value is.
#[test]
fn schema_and_value_are_wrapped_together() {
    let mut pipe = start();
    pipe.ask(&initialize("2025-11-25"));
    pipe.send(&notification("notifications/initialized", json!({})));
    let list = pipe.ask(&legacy(1, "tools/list", json!({})));
    let tools = list["result"]["tools"].as_array().unwrap().clone();
    let schema = |name: &str| tools.iter().find(|tool| tool["name"] == name).unwrap()["outputSchema"].clone();
    for (name, value, is_wrapped) in [
        ("level", json!("LOW"), true),
        ("external", json!({"Newtype": 7}), true),
        ("tree", json!({"Leaf": 1}), false),
        ("maybe_plain", json!({"name": "a", "age": 1, "score": 0.5, "active": true}), true),
        ("json", json!({"a": [1.5]}), true),
        ("list_of_nodes", json!([{"name": "a", "children": []}]), true),
        ("internal", json!({"type": "Unit"}), false),
        ("plain", json!({"name": "a", "age": 1, "score": 0.5, "active": true}), false),
        ("object", json!({"a": 1}), false),
    ] {
        let output = schema(name);
        assert_eq!(output["type"], "object", "{name}: {output}");
        let params = json!({ "name": name, "arguments": { "value": value } });
        let result = pipe.ask(&legacy(2, "tools/call", params))["result"].clone();
        let content = &result["structuredContent"];
        assert_eq!(output["properties"].get("result").is_some(), is_wrapped, "{name}: {output}");
        assert_eq!(if is_wrapped { &content["result"] } else { content }, &value, "{name}: {result}");
        // The text is the value itself.
        let text: Value = serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
        assert_eq!(text, value, "{name}");
    }
}

/// What only the decoder can say has its innermost place and a value that fits; a pattern is said as it is.
#[test]
fn a_value_that_does_not_decode_is_explained() {
    let mut pipe = start();
    for (tool, value, pointer, example) in [
        ("local", json!("2026-11-21 10:00"), "/value", "2026-11-21T10:00:00"),
        ("address", json!("999.0.0.1"), "/value", "192.0.2.1"),
        ("network", json!({"bind": "127.0.0.1:80", "peers": ["192.0.2.1", "x"]}), "/value/peers/1", "192.0.2.1"),
        ("even", json!("abc"), "/value", "`ab`"),
        ("deep", json!({"levels": [{"a": ["ab"]}, {"b": null, "c": ["ab", "abc"]}]}), "/value/levels/1/c/1", "`ab`"),
        ("map_by_uuid", json!({"x": 1}), "/value/x", "f81d4fae-7dec-41d0-a765-00a0c91e6bf6"),
        (
            "event",
            json!({"at": "2026-11-21T10:00:00Z", "local": "2026-11-21", "reminders": []}),
            "/value/local",
            "2026-11-21T",
        ),
        ("stamped", json!({"at": "2026-11-21T10:00:00Z", "day": "21.11.2026"}), "/value/day", "2026-11-21"),
        (
            "invoice",
            json!({"id": "f81d4fae-7dec-41d0-a765-00a0c91e6bf6", "total": "a lot", "page": "https://a.b/", "lines": {}}),
            "/value/total",
            // The schema says it, and not the decoder.
            "must match the pattern",
        ),
    ] {
        let reply = pipe.ask(&call(1, tool, json!({ "value": value })));
        let error = &reply["result"]["_meta"]["rs.mcp-server/error"];
        assert_eq!(error["kind"], "invalid_argument", "{tool}: {reply}");
        assert_eq!(error["pointer"], pointer, "{tool}: {error}");
        assert!(error["message"].as_str().unwrap().contains(example), "{tool}: {error}");
    }
    // What no integer of 64 bits holds is a matter of the schema.
    for (tool, value) in [
        ("large_unsigned", json!(18446744073709551616.0)),
        ("large_signed", json!(-1e30)),
        ("small_float", json!(1e39)),
    ] {
        let reply = pipe.ask(&call(1, tool, json!({ "value": value })));
        let text = reply["result"]["content"][0]["text"].as_str().unwrap();
        assert!(text.contains("`/value` must be from"), "{tool}: {text}");
    }
}

/// A user's answer that does not fit is no fault of the arguments, and the model is not told so.
#[test]
fn a_wrong_answer_of_the_user_is_told_as_one() {
    let mut pipe = start();
    pipe.ask(&initialize("2025-11-25"));
    pipe.send(&notification("notifications/initialized", json!({})));
    let answers = [
        json!({"action": "accept", "content": {"name": 7}}),
        json!({"action": "accept", "content": {"name": "a", "weight": 1, "gift": true, "speed": "fast", "extras": [], "id": "x"}}),
        json!({"action": "maybe"}),
    ];
    for (index, answer) in answers.into_iter().enumerate() {
        let question = pipe.ask(&legacy(10 + index, "tools/call", json!({"name": "ask", "arguments": {}})));
        assert_eq!(question["method"], "elicitation/create", "{question}");
        assert_eq!(question["params"]["requestedSchema"]["properties"]["nick"], json!({"type": "string"}));
        let reply = pipe.ask(&json!({"jsonrpc": "2.0", "id": question["id"], "result": answer}));
        let text = reply["result"]["content"][0]["text"].as_str().unwrap();
        assert!(text.contains("answer") && text.contains("The arguments are right"), "{text}");
        assert!(!text.contains("Correct the arguments"), "{text}");
    }
}

/// `logging` is advertised where something can log, and nowhere else.
#[test]
fn logging_is_a_capability_of_servers_that_can_log() {
    for (program, logs) in [(PROGRAM, true), (env!("CARGO_BIN_EXE_quality-under-test"), false)] {
        let mut pipe = Pipe::start(program, &["store.url=memory:", "log.level=off"]);
        let reply = pipe.ask(&initialize("2025-11-25"));
        assert_eq!(reply["result"]["capabilities"].get("logging").is_some(), logs, "{program}: {reply}");
    }
}

/// Many hosts read one page: it holds every tool, up to a bound of entries and one of bytes.
#[test]
fn a_page_ends_by_entries_or_by_bytes() {
    assert!(listed(&mut start()).len() >= 80);
    let size = |setting: &str| {
        let mut pipe = Pipe::start(PROGRAM, &["store.url=memory:", "log.level=off", setting]);
        let (mut sizes, mut cursor) = (Vec::new(), None);
        loop {
            let params = cursor.map_or_else(|| json!({}), |cursor: Value| json!({ "cursor": cursor }));
            let result = pipe.ask(&modern(1, "tools/list", params))["result"].clone();
            let tools = result["tools"].as_array().unwrap();
            sizes.push((tools.len(), result["tools"].to_string().len()));
            match result.get("nextCursor") {
                Some(next) => cursor = Some(next.clone()),
                None => return sizes,
            }
        }
    };
    let by_bytes = size("limits.page_bytes=8KiB");
    assert!(
        by_bytes.len() > 3 && by_bytes.iter().all(|(count, bytes)| *count == 1 || *bytes <= 8 * 1024),
        "{by_bytes:?}"
    );
    let by_entries = size("limits.page_size=30");
    assert!(by_entries.iter().rev().skip(1).all(|(count, _)| *count == 30), "{by_entries:?}");
}
