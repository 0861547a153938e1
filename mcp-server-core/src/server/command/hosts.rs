//! The subcommand `check --host`: what a host refuses, cuts or changes of what is published.

use super::exit::Exit;
use crate::tool::lint::{Finding, Host, Severity};

/// What is to be said to authors whose tools are for these hosts, and how the check ends: with a configuration error if a
/// host refuses a tool.
pub fn show_hosts(hosts: &[Host], findings: &[Finding]) -> (String, Exit) {
    let mut lines = Vec::new();
    let mut exit = Exit::Done;
    for host in hosts {
        let own: Vec<&Finding> = findings.iter().filter(|finding| finding.hosts.contains(host)).collect();
        if own.is_empty() {
            lines.push(format!("{host}: takes every tool as it is"));
            continue;
        }
        lines.push(format!("{host}:"));
        for finding in own {
            if finding.severity == Severity::Error {
                exit = Exit::Configuration;
            }
            let Finding { severity, tool, pointer, what, remedy, rule, .. } = finding;
            lines.push(format!("  {severity}: tool `{tool}`, `{pointer}`: {what}; {remedy} [{rule}]"));
        }
    }
    (lines.join("\n") + "\n", exit)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tool::lint::{Subject, lint};

    #[test]
    fn each_host_has_its_lines_and_an_error_ends_as_one() {
        let input = json!({
            "type": "object",
            "properties": {"a": {"type": "string", "description": "Some text.", "format": "uuid"}},
        });
        let found = |name: &str| {
            let description = "Finds tickets by free text.";
            lint(&Subject { name, description, input: &input, output: None, notes: &[], place: 0 }, true)
        };
        let (text, exit) = show_hosts(&[Host::Gemini, Host::Cursor], &found("search"));
        assert_eq!(exit, Exit::Done);
        assert_eq!(
            text,
            "Gemini:\n  warning: tool `search`, `/inputSchema/properties/a`: the format `uuid`; say the format in the \
             description [format]\nCursor: takes every tool as it is\n"
        );
        let (text, exit) = show_hosts(&[Host::Cursor], &found(&"n".repeat(65)));
        assert_eq!(exit, Exit::Configuration);
        assert!(text.contains("error: tool `nnn") && text.contains("[name-length]"), "{text}");
    }
}
