//! The rules as the file that Prometheus loads.

use super::alerts::{self, Alert};
use super::recording::{self, Recorded};

/// What the file begins with.
const HEAD: &str = "\
# Recording and alerting rules for servers of this framework. Written by `cargo xtask dashboards`: change the generator.
#
# A series of the level `tool` has the labels `job` and `gen_ai_tool_name`. `increase` alone would not see a counter
# that begins with its whole value, so what began within the window counts from zero. What is the caller's own fault is
# no failure here: protocol errors, and the kinds that the expressions leave out.
";

/// What somebody may set.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// The share of calls, in percent, that are to succeed.
    pub(super) objective: f64,
    /// In front of the anchor of an alert.
    pub(super) runbook: String,
}

/// The file.
pub(super) fn file(settings: &Settings) -> String {
    let mut text = format!("{HEAD}groups:\n");
    for group in recording::groups() {
        begin(&mut text, group.name, group.interval);
        for rule in &group.rules {
            recorded(&mut text, rule);
        }
    }
    for (name, alerts) in alerts::all(settings.objective) {
        begin(&mut text, name, None);
        for alert in &alerts {
            alerting(&mut text, alert, name, &settings.runbook);
        }
    }
    text
}

/// A file with nothing but recorded series: whatever is to be parsed as an expression.
pub(super) fn probe(expressions: &[String]) -> String {
    let mut text = "groups:\n".to_owned();
    begin(&mut text, "probe", None);
    for (number, expression) in expressions.iter().enumerate() {
        recorded(&mut text, &Recorded { name: format!("probe:{number}"), expression: expression.clone() });
    }
    text
}

/// Every expression of the file.
pub(super) fn expressions(objective: f64) -> Vec<String> {
    let recorded = recording::groups().into_iter().flat_map(|group| group.rules).map(|rule| rule.expression);
    let alerts = alerts::all(objective).into_iter().flat_map(|(_, alerts)| alerts);
    recorded.chain(alerts.map(|alert| alert.condition.join("\n"))).collect()
}

fn begin(text: &mut String, name: &str, interval: Option<&str>) {
    push(text, &format!("  - name: {name}"));
    if let Some(interval) = interval {
        push(text, &format!("    interval: {interval}"));
    }
    push(text, "    rules:");
}

fn recorded(text: &mut String, rule: &Recorded) {
    push(text, &format!("      - record: {}", rule.name));
    expression(text, &rule.expression);
}

/// The name of a group as the value of the label `component`, by which alerts are routed and inhibited.
pub(super) fn component(group: &str) -> &str {
    group.trim_start_matches("mcp-server-")
}

fn alerting(text: &mut String, alert: &Alert, group: &str, runbook: &str) {
    push(text, &format!("      - alert: {}", alert.name));
    expression(text, &alert.condition.join("\n"));
    if alert.holds != "0m" {
        push(text, &format!("        for: {}", alert.holds));
    }
    push(text, "        labels:");
    push(text, &format!("          severity: {}", alert.severity.word()));
    push(text, &format!("          component: {}", component(group)));
    push(text, "        annotations:");
    push(text, &format!("          summary: {}", quoted(alert.summary)));
    push(text, &format!("          description: {}", quoted(alert.description)));
    push(text, &format!("          runbook_url: {}", quoted(&format!("{runbook}#{}", alert.name.to_lowercase()))));
}

fn expression(text: &mut String, expression: &str) {
    push(text, "        expr: |-");
    for line in expression.lines() {
        push(text, &format!("          {line}"));
    }
}

fn push(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// In single quotes, within which YAML knows no escapes but that of the quote.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_the_runbook_and_the_objective_are_the_users() {
        let settings = Settings { objective: 99.5, runbook: "https://runbooks.example.com/mcp".to_owned() };
        let text = file(&settings);
        assert!(text.contains("runbook_url: 'https://runbooks.example.com/mcp#mcpservertoolfailing'"));
        assert!(text.contains("> 0.072\n"), "14.4 times 0.5 %");
    }

    #[test]
    fn a_quote_does_not_end_a_text() {
        assert_eq!(quoted("a caller's fault"), "'a caller''s fault'");
    }
}
