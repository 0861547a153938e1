//! What the table finds.

use serde_json::json;

use super::*;
use crate::tool::lint::Host;

fn of(name: &str, description: &str, input: &Value, output: Option<&Value>, for_host: bool) -> Vec<Finding> {
    lint(&Subject { name, description, input, output, notes: &[], place: 0 }, for_host)
}

fn found(input: &Value) -> Vec<(String, Severity)> {
    let found = of("search", "Finds tickets by free text.", input, None, false);
    found.into_iter().map(|finding| (finding.pointer, finding.severity)).collect()
}

#[test]
fn a_plain_tool_has_no_findings() {
    let input = json!({
        "type": "object",
        "properties": {
            "query": {"type": "string", "description": "Words to look for."},
            "tags": {"type": "array", "items": {"type": "string"}, "description": "Tags that must be there."},
        },
        "required": ["query"],
        "additionalProperties": false,
    });
    assert_eq!(found(&input), []);
    assert_eq!(found(&json!({"type": "object", "properties": {}, "additionalProperties": false})), []);
}

/// Each of these loses a tool, or all of them, in some host.
#[test]
fn what_a_host_refuses_is_an_error() {
    let with = |property: Value| json!({"type": "object", "properties": {"a": property}});
    for (input, pointer) in [
        (json!(true), "/inputSchema"),
        (json!({}), "/inputSchema"),
        (json!({"type": "object"}), "/inputSchema"),
        (json!({"type": "array", "items": {"type": "string"}}), "/inputSchema"),
        (json!({"type": "object", "oneOf": [{"type": "object"}]}), "/inputSchema/oneOf"),
        (json!({"type": "object", "anyOf": [{"type": "object"}]}), "/inputSchema/anyOf"),
        (json!({"type": "object", "allOf": [{"type": "object"}]}), "/inputSchema/allOf"),
        (json!({"type": "object", "$ref": "#/$defs/A", "$defs": {"A": {"type": "object"}}}), "/inputSchema/$ref"),
        (with(json!({"type": "array", "description": "A list of things."})), "/inputSchema/properties/a"),
        (with(json!({"type": "array", "items": true, "description": "A list."})), "/inputSchema/properties/a"),
        (with(json!({"type": "array", "items": {}, "prefixItems": [{"type": "string"}]})), "/inputSchema/properties/a"),
        (with(json!(true)), "/inputSchema/properties/a"),
        (json!({"type": "object", "properties": {"a b": {"type": "string"}}}), "/inputSchema"),
        (json!({"type": "object", "properties": {}, "required": ["a"]}), "/inputSchema"),
    ] {
        let findings = found(&input);
        assert!(findings.contains(&(pointer.to_owned(), Severity::Error)), "{input}: {findings:?}");
        assert_eq!(findings[0].1, Severity::Error, "the worst comes first");
    }
}

#[test]
fn an_output_that_loses_all_tools_is_an_error() {
    let input = json!({"type": "object", "properties": {}});
    for output in [
        json!({"type": "object", "properties": {"data": true}}),
        json!({"type": "object", "properties": {"a": {"type": "object", "properties": {"b": true}}}}),
        json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/Gone"}}}),
    ] {
        let findings = of("search", "Finds tickets by free text.", &input, Some(&output), false);
        assert_eq!(findings.first().map(|finding| finding.severity), Some(Severity::Error), "{output}");
    }
}

/// Hosts put a prefix before the name.
#[test]
fn long_names_are_told() {
    let input = json!({"type": "object", "properties": {}});
    let severity = |length: usize| {
        let findings = of(&"n".repeat(length), "Finds tickets by free text.", &input, None, false);
        findings.first().map(|finding| finding.severity)
    };
    assert_eq!(severity(40), None);
    assert_eq!(severity(41), Some(Severity::Warning));
    assert_eq!(severity(64), Some(Severity::Warning));
    assert_eq!(severity(65), Some(Severity::Error));
}

/// What a model chooses by.
#[test]
fn missing_descriptions_are_told() {
    let input = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let findings = of("search", "", &input, None, false);
    assert_eq!(findings[0].pointer, "/description");
    assert_eq!(
        findings[0].to_string(),
        "warning: tool `search`, `/description`: there is no description; write a doc comment: the model chooses by it \
         [description-missing]"
    );
    assert_eq!((findings[1].pointer.as_str(), findings[1].rule), ("/inputSchema", "argument-description"));
    let long = "long ".repeat(1_000);
    let findings = of("search", &long, &json!({"type": "object", "properties": {}}), None, false);
    assert!(findings[0].what.contains("4999"), "{findings:?}");
}

#[test]
fn depth_and_unclear_types_are_told() {
    let mut deep = json!({"type": "string"});
    for _ in 0..6 {
        deep = json!({"type": "object", "properties": {"a": deep}, "description": "One more level."});
    }
    assert!(found(&deep).iter().any(|(pointer, _)| pointer.matches("properties").count() == 6));
    for property in [json!({}), json!({"enum": [1, 2]}), json!({"$ref": "#/$defs/A"})] {
        let input = json!({"type": "object", "properties": {"a": property}, "$defs": {"A": {"type": "string"}}});
        let findings = found(&input);
        let expected = ("/inputSchema/properties/a".to_owned(), Severity::Warning);
        assert!(findings.contains(&expected), "{input} {findings:?}");
    }
}

/// What is of interest for one host alone is told when it is asked for.
#[test]
fn a_host_that_is_asked_for_has_rules_of_its_own() {
    let input = json!({
        "type": "object",
        "properties": {"a": {"type": "string", "description": "Some text.", "default": "x"}},
        "additionalProperties": false,
    });
    let rules = |host: Host| -> Vec<&'static str> {
        let findings = of("search", "Finds tickets by free text.", &input, None, true);
        findings.iter().filter(|finding| finding.concerns(host)).map(|finding| finding.rule).collect()
    };
    assert_eq!(rules(Host::Gemini), ["closed"]);
    assert_eq!(rules(Host::OpenAiStrict), ["strict-required", "strict-default"]);
    assert_eq!(rules(Host::Claude), [""; 0]);
}

#[test]
fn every_rule_has_a_name_of_its_own() {
    for (index, rule) in RULES.iter().enumerate() {
        assert!(RULES.iter().skip(index + 1).all(|other| other.name != rule.name), "{}", rule.name);
    }
}

#[test]
fn hosts_are_read_by_their_names() {
    for host in Host::ALL {
        assert_eq!(host.name().parse(), Ok(host));
    }
    assert!("chatgpt".parse::<Host>().unwrap_err().contains("openai"));
}
