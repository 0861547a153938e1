//! The rows about everything around tools: guards, the store, what is open, and telemetry itself.

use super::panel::{Row, chosen, lines, now, quantile, rate};
use crate::dashboards::instruments as made;
use crate::dashboards::promql::matcher;
use crate::dashboards::semconv::attribute;

const INSTANCE: &[&str] = &["instance"];

pub(super) fn guards() -> Row {
    let rule = &[attribute::TOOL, attribute::RULE];
    Row {
        title: "Guards and validation",
        panels: vec![
            lines(
                "Refusals by guard",
                "reqps",
                rate(&made::REFUSALS, "", "", &[attribute::GUARD]),
                &[attribute::GUARD],
            )
            .areas()
            .width(12),
            lines("Broken rules of schemas", "cps", rate(&made::VALIDATION_FAILURES, "", "", rule), rule)
                .areas()
                .width(12),
        ],
    }
}

pub(super) fn store() -> Row {
    let store = &made::STORE_OPERATION_DURATION;
    let operation = &[attribute::ENGINE, attribute::STORE_OPERATION];
    let fault = &[attribute::STORE_OPERATION, attribute::ERROR_TYPE];
    let failed = matcher(attribute::ERROR_TYPE, "!=", "");
    Row {
        title: "Store",
        panels: vec![
            lines("Up", "short", chosen(&made::STORE_UP, "", ""), &[attribute::ENGINE, "instance"]).width(6),
            lines("Operations", "ops", rate(store, "_count", "", operation), operation).width(6),
            lines("99th percentile of time", "s", quantile("0.99", store, "", operation), operation).width(6),
            lines("Faults", "ops", rate(store, "_count", &failed, fault), fault).areas().width(6),
        ],
    }
}

pub(super) fn open() -> Row {
    let life = quantile("0.5", &made::SESSION_DURATION, "", &[attribute::PROTOCOL_VERSION]);
    let asked = quantile("0.95", &made::CLIENT_OPERATION_DURATION, "", &[attribute::METHOD]);
    Row {
        title: "Sessions, streams, tasks, threads",
        panels: vec![
            lines("Sessions", "short", now(&made::SESSIONS_OPEN, INSTANCE), INSTANCE),
            lines("Streams", "short", now(&made::STREAMS_OPEN, INSTANCE), INSTANCE),
            lines("Tasks", "short", now(&made::TASKS, INSTANCE), INSTANCE),
            lines(
                "Bounded resources in use",
                "short",
                now(&made::CAPACITY_USED, &[attribute::CAPACITY]),
                &[attribute::CAPACITY],
            ),
            lines(
                "Limits of bounded resources",
                "short",
                now(&made::CAPACITY_LIMIT, &[attribute::CAPACITY]),
                &[attribute::CAPACITY],
            ),
            lines(
                "Background tasks",
                "short",
                now(&made::BACKGROUND_TASKS, &[attribute::BACKGROUND_TASK]),
                &[attribute::BACKGROUND_TASK],
            ),
            lines("Stuck threads", "short", now(&made::THREADS_STUCK, &[attribute::TOOL]), &[attribute::TOOL]),
            lines("Life of sessions, median", "s", life, &[attribute::PROTOCOL_VERSION]),
            lines("Answers of clients, 95th percentile", "s", asked, &[attribute::METHOD]),
        ],
    }
}

/// The connections of clients.
pub(super) fn connections() -> Row {
    let state = &[attribute::LISTENER, attribute::STATE];
    let reason = &[attribute::LISTENER, attribute::REASON];
    let most = now(&made::CONNECTIONS_MAX, &[attribute::LISTENER]);
    Row {
        title: "Connections of clients",
        panels: vec![
            lines("Connections by what they do", "short", now(&made::CONNECTIONS, state), state).areas().width(12),
            lines("Limits of connections", "short", most, &[attribute::LISTENER]).width(12),
            lines("Refused connections", "cps", rate(&made::CONNECTIONS_REFUSED, "", "", reason), reason).areas(),
            lines("Ended connections", "cps", rate(&made::CONNECTIONS_ENDED, "", "", reason), reason).areas(),
            lines("Failures to accept", "cps", rate(&made::ACCEPT_FAILURES, "", "", reason), reason).areas(),
        ],
    }
}

/// The process, and the connections of its tools.
pub(super) fn process() -> Row {
    let pool = &[attribute::POOL, attribute::POOL_STATE];
    let version = &[attribute::SERVICE_NAME, attribute::SERVICE_VERSION, attribute::FRAMEWORK_VERSION];
    let descriptors = now(&made::PROCESS_DESCRIPTORS, INSTANCE);
    Row {
        title: "Process and connections",
        panels: vec![
            lines("Resident memory", "bytes", now(&made::PROCESS_MEMORY, INSTANCE), INSTANCE),
            lines("Processor time", "percentunit", rate(&made::PROCESS_CPU, "", "", INSTANCE), INSTANCE),
            lines(
                "File descriptors in use",
                "percentunit",
                format!("{descriptors} / {}", now(&made::PROCESS_MOST_DESCRIPTORS, INSTANCE)),
                INSTANCE,
            ),
            lines("Age", "s", format!("time() - {}", now(&made::PROCESS_START, INSTANCE)), INSTANCE),
            lines("Versions", "short", now(&made::BUILD_INFO, version), version),
            lines("Connections of pools", "short", now(&made::POOL_CONNECTIONS, pool), pool),
            lines("Limits of pools", "short", now(&made::POOL_MOST, &[attribute::POOL]), &[attribute::POOL]),
            lines(
                "Waits in vain for a connection",
                "cps",
                rate(&made::POOL_TIMEOUTS, "", "", &[attribute::TOOL]),
                &[attribute::TOOL],
            ),
        ],
    }
}

pub(super) fn telemetry() -> Row {
    let by = &[attribute::SIGNAL, attribute::REASON];
    Row {
        title: "Telemetry itself",
        panels: vec![lines("Dropped", "cps", rate(&made::TELEMETRY_DROPPED, "", "", by), by).areas().width(24)],
    }
}
