//! Differences between the lists of two contracts: what was added, what is gone, what became of the rest.

use std::collections::BTreeSet;

use serde_json::Value;

use super::difference::{Difference, Found, Impact, became, members, step};
use super::schema::{Side, compare_schemas};

/// One list of a contract.
struct List {
    /// Its name in the contract.
    name: &'static str,
    /// What an entry is called.
    noun: &'static str,
    /// The member that tells entries apart.
    id: &'static str,
}

const LISTS: [List; 4] = [
    List { name: "tools", noun: "tool", id: "name" },
    List { name: "prompts", noun: "prompt", id: "name" },
    List { name: "resources", noun: "resource", id: "uri" },
    List { name: "resourceTemplates", noun: "resource template", id: "uriTemplate" },
];

/// Hints about a tool: what counts where it is absent, and the value that promises a host more.
const HINTS: [(&str, bool, bool); 4] = [
    ("readOnlyHint", false, true),
    ("destructiveHint", true, false),
    ("idempotentHint", false, true),
    ("openWorldHint", true, false),
];

/// Compares two contracts, the worst differences first; each is
/// `{ server, tools, prompts, resources, resourceTemplates }`.
///
/// ```
/// use mcp_server_core::server::command::{Impact, compare};
/// use serde_json::json;
///
/// let earlier = json!({ "tools": [{ "name": "add" }, { "name": "subtract" }] });
/// let later = json!({ "tools": [{ "name": "add", "title": "Add" }] });
/// let found: Vec<_> = compare(&earlier, &later).into_iter().map(|difference| difference.impact).collect();
/// assert_eq!(found, [Impact::Breaking, Impact::Text]);
/// ```
pub fn compare(earlier: &Value, later: &Value) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut found = Found { subject: "", differences: &mut differences };
    for member in ["name", "version"] {
        let pointer = format!("/server/{member}");
        if earlier.pointer(&pointer) != later.pointer(&pointer) {
            found.text(&pointer, format!("the server's {member} differs"));
        }
    }
    for list in &LISTS {
        compare_lists(list, entries(earlier, list), entries(later, list), &mut differences);
    }
    differences.sort_by_key(|difference| difference.impact);
    differences
}

fn entries<'a>(contract: &'a Value, list: &List) -> &'a [Value] {
    contract.get(list.name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn compare_lists(list: &List, earlier: &[Value], later: &[Value], differences: &mut Vec<Difference>) {
    let id = |entry: &Value| entry.get(list.id).and_then(Value::as_str).unwrap_or_default().to_owned();
    let at = |index: usize| format!("/{}/{index}", list.name);
    for (index, entry) in earlier.iter().enumerate() {
        let name = id(entry);
        let subject = format!("{} `{name}`", list.noun);
        let mut found = Found { subject: &subject, differences };
        match later.iter().position(|candidate| id(candidate) == name) {
            None => found.breaking(&at(index), "it is gone"),
            Some(position) => {
                let empty = Value::Null;
                compare_entries(entry, later.get(position).unwrap_or(&empty), &at(position), &mut found);
            }
        }
    }
    for (index, entry) in later.iter().enumerate() {
        let name = id(entry);
        if !earlier.iter().any(|candidate| id(candidate) == name) {
            let subject = format!("{} `{name}`", list.noun);
            Found { subject: &subject, differences }.compatible(&at(index), "it is new");
        }
    }
}

fn compare_entries(earlier: &Value, later: &Value, pointer: &str, found: &mut Found<'_>) {
    for member in members(earlier, later) {
        let (before, after) = (earlier.get(&member), later.get(&member));
        let pointer = step(pointer, &member);
        match member.as_str() {
            "inputSchema" => compare_schemas(before, after, Side::Input, &pointer, found),
            "outputSchema" => compare_output(before, after, &pointer, found),
            "annotations" => compare_annotations(before, after, &pointer, found),
            "arguments" => compare_arguments(before, after, &pointer, found),
            "scopes" => compare_scopes(before, after, &pointer, found),
            _ if before == after => {}
            "title" | "description" | "icons" => {
                found.text(&pointer, format!("its {member} {}", became(before, after)));
            }
            // Whoever repeats a call after a lost answer relies on it.
            "_meta" if after.is_none() => found.breaking(&pointer, "its repeats are run again".to_owned()),
            "execution" => compare_execution(before, after, &pointer, found),
            "mimeType" => found.breaking(&pointer, format!("its {member} {}", became(before, after))),
            _ => found.compatible(&pointer, format!("its {member} {}", became(before, after))),
        }
    }
}

/// A result that had a form and has none any more cannot be relied on; one that gains a form can.
fn compare_output(before: Option<&Value>, after: Option<&Value>, pointer: &str, found: &mut Found<'_>) {
    match (before, after) {
        (Some(_), None) => found.breaking(pointer, "its results have no schema any more"),
        (None, Some(_)) => found.compatible(pointer, "its results have a schema now"),
        _ => compare_schemas(before, after, Side::Output, pointer, found),
    }
}

fn compare_annotations(before: Option<&Value>, after: Option<&Value>, pointer: &str, found: &mut Found<'_>) {
    let (empty, before, after) = (Value::Null, before, after);
    let (before, after) = (before.unwrap_or(&empty), after.unwrap_or(&empty));
    for member in members(before, after) {
        let pointer = step(pointer, &member);
        let (old, new) = (before.get(&member), after.get(&member));
        let Some((_, absent, safe)) = HINTS.iter().find(|(hint, _, _)| *hint == member) else {
            if old != new {
                found.text(&pointer, format!("its {member} {}", became(old, new)));
            }
            continue;
        };
        let value = |hint: Option<&Value>| hint.and_then(Value::as_bool).unwrap_or(*absent);
        let (old, new) = (value(old), value(new));
        if old != new {
            let impact = if new == *safe { Impact::Compatible } else { Impact::Breaking };
            found.add(impact, &pointer, format!("its {member} was {old} and is {new}"));
        }
    }
}

/// Arguments of a prompt; they are text, and only their presence is promised.
fn compare_arguments(before: Option<&Value>, after: Option<&Value>, pointer: &str, found: &mut Found<'_>) {
    let list = |arguments: Option<&Value>| arguments.and_then(Value::as_array).cloned().unwrap_or_default();
    let name = |argument: &Value| argument.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let required = |argument: &Value| argument.get("required").and_then(Value::as_bool).unwrap_or(false);
    let (before, after) = (list(before), list(after));
    for old in before.iter().filter(|old| !after.iter().any(|new| name(new) == name(old))) {
        found.breaking(pointer, format!("argument `{}` is gone", name(old)));
    }
    for (index, new) in after.iter().enumerate() {
        let pointer = step(pointer, index);
        let name = name(new);
        match before.iter().find(|old| old.get("name").and_then(Value::as_str) == Some(name.as_str())) {
            None if required(new) => found.breaking(&pointer, format!("argument `{name}` is new and required")),
            None => found.compatible(&pointer, format!("argument `{name}` is new")),
            Some(old) if required(new) && !required(old) => {
                found.breaking(&pointer, format!("argument `{name}` is required now"));
            }
            Some(old) if required(old) && !required(new) => {
                found.compatible(&pointer, format!("argument `{name}` is not required any more"));
            }
            Some(old) if old != new => found.text(&pointer, format!("argument `{name}` is described differently")),
            Some(_) => {}
        }
    }
}

/// A tool that runs as a task alone shuts out who knows no tasks; every other change leaves its callers as they were.
fn compare_execution(before: Option<&Value>, after: Option<&Value>, pointer: &str, found: &mut Found<'_>) {
    let support = |execution: Option<&Value>| {
        let support = execution.and_then(|execution| execution.get("taskSupport")).and_then(Value::as_str);
        support.unwrap_or("forbidden").to_owned()
    };
    let (before, after) = (support(before), support(after));
    if after == "required" {
        found.breaking(pointer, "it runs as a task alone now");
    } else {
        found.compatible(pointer, format!("as a task it was {before} and is {after}"));
    }
}

fn compare_scopes(before: Option<&Value>, after: Option<&Value>, pointer: &str, found: &mut Found<'_>) {
    let scopes = |list: Option<&Value>| -> BTreeSet<String> {
        let list = list.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (before, after) = (scopes(before), scopes(after));
    for scope in after.difference(&before) {
        found.breaking(pointer, format!("it needs the scope `{scope}` now"));
    }
    for scope in before.difference(&after) {
        found.compatible(pointer, format!("it does not need the scope `{scope}` any more"));
    }
}
