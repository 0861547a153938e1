//! Alerts on requests that do not get as far as a tool, and on how agents use what there is.

use super::{Alert, Severity};
use crate::dashboards::instruments as made;
use crate::dashboards::promql::{Level, grown};
use crate::dashboards::recording::counted;

pub(super) fn alerts() -> Vec<Alert> {
    vec![protocol(), refusals(), validation(), loops(), budget()]
}

fn protocol() -> Alert {
    let failures = counted(Level::Job, "operation_failures", "10m");
    Alert {
        name: "McpServerProtocolErrors",
        severity: Severity::Critical,
        holds: "5m",
        condition: vec![
            format!("{failures} / {} > 0.05", counted(Level::Job, "operations", "10m")),
            format!("and {failures} >= 10"),
        ],
        summary: "A server answers requests with errors of its own making.",
        description: "{{ $value | humanizePercentage }} of the requests to {{ $labels.job }} ended in a JSON-RPC error that \
                      is not their caller's fault.",
    }
}

fn refusals() -> Alert {
    let refused = counted(Level::Guard, "refusals", "10m");
    Alert {
        name: "McpServerRefusals",
        severity: Severity::Warning,
        holds: "5m",
        condition: vec![
            format!("{refused} >= 50"),
            format!("unless {refused} <= 5 * avg_over_time({refused}[1d] offset 30m)"),
        ],
        summary: "A guard turns away far more requests than it did the day before.",
        description: "The guard {{ $labels.guard }} of {{ $labels.job }} turned away {{ $value | printf \"%.0f\" }} requests \
                      within the last ten minutes.",
    }
}

fn validation() -> Alert {
    let failures = counted(Level::Tool, "validation_failures", "30m");
    Alert {
        name: "McpServerValidationFailures",
        severity: Severity::Warning,
        holds: "5m",
        condition: vec![
            format!("{failures} >= 20"),
            format!("and {failures} > 0.3 * {}", counted(Level::Tool, "tool_calls_of_any_outcome", "30m")),
        ],
        summary: "Agents do not keep to the schema of a tool.",
        description: "{{ $value | printf \"%.0f\" }} rules of the schema of {{ $labels.gen_ai_tool_name }} of \
                      {{ $labels.job }} were broken within the last 30 minutes.",
    }
}

fn loops() -> Alert {
    Alert {
        name: "McpServerAgentLoops",
        severity: Severity::Info,
        holds: "0m",
        condition: vec![format!("{} > 0", grown(Level::Tool, &made::LOOPS.prometheus(), "", "15m"))],
        summary: "An agent repeats the same call over and over.",
        description: "{{ $value | printf \"%.0f\" }} calls of {{ $labels.gen_ai_tool_name }} of {{ $labels.job }} repeated \
                      an earlier one too often within the last 15 minutes.",
    }
}

fn budget() -> Alert {
    Alert {
        name: "McpServerBudgetAlerts",
        severity: Severity::Info,
        holds: "0m",
        condition: vec![format!("{} > 0", grown(Level::Budget, &made::BUDGET_ALERTS.prometheus(), "", "15m"))],
        summary: "Most of a budget of calls or tokens is spent.",
        description: "{{ $value | printf \"%.0f\" }} budgets of {{ $labels.measure }} per {{ $labels.scope }} of \
                      {{ $labels.job }} came near their end within the last 15 minutes.",
    }
}
