//! The walk: every rule of the table, asked of every part of a tool.

use serde_json::Value;

use super::finding::{Finding, Severity};
use super::rule::{Asked, Look, Part, Rule, Shown};
use super::table::RULES;
use crate::tool::decoder_note::DecoderNote;

/// A tool as `tools/list` shows it, and what its decoders do besides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    /// The name.
    pub(crate) name: &'a str,
    /// The description.
    pub(crate) description: &'a str,
    /// The published input schema.
    pub(crate) input: &'a Value,
    /// The published output schema, wrapped where it is.
    pub(crate) output: Option<&'a Value>,
    /// What its decoders do that the schema does not say.
    pub(crate) notes: &'a [DecoderNote],
    /// Its place in the list, from 0.
    pub(crate) place: usize,
}

/// Lints a tool; `for_host` asks the rules too that are of interest for one host alone.
pub(crate) fn lint(subject: &Subject<'_>, for_host: bool) -> Vec<Finding> {
    let rules = RULES.iter().filter(|rule| for_host || rule.asked == Asked::Always);
    let mut lint = Lint { tool: subject.name, rules: rules.collect(), found: Vec::new() };
    let shown =
        Shown { name: subject.name, description: subject.description, input: subject.input, place: subject.place };
    for rule in lint.rules.clone() {
        let found = match rule.look {
            Look::Tool(look) => look(shown),
            Look::InputRoot(look) => match subject.input.as_object() {
                Some(root) => look(root),
                None => Some(("/inputSchema".to_owned(), "the schema is no object".to_owned())),
            },
            _ => None,
        };
        if let Some((pointer, what)) = found {
            lint.add(rule, pointer, what);
        }
    }
    lint.schema(subject.input, "/inputSchema", (0, true), subject.input);
    if let Some(output) = subject.output {
        lint.schema(output, "/outputSchema", (0, false), output);
    }
    for note in subject.notes {
        lint.found.push(Finding {
            tool: subject.name.to_owned(),
            pointer: format!("/inputSchema, member {}", if note.pointer.is_empty() { "/" } else { &note.pointer }),
            rule: "decoder",
            what: note.what.clone(),
            hosts: &[],
            remedy: note.remedy,
            severity: Severity::Warning,
        });
    }
    lint.found.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    lint.found
}

struct Lint<'a> {
    tool: &'a str,
    rules: Vec<&'static Rule>,
    found: Vec<Finding>,
}

impl Lint<'_> {
    fn add(&mut self, rule: &Rule, pointer: String, what: String) {
        let Rule { name, hosts, severity, remedy, .. } = *rule;
        self.found.push(Finding { tool: self.tool.to_owned(), pointer, rule: name, what, hosts, remedy, severity });
    }

    fn schema(&mut self, schema: &Value, at: &str, (depth, is_input): (usize, bool), root: &Value) {
        let Value::Object(members) = schema else {
            for rule in self.rules.clone() {
                if let Look::NoObject(look) = rule.look
                    && is_input
                    && let Some(what) = look(schema)
                {
                    self.add(rule, at.to_owned(), what);
                }
            }
            return;
        };
        let part = Part { members, depth, root };
        for rule in self.rules.clone() {
            let look = match rule.look {
                Look::Input(look) if is_input => look,
                Look::Output(look) if !is_input => look,
                Look::Both(look) => look,
                _ => continue,
            };
            if let Some(what) = look(part) {
                self.add(rule, at.to_owned(), what);
            }
        }
        let escape = |name: &str| name.replace('~', "~0").replace('/', "~1");
        for (name, property) in members.get("properties").and_then(Value::as_object).into_iter().flatten() {
            self.schema(property, &format!("{at}/properties/{}", escape(name)), (depth + 1, is_input), root);
        }
        for keyword in ["items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"] {
            // `false` is a rule of its own there.
            if let Some(schema) = members.get(keyword).filter(|schema| !schema.is_boolean() || keyword == "items") {
                let deeper = usize::from(matches!(keyword, "items" | "additionalProperties"));
                self.schema(schema, &format!("{at}/{keyword}"), (depth + deeper, is_input), root);
            }
        }
        for keyword in ["oneOf", "anyOf", "allOf", "prefixItems"] {
            for (index, schema) in members.get(keyword).and_then(Value::as_array).into_iter().flatten().enumerate() {
                self.schema(schema, &format!("{at}/{keyword}/{index}"), (depth.max(1), is_input), root);
            }
        }
        for (name, schema) in members.get("$defs").and_then(Value::as_object).into_iter().flatten() {
            self.schema(schema, &format!("{at}/$defs/{}", escape(name)), (depth.max(1), is_input), root);
        }
    }
}

#[cfg(test)]
mod tests;
