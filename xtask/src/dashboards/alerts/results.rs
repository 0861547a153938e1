//! Alerts on results that are not what they were, behind calls that succeed.

use super::tools::last;
use super::{Alert, Severity};
use crate::dashboards::instruments::{self as made, label};
use crate::dashboards::promql::{Level, grown, highest, matcher, select};
use crate::dashboards::recording::counted;
use crate::dashboards::semconv::{attribute, baseline, recent};

pub(super) fn alerts() -> Vec<Alert> {
    vec![last_empty(), only_empty(), emptier(), fewer_rows(), off_baseline(), too_large()]
}

fn tool(what: &str, window: &str) -> String {
    counted(Level::Tool, what, window)
}

/// Needs no rate, and nothing of the day before.
fn last_empty() -> Alert {
    let (off, empty) = (last(recent::OFF, "10"), last(recent::EMPTY, "10"));
    Alert {
        name: "McpServerToolLastEmpty",
        severity: Severity::Critical,
        holds: "2m",
        condition: vec![highest(
            Level::Tool,
            &format!("{off} >= 0.5\n  and ignoring ({}) {empty} >= 0.5", label(attribute::MEASURE)),
        )],
        summary: "The last results of a tool are empty, which is not usual.",
        description: "{{ $value | humanizePercentage }} of the last ten results of {{ $labels.gen_ai_tool_name }} of \
                      {{ $labels.job }} are off its baseline, and most are empty.",
    }
}

fn only_empty() -> Alert {
    let known = select(&made::QUALITY_BASELINE.prometheus(), &matcher(attribute::MEASURE, "=", baseline::EMPTY));
    Alert {
        name: "McpServerToolOnlyEmpty",
        severity: Severity::Warning,
        holds: "2m",
        condition: vec![
            highest(Level::Tool, &format!("{} == 1", last(recent::EMPTY, "10"))),
            format!("unless on ({}) {known}", Level::Tool.labels()),
        ],
        summary: "A tool whose baseline does not stand yet returns nothing.",
        description: "The last ten results of {{ $labels.gen_ai_tool_name }} of {{ $labels.job }} are empty, and nothing is \
                      known of what is normal.",
    }
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
