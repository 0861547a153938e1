//! The row with everything about each tool, and the one about the quality of results.

use super::overview::share;
use super::panel::{Panel, Row, chosen, lines, now, quantile, rate};
use crate::dashboards::instruments as made;
use crate::dashboards::promql::matcher;
use crate::dashboards::recording::{answered, failed, owed};
use crate::dashboards::semconv::{attribute, baseline as measure, outcome, recent};

const TOOL: &[&str] = &[attribute::TOOL];

pub(super) fn row() -> Row {
    let called = matcher(attribute::TOOL, "!=", "");
    let failures = matcher(attribute::OUTCOME, "=", outcome::FAILED);
    let latency = |title, share| lines(title, "s", quantile(share, &made::OPERATION_DURATION, &called, TOOL), TOOL);
    let calls = &made::TOOL_CALLS;
    let by_kind = &[attribute::TOOL, attribute::KIND];
    let by_outcome = &[attribute::TOOL, attribute::OUTCOME];
    Row {
        title: "Per tool",
        panels: vec![
            lines("Calls", "reqps", rate(calls, "", "", TOOL), TOOL),
            lines("Outcomes", "reqps", rate(calls, "", "", by_outcome), by_outcome).areas(),
            lines("In flight", "short", now(&made::IN_FLIGHT, TOOL), TOOL),
            latency("Median time", "0.5"),
            latency("95th percentile of time", "0.95"),
            latency("99th percentile of time", "0.99"),
            lines("Failed, share", "percentunit", share(&failed(), &owed(), TOOL), TOOL)
                .about("Of the calls that were the server's to answer; the caller's own faults are left out."),
            lines("Failures by kind", "reqps", rate(calls, "", &failures, by_kind), by_kind).areas(),
            lines("Empty, share", "percentunit", share(&empty(), &answered(), TOOL), TOOL),
            lines("Arguments, 95th percentile", "bytes", quantile("0.95", &made::ARGUMENTS_SIZE, "", TOOL), TOOL),
            lines("Results, 95th percentile", "bytes", quantile("0.95", &made::RESULT_SIZE, "", TOOL), TOOL),
            rows(),
            tokens("Tokens of arguments", "input"),
            tokens("Tokens of results", "output"),
            lines("Wait for a thread, 95th percentile", "s", quantile("0.95", &made::QUEUE_WAIT, "", TOOL), TOOL),
        ],
    }
}

/// What results are beside what they used to be, and how agents go about it.
pub(super) fn quality() -> Row {
    let deviation = &[attribute::TOOL, attribute::DEVIATION];
    let baseline = |title, unit, measure| {
        let matchers = matcher(attribute::MEASURE, "=", measure);
        lines(
            title,
            unit,
            format!("max by (gen_ai_tool_name) ({})", chosen(&made::QUALITY_BASELINE, "", &matchers)),
            TOOL,
        )
        .width(6)
    };
    let last = |title, last, measure| {
        let matchers = [matcher(attribute::MEASURE, "=", measure), matcher(attribute::LAST, "=", last)].join(", ");
        lines(
            title,
            "percentunit",
            format!("max by (gen_ai_tool_name) ({})", chosen(&made::QUALITY_RECENT, "", &matchers)),
            TOOL,
        )
        .width(6)
    };
    let upstream = &[attribute::TOOL, attribute::ERROR_TYPE, attribute::OUTCOME];
    let budget = &[attribute::SCOPE, attribute::MEASURE];
    Row {
        title: "Quality, loops, budgets",
        panels: vec![
            lines("Results off the baseline", "cps", rate(&made::QUALITY_DEVIATIONS, "", "", deviation), deviation)
                .areas(),
            lines("Repeated calls", "cps", rate(&made::LOOPS, "", "", TOOL), TOOL)
                .about("Calls that repeated an earlier one too often; their agents were told so."),
            lines("Budgets near their end", "cps", rate(&made::BUDGET_ALERTS, "", "", budget), budget),
            last("Last 10 results: failed", "10", recent::FAILED),
            last("Last 10 results: empty", "10", recent::EMPTY),
            last("Last 10 results: off the baseline", "10", recent::OFF),
            last("Last 50 results: failed", "50", recent::FAILED),
            lines("Errors of services", "cps", rate(&made::UPSTREAM_ERRORS, "", "", upstream), upstream)
                .areas()
                .about("Calls in which a request sent with send_traced failed, by how the calls ended."),
            baseline("Baseline: rows", "short", measure::ROWS),
            baseline("Baseline: bytes", "bytes", measure::BYTES),
            baseline("Baseline: time", "s", measure::SECONDS),
            baseline("Baseline: empty", "percentunit", measure::EMPTY),
        ],
    }
}

fn rows() -> Panel {
    let (sum, count) = (rate(&made::RESULT_ROWS, "_sum", "", TOOL), rate(&made::RESULT_ROWS, "_count", "", TOOL));
    lines("Rows of a result, mean", "short", format!("{sum} / {count}"), TOOL)
}

fn tokens(title: &'static str, direction: &str) -> Panel {
    let direction = matcher(attribute::TOKEN_TYPE, "=", direction);
    let by = &[attribute::TOOL, attribute::COUNTED];
    lines(title, "cps", rate(&made::TOKENS_USED, "_sum", &direction, by), by)
        .areas()
        .about("Tokens a second; an estimate says that it is one.")
}

fn empty() -> String {
    matcher(attribute::OUTCOME, "=", outcome::EMPTY)
}
