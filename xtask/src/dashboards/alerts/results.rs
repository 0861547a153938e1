//! Alerts on results that are not what they were, behind calls that succeed.

use super::{Alert, Severity};
use crate::dashboards::instruments as made;
use crate::dashboards::promql::{Level, grown, matcher};
use crate::dashboards::recording::counted;
use crate::dashboards::semconv::attribute;

pub(super) fn alerts() -> Vec<Alert> {
    vec![emptier(), fewer_rows(), off_baseline(), too_large()]
}

fn tool(what: &str, window: &str) -> String {
    counted(Level::Tool, what, window)
}

fn emptier() -> Alert {
    let share = |window: &str, when: &str| {
        format!("{}{when} / {}{when}", tool("tool_empties", window), tool("tool_results", window))
    };
    Alert {
        name: "McpServerToolEmptier",
        severity: Severity::Warning,
        holds: "5m",
        condition: vec![
            format!("{} > 0.3 + {}", share("30m", ""), share("1d", " offset 30m")),
            format!("and {} >= 10", tool("tool_results", "30m")),
            format!("and {} offset 30m >= 50", tool("tool_results", "1d")),
        ],
        summary: "A tool finds nothing much more often than it did the day before.",
        description: "{{ $value | humanizePercentage }} of the results of {{ $labels.gen_ai_tool_name }} of \
                      {{ $labels.job }} are empty.",
    }
}

fn fewer_rows() -> Alert {
    let mean = |window: &str, when: &str| {
        format!("{}{when} / {}{when}", tool("tool_rows", window), tool("tool_results_with_rows", window))
    };
    Alert {
        name: "McpServerToolRowsFell",
        severity: Severity::Warning,
        holds: "5m",
        condition: vec![
            format!("{} < 0.1 * {}", mean("30m", ""), mean("1d", " offset 30m")),
            format!("and {} >= 10", tool("tool_results_with_rows", "30m")),
            format!("and {} offset 30m >= 50", tool("tool_results_with_rows", "1d")),
        ],
        summary: "A tool returns a small part of the rows that it returned the day before.",
        description: "A result of {{ $labels.gen_ai_tool_name }} of {{ $labels.job }} has \
                      {{ $value | printf \"%.1f\" }} rows on average.",
    }
}

fn off_baseline() -> Alert {
    let deviations = tool("quality_deviations", "30m");
    Alert {
        name: "McpServerQualityDeviations",
        severity: Severity::Warning,
        holds: "0m",
        condition: vec![
            format!("{deviations} >= 5"),
            format!("and {deviations} > 0.2 * {}", tool("tool_results", "30m")),
        ],
        summary: "Many results of a tool are off its baseline.",
        description: "{{ $value | printf \"%.0f\" }} results of {{ $labels.gen_ai_tool_name }} of {{ $labels.job }} were \
                      off the baseline within the last 30 minutes.",
    }
}

fn too_large() -> Alert {
    let kind = matcher(attribute::KIND, "=", "result_too_large");
    Alert {
        name: "McpServerResultTooLarge",
        severity: Severity::Warning,
        holds: "0m",
        condition: vec![format!("{} >= 5", grown(Level::Tool, &made::TOOL_CALLS.prometheus(), &kind, "1h"))],
        summary: "Results of a tool are often over their limit of bytes.",
        description: "{{ $value | printf \"%.0f\" }} results of {{ $labels.gen_ai_tool_name }} of {{ $labels.job }} were \
                      too large to be passed on within the last hour.",
    }
}
