//! The rules: what known hosts refuse, and what models need to choose a tool.

use serde_json::{Map, Value};

use super::finding::{Finding, Severity};

/// The name of a tool with the prefix that a host adds must keep to 64 characters.
const NAME: usize = 64;
/// The longest prefix that hosts are known to add, with the server's name in it.
const PREFIX: usize = 24;
/// How long a description may be before it costs more than it says.
const LONG_DESCRIPTION: usize = 2_000;
/// How short one may be and still say something.
const SHORT_DESCRIPTION: usize = 8;
/// How deep objects and arrays may nest before hosts refuse or models lose their way.
const DEPTH: usize = 5;

/// Lints a tool as `tools/list` shows it.
pub(crate) fn lint(name: &str, description: &str, input: &Value, output: Option<&Value>) -> Vec<Finding> {
    let mut lint = Lint { tool: name, found: Vec::new() };
    lint.name(name);
    lint.description("/description", description, Severity::Warning);
    lint.root(input);
    lint.schema(input, "/inputSchema", 0, true);
    if let Some(output) = output {
        lint.schema(output, "/outputSchema", 0, false);
    }
    lint.found.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    lint.found
}

struct Lint<'a> {
    tool: &'a str,
    found: Vec<Finding>,
}

impl Lint<'_> {
    fn tell(&mut self, severity: Severity, pointer: &str, what: String, hosts: &'static str, remedy: &'static str) {
        let tool = self.tool.to_owned();
        self.found.push(Finding { tool, pointer: pointer.to_owned(), what, hosts, remedy, severity });
    }

    fn name(&mut self, name: &str) {
        let length = name.chars().count();
        if length > NAME {
            let what = format!("the name has {length} characters, and {NAME} are what model interfaces take");
            self.tell(Severity::Error, "/name", what, "Claude, OpenAI, Gemini", "shorten it with `name = \"…\"`");
        } else if length > NAME - PREFIX {
            let what = format!("the name has {length} characters: with the prefix of a host it may pass {NAME}");
            self.tell(Severity::Warning, "/name", what, "Claude Code, Cursor", "keep it to 40 with `name = \"…\"`");
        }
        if name.contains('.') {
            let what = "the name has a dot".to_owned();
            self.tell(Severity::Warning, "/name", what, "OpenAI, Claude", "write `_` instead");
        }
    }

    fn description(&mut self, pointer: &str, text: &str, severity: Severity) {
        let length = text.trim().chars().count();
        if length == 0 {
            self.tell(
                severity,
                pointer,
                "there is no description".to_owned(),
                "",
                "write a doc comment: the model chooses by it",
            );
        } else if length < SHORT_DESCRIPTION {
            let what = format!("a description of {length} characters says little");
            self.tell(Severity::Advice, pointer, what, "", "say what it does and when to use it");
        } else if length > LONG_DESCRIPTION {
            let what = format!("the description has {length} characters, sent with every conversation");
            self.tell(Severity::Warning, pointer, what, "", "shorten it, or move the detail into a resource");
        }
    }

    /// What only the root of an input schema must keep to.
    fn root(&mut self, input: &Value) {
        let at = "/inputSchema";
        let Some(members) = input.as_object() else {
            let what = "the schema is no object".to_owned();
            return self.tell(Severity::Error, at, what, "every host", "take a struct with named fields");
        };
        if members.get("type").and_then(Value::as_str) != Some("object") {
            let what = "the root does not say `type: object`".to_owned();
            self.tell(
                Severity::Error,
                at,
                what,
                "Claude Code drops every tool of the server",
                "take a struct with named fields",
            );
        }
        for keyword in ["oneOf", "anyOf", "allOf"] {
            if members.contains_key(keyword) {
                let what = format!("`{keyword}` at the root");
                let remedy = "take a struct with optional fields, or put the enum into one field";
                self.tell(Severity::Error, &format!("{at}/{keyword}"), what, "Claude, Bedrock, OpenAI", remedy);
            }
        }
        if members.contains_key("$ref") {
            let what = "`$ref` at the root".to_owned();
            self.tell(Severity::Error, &format!("{at}/$ref"), what, "Claude, OpenAI, Gemini", "write the root out");
        }
        let properties = members.get("properties").and_then(Value::as_object);
        for name in properties.into_iter().flat_map(Map::keys) {
            let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
            if name.is_empty() || name.len() > NAME || !name.bytes().all(legal) {
                let what = "the name of an argument is not 1 to 64 of A-Z a-z 0-9 _ . -".to_owned();
                self.tell(Severity::Error, &format!("{at}/properties/{name}"), what, "Claude", "rename it");
            }
        }
    }

    fn schema(&mut self, schema: &Value, at: &str, depth: usize, input: bool) {
        let Value::Object(members) = schema else { return self.boolean(schema, at, input) };
        if depth == DEPTH + 1 {
            let what = format!("it nests more than {DEPTH} levels");
            self.tell(
                Severity::Warning,
                at,
                what,
                "OpenAI; models lose their way",
                "flatten it, or take an identifier instead",
            );
        }
        if input {
            self.portable(members, at);
        }
        let properties = members.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            let at = format!("{at}/properties/{}", name.replace('~', "~0").replace('/', "~1"));
            if input && depth == 0 {
                let text = property.get("description").and_then(Value::as_str).unwrap_or_default();
                self.description(&at, text, Severity::Advice);
            }
            self.schema(property, &at, depth + 1, input);
        }
        for keyword in ["items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"] {
            match members.get(keyword) {
                None | Some(Value::Bool(_)) => {}
                Some(schema) => {
                    self.schema(schema, &format!("{at}/{keyword}"), depth + usize::from(keyword == "items"), input);
                }
            }
        }
        for keyword in ["oneOf", "anyOf", "allOf", "prefixItems"] {
            for (index, schema) in members.get(keyword).and_then(Value::as_array).into_iter().flatten().enumerate() {
                self.schema(schema, &format!("{at}/{keyword}/{index}"), depth, input);
            }
        }
        for (name, schema) in members.get("$defs").and_then(Value::as_object).into_iter().flatten() {
            self.schema(schema, &format!("{at}/$defs/{name}"), depth, input);
        }
    }

    fn boolean(&mut self, schema: &Value, at: &str, input: bool) {
        if input && schema.is_boolean() {
            let what = "`true` or `false` stands for a schema".to_owned();
            self.tell(Severity::Error, at, what, "Gemini, SDKs before 2026-07-28", "give the value a type");
        }
    }

    /// What hosts that know a part of JSON Schema need, or do not know.
    fn portable(&mut self, members: &Map<String, Value>, at: &str) {
        let type_ = members.get("type");
        if type_.and_then(Value::as_str) == Some("array") && !members.get("items").is_some_and(Value::is_object) {
            let what = "an array does not say what its items are".to_owned();
            let hosts = "VS Code refuses the tool, Gemini and OpenAI the request";
            self.tell(Severity::Error, at, what, hosts, "use a `Vec` of a type with a schema, not a tuple or any JSON");
        }
        if type_.is_some_and(Value::is_array) {
            let what = "several types at once".to_owned();
            self.tell(
                Severity::Advice,
                at,
                what,
                "Gemini",
                "make a field optional instead of nullable, or use one type",
            );
        }
        let says = ["type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref", "not", "if"];
        if !says.iter().any(|keyword| members.contains_key(*keyword)) {
            let what = "any JSON is taken: no type is said".to_owned();
            self.tell(Severity::Warning, at, what, "Gemini", "use a type with a schema");
        }
        if members.contains_key("$ref") {
            let what = "a type that refers to itself needs `$ref`".to_owned();
            self.tell(Severity::Warning, at, what, "Gemini", "take a list with parent identifiers instead of a tree");
        }
        if members.contains_key("prefixItems") {
            let what = "a tuple".to_owned();
            self.tell(Severity::Error, at, what, "Gemini, OpenAI, VS Code", "use a struct with named fields");
        }
        let numbers =
            members.get("enum").and_then(Value::as_array).is_some_and(|all| all.iter().any(|one| !one.is_string()));
        if numbers {
            let what = "options that are not strings".to_owned();
            self.tell(Severity::Warning, at, what, "Gemini", "name the options");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(input: &Value) -> Vec<(String, Severity)> {
        let found = lint("search", "Finds tickets by free text.", input, None);
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
        assert_eq!(found(&json!({"type": "object", "additionalProperties": false})), []);
    }

    /// DS2: each of these loses a tool, or all of them, in some host.
    #[test]
    fn what_a_host_refuses_is_an_error() {
        let with = |property: Value| json!({"type": "object", "properties": {"a": property}});
        for (input, pointer) in [
            (json!(true), "/inputSchema"),
            (json!({}), "/inputSchema"),
            (json!({"type": "array", "items": {"type": "string"}}), "/inputSchema"),
            (json!({"type": "object", "oneOf": [{"type": "object"}]}), "/inputSchema/oneOf"),
            (json!({"type": "object", "anyOf": [{"type": "object"}]}), "/inputSchema/anyOf"),
            (json!({"type": "object", "allOf": [{"type": "object"}]}), "/inputSchema/allOf"),
            (json!({"type": "object", "$ref": "#/$defs/A", "$defs": {"A": {"type": "object"}}}), "/inputSchema/$ref"),
            (with(json!({"type": "array", "description": "A list of things."})), "/inputSchema/properties/a"),
            (
                with(json!({"type": "array", "items": true, "description": "A list of things."})),
                "/inputSchema/properties/a",
            ),
            (
                with(json!({"type": "array", "items": {}, "prefixItems": [{"type": "string"}]})),
                "/inputSchema/properties/a",
            ),
            (with(json!(true)), "/inputSchema/properties/a"),
            (json!({"type": "object", "properties": {"a b": {"type": "string"}}}), "/inputSchema/properties/a b"),
        ] {
            let findings = found(&input);
            assert!(findings.contains(&(pointer.to_owned(), Severity::Error)), "{input}: {findings:?}");
            assert_eq!(findings[0].1, Severity::Error, "the worst comes first");
        }
    }

    /// TI2, F20: hosts put a prefix before the name.
    #[test]
    fn long_names_are_told() {
        let input = json!({"type": "object"});
        let severity = |length: usize| {
            let findings = lint(&"n".repeat(length), "Finds tickets by free text.", &input, None);
            findings.first().map(|finding| finding.severity)
        };
        assert_eq!(severity(40), None);
        assert_eq!(severity(41), Some(Severity::Warning));
        assert_eq!(severity(64), Some(Severity::Warning));
        assert_eq!(severity(65), Some(Severity::Error));
    }

    /// TI8: what a model chooses by.
    #[test]
    fn missing_descriptions_are_told() {
        let input = json!({"type": "object", "properties": {"a": {"type": "string"}}});
        let findings = lint("search", "", &input, None);
        assert_eq!(findings[0].pointer, "/description");
        assert_eq!(
            findings[0].to_string(),
            "warning: tool `search`, `/description`: there is no description; write a doc comment: the model chooses by it"
        );
        assert_eq!(findings[1].pointer, "/inputSchema/properties/a");
        assert!(lint("search", &"long ".repeat(1_000), &json!({"type": "object"}), None)[0].what.contains("4999"));
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
            assert!(
                findings.contains(&("/inputSchema/properties/a".to_owned(), Severity::Warning)),
                "{input} {findings:?}"
            );
        }
    }
}
