//! The runbook: its entries are written by people, one for each alert; its tables by this program.

use super::alerts::Alert;
use super::instruments::{ALL, Instrument, Measures, label};

/// A table and the marks around it.
const ALERTS: [&str; 2] = ["<!-- alerts:begin -->", "<!-- alerts:end -->"];
const INSTRUMENTS: [&str; 2] = ["<!-- instruments:begin -->", "<!-- instruments:end -->"];

/// What an entry begins with.
const ENTRY: &str = "### ";

/// The runbook with its tables renewed; `None` without their marks.
pub(super) fn renewed(text: &str, alerts: &[Alert]) -> Option<String> {
    let text = between(text, ALERTS, &alert_table(alerts))?;
    between(&text, INSTRUMENTS, &instrument_table())
}

/// Alerts without an entry, entries without an alert, and entries that leave out a part.
pub(super) fn faults(text: &str, alerts: &[Alert]) -> Vec<String> {
    let entries: Vec<&str> = text.split(&format!("\n{ENTRY}McpServer")).skip(1).collect();
    let name = |entry: &str| format!("McpServer{}", entry.lines().next().unwrap_or_default().trim());
    let mut faults = Vec::new();
    for alert in alerts {
        match entries.iter().filter(|entry| name(entry) == alert.name).count() {
            1 => {}
            0 => faults.push(format!("{} has no entry: add `{ENTRY}{}`", alert.name, alert.name)),
            more => faults.push(format!("{} has {more} entries: keep one", alert.name)),
        }
    }
    for entry in entries {
        let name = name(entry);
        if !alerts.iter().any(|alert| alert.name == name) {
            faults.push(format!("`{ENTRY}{name}` is the entry of no alert: remove it"));
        }
        for part in ["**Means.**", "**Look.**", "**Do.**"] {
            if !entry.contains(part) {
                faults.push(format!("the entry of {name} has no paragraph that begins with {part}"));
            }
        }
    }
    faults
}

fn between(text: &str, [begin, end]: [&str; 2], table: &str) -> Option<String> {
    let (before, rest) = text.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{begin}\n{table}{end}{after}"))
}

fn alert_table(alerts: &[Alert]) -> String {
    let row = |alert: &Alert| {
        let Alert { name, severity, holds, summary, .. } = alert;
        let after = if *holds == "0m" { "at once" } else { holds };
        format!("| [{name}](#{}) | {} | {after} | {summary} |\n", name.to_lowercase(), severity.word())
    };
    let head = "| Alert | Severity | After | |\n|---|---|---|---|\n".to_owned();
    std::iter::once(head).chain(alerts.iter().map(row)).collect()
}

fn instrument_table() -> String {
    let row = |instrument: &Instrument| {
        let labels = instrument.attributes.iter().map(|attribute| format!("`{}`", label(attribute)));
        let labels = labels.collect::<Vec<_>>().join(", ");
        let labels = if labels.is_empty() { "–" } else { &labels };
        let (name, kind) = (instrument.prometheus(), kind(instrument));
        format!("| `{}` | `{name}` | {kind} | {labels} | {} |\n", instrument.name, instrument.meaning)
    };
    let head = "| Instrument | In Prometheus | Kind, unit | Labels | Meaning |\n|---|---|---|---|---|\n".to_owned();
    std::iter::once(head).chain(ALL.iter().map(row)).collect()
}

fn kind(instrument: &Instrument) -> String {
    let kind = match instrument.measures {
        Measures::Counter => "counter",
        Measures::Gauge => "gauge",
        Measures::Histogram(_) => "histogram",
    };
    match instrument.unit {
        "" => kind.to_owned(),
        unit => format!("{kind}, `{unit}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboards::alerts;

    #[test]
    fn entries_and_alerts_are_the_same_set() {
        let alerts: Vec<Alert> = alerts::all(99.0).remove(0).1.into_iter().take(2).collect();
        let entry = |name: &str| format!("\n### {name}\n\n**Means.** a\n**Look.** b\n**Do.** c\n");
        let [first, second] = [0, 1].map(|number: usize| entry(alerts[number].name));
        assert_eq!(faults(&format!("{first}{second}"), &alerts), Vec::<String>::new());
        assert_eq!(faults(&first, &alerts).len(), 1, "one has no entry");
        assert_eq!(faults(&format!("{first}{first}{second}"), &alerts).len(), 1, "one has two");
        assert_eq!(
            faults(&format!("{first}{second}{}", entry("McpServerOther")), &alerts).len(),
            1,
            "one is of nothing"
        );
        assert_eq!(faults(&format!("{first}{}", second.replace("**Do.**", "")), &alerts).len(), 1, "one lacks a part");
    }

    #[test]
    fn tables_are_renewed_where_their_marks_are() {
        let text =
            "a <!-- alerts:begin --> stale <!-- alerts:end --> b <!-- instruments:begin --><!-- instruments:end -->";
        let text = renewed(text, &[]).unwrap();
        assert!(text.contains("| `mcpserver.tool.calls` | `mcpserver_tool_calls_total` | counter, `{call}` |"));
        assert!(!text.contains("stale"));
        assert_eq!(renewed("no marks", &[]), None);
    }
}
