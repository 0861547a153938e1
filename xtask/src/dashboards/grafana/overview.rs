//! The first row: whether all is well.

use super::panel::{Row, chosen, lines, now, number, quantile, rate};
use crate::dashboards::instruments as made;
use crate::dashboards::promql::matcher;
use crate::dashboards::recording::{answered, failed, owed};
use crate::dashboards::semconv::{attribute, outcome};

pub(super) fn row() -> Row {
    let calls = &made::TOOL_CALLS;
    let empty = matcher(attribute::OUTCOME, "=", outcome::EMPTY);
    let coded = matcher(attribute::STATUS_CODE, "!=", "");
    let duration = &made::OPERATION_DURATION;
    Row {
        title: "Overview",
        panels: vec![
            number("Tool calls", "reqps", rate(calls, "", "", &[])),
            number("Failed", "percentunit", share(&failed(), &owed(), &[]))
                .about("Share of the calls that were the server's to answer; the caller's own faults are left out."),
            number("95th percentile", "s", quantile("0.95", duration, "", &[])),
            number("Empty", "percentunit", share(&empty, &answered(), &[]))
                .about("Share of results that were nothing, with a reason."),
            number("Ready replicas", "short", now(&made::READY, &[])),
            number("Calls in flight", "short", now(&made::IN_FLIGHT, &[])),
            lines(
                "Requests by method",
                "reqps",
                rate(duration, "_count", "", &[attribute::METHOD]),
                &[attribute::METHOD],
            ),
            lines("Tool calls by outcome", "reqps", rate(calls, "", "", &[attribute::OUTCOME]), &[attribute::OUTCOME])
                .areas(),
            lines(
                "JSON-RPC errors by code",
                "reqps",
                rate(duration, "_count", &coded, &[attribute::STATUS_CODE, attribute::ERROR_TYPE]),
                &[attribute::STATUS_CODE],
            )
            .about("A code without `error.type` is the caller's fault."),
            lines("Ready", "short", chosen(&made::READY, "", ""), &["job", "instance"]),
        ],
    }
}

/// The share of calls that some matchers choose among those of others.
pub(super) fn share(part: &str, whole: &str, by: &[&str]) -> String {
    format!("{} / {}", rate(&made::TOOL_CALLS, "", part, by), rate(&made::TOOL_CALLS, "", whole, by))
}
