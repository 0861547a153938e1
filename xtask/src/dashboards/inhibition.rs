//! An example for Alertmanager: one page for one cause.

use super::alerts::Alert;

/// What the file begins with.
const HEAD: &str = "\
# An example for Alertmanager: what to take into its configuration so that one cause is one page. Written by
# `cargo xtask dashboards`: change the generator.
#
# Alerts are grouped by server. `critical` pages, everything else is a ticket. While the cause of an alert fires itself,
# the alert is inhibited: it is shown, and nobody is told of it.
route:
  group_by: [job]
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 4h
  receiver: tickets
  routes:
    - matchers: ['severity = \"critical\"', 'alertname =~ \"McpServer.*\"']
      receiver: pager
receivers:
  - name: pager
  - name: tickets
inhibit_rules:
";

/// While one of the sources fires, the targets with the same labels are inhibited.
struct Inhibition {
    why: &'static str,
    sources: &'static [&'static str],
    targets: &'static [&'static str],
    equal: &'static [&'static str],
}

const TOOL: &[&str] = &["job", "gen_ai_tool_name"];

const INHIBITIONS: [Inhibition; 6] = [
    Inhibition {
        why: "A server without a target has no replica either.",
        sources: &["McpServerGone"],
        targets: &["McpServerDown", "McpServerNotReady"],
        equal: &["job"],
    },
    Inhibition {
        why: "A replica that is down is not ready.",
        sources: &["McpServerDown"],
        targets: &["McpServerNotReady", "McpServerStoreDown"],
        equal: &["job", "instance"],
    },
    Inhibition {
        why: "Without its store, a server refuses what needs it, and tools fail.",
        sources: &["McpServerStoreDown"],
        targets: &[
            "McpServerNotReady",
            "McpServerStoreFaults",
            "McpServerStoreSlow",
            "McpServerProtocolErrors",
            "McpServerToolFailing",
            "McpServerToolLastFailed",
            "McpServerToolBurnFast",
            "McpServerToolBurnSteady",
            "McpServerToolBurnSlow",
            "McpServerToolFruitless",
            "McpServerToolDefect",
            "McpServerToolSlow",
            "McpServerToolGivenUp",
        ],
        equal: &["job"],
    },
    Inhibition {
        why: "A tool all of whose calls fail spends every budget of failures.",
        sources: &["McpServerToolFailing"],
        targets: &["McpServerToolLastFailed"],
        equal: TOOL,
    },
    Inhibition {
        why: "The same, of which the last calls tell.",
        sources: &["McpServerToolFailing", "McpServerToolLastFailed"],
        targets: &[
            "McpServerToolBurnFast",
            "McpServerToolBurnSteady",
            "McpServerToolBurnSlow",
            "McpServerToolFruitless",
            "McpServerToolDefect",
            "McpServerToolSlow",
            "McpServerToolGivenUp",
            "McpServerUpstreamErrorsHidden",
        ],
        equal: TOOL,
    },
    Inhibition {
        why: "Results that are empty have fewer rows and are off the baseline.",
        sources: &["McpServerToolLastEmpty"],
        targets: &[
            "McpServerToolEmptier",
            "McpServerToolRowsFell",
            "McpServerQualityDeviations",
            "McpServerUpstreamErrorsHidden",
        ],
        equal: TOOL,
    },
];

/// The file.
#[expect(clippy::format_push_string, reason = "a chore that runs once")]
pub(super) fn file() -> String {
    let mut text = HEAD.to_owned();
    for Inhibition { why, sources, targets, equal } in &INHIBITIONS {
        text += &format!("  # {why}\n");
        text += &format!("  - source_matchers: ['alertname =~ \"{}\"']\n", sources.join("|"));
        text += &format!("    target_matchers: ['alertname =~ \"{}\"']\n", targets.join("|"));
        text += &format!("    equal: [{}]\n", equal.join(", "));
    }
    text
}

/// Names that no alert has.
pub(super) fn faults(alerts: &[Alert]) -> Vec<String> {
    let named = INHIBITIONS.iter().flat_map(|inhibition| inhibition.sources.iter().chain(inhibition.targets));
    let unknown = named.filter(|name| !alerts.iter().any(|alert| alert.name == **name));
    unknown.map(|name| format!("there is no alert {name}")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::alerts::{Severity, all};
    use super::*;

    #[test]
    fn every_name_is_that_of_an_alert_and_a_failing_tool_pages_once() {
        let alerts: Vec<Alert> = all(99.0).into_iter().flat_map(|(_, alerts)| alerts).collect();
        assert_eq!(faults(&alerts), Vec::<String>::new());
        let failing =
            ["McpServerToolFailing", "McpServerToolLastFailed", "McpServerToolBurnFast", "McpServerToolBurnSteady"];
        let inhibited = |name: &str| {
            INHIBITIONS.iter().any(|one| one.targets.contains(&name) && one.sources.contains(&"McpServerToolFailing"))
        };
        let critical =
            |name: &str| alerts.iter().any(|alert| alert.name == name && alert.severity == Severity::Critical);
        let pages = failing.into_iter().filter(|name| critical(name) && !inhibited(name)).collect::<Vec<_>>();
        assert_eq!(pages, ["McpServerToolFailing"]);
    }
}
