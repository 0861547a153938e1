//! Alerts on the process and on what it stands on: the store, its threads, its own telemetry.

use super::{Alert, Severity};
use crate::dashboards::instruments::{self as made, label};
use crate::dashboards::promql::{Level, grown, matcher, quantile, select};
use crate::dashboards::recording::{counted, seen};
use crate::dashboards::semconv::attribute;

pub(super) fn alerts() -> Vec<Alert> {
    vec![
        down(),
        gone(),
        not_ready(),
        store_down(),
        store_slow(),
        store_faults(),
        pool_dry(),
        stuck(),
        queue(),
        capacity(),
        dropped(),
    ]
}

fn down() -> Alert {
    Alert {
        name: "McpServerDown",
        severity: Severity::Critical,
        holds: "2m",
        // One of ours is every target of a job that ever was one, so that a replica which never came up is seen too; a
        // server of which no replica ever came up is known by its name alone.
        condition: vec![format!("up == 0 and on (job) {}", seen()), "or up{job=~\".*mcp.*\"} == 0".to_owned()],
        summary: "A replica cannot be scraped.",
        description: "{{ $labels.instance }} of {{ $labels.job }} does not answer at its admin address.",
    }
}

fn gone() -> Alert {
    Alert {
        name: "McpServerGone",
        severity: Severity::Critical,
        holds: "5m",
        condition: vec![format!("time() - {} < 7 * 86400", seen()), "unless on (job) up".to_owned()],
        summary: "No target of a server is left.",
        description: "Prometheus knows no target of {{ $labels.job }} any more; it was last seen \
                      {{ $value | humanizeDuration }} ago.",
    }
}

fn not_ready() -> Alert {
    Alert {
        name: "McpServerNotReady",
        severity: Severity::Critical,
        holds: "5m",
        condition: vec![format!("{} == 0", made::READY.prometheus())],
        summary: "A replica is up, and should get no requests.",
        description: "{{ $labels.instance }} of {{ $labels.job }} has not been ready for five minutes.",
    }
}

fn store_down() -> Alert {
    Alert {
        name: "McpServerStoreDown",
        severity: Severity::Critical,
        holds: "1m",
        condition: vec![format!("{} == 0", made::STORE_UP.prometheus())],
        summary: "A replica does not reach its store.",
        description: "The {{ $labels.engine }} store of {{ $labels.instance }} of {{ $labels.job }} does not answer.",
    }
}

fn store_slow() -> Alert {
    let p99 = quantile(Level::Job, "0.99", &made::STORE_OPERATION_DURATION, "", "10m");
    Alert {
        name: "McpServerStoreSlow",
        severity: Severity::Warning,
        holds: "10m",
        condition: vec![
            format!("{p99} > 0.25"),
            format!("and {} >= 100", counted(Level::Job, "store_operations", "10m")),
        ],
        summary: "The store is slow.",
        description: "One of a hundred operations of the store of {{ $labels.job }} takes {{ $value | humanizeDuration }} or \
                      longer.",
    }
}

fn store_faults() -> Alert {
    let faults = counted(Level::Job, "store_faults", "10m");
    Alert {
        name: "McpServerStoreFaults",
        severity: Severity::Warning,
        holds: "5m",
        condition: vec![
            format!("{faults} / {} > 0.05", counted(Level::Job, "store_operations", "10m")),
            format!("and {faults} >= 10"),
        ],
        summary: "Operations of the store fail.",
        description: "{{ $value | humanizePercentage }} of the operations of the store of {{ $labels.job }} fail.",
    }
}

fn pool_dry() -> Alert {
    let used = select(&made::POOL_CONNECTIONS.prometheus(), &matcher(attribute::POOL_STATE, "=", "used"));
    Alert {
        name: "McpServerPoolDry",
        severity: Severity::Warning,
        holds: "2m",
        condition: vec![format!(
            "{used} >= ignoring ({}) {}",
            label(attribute::POOL_STATE),
            made::POOL_MOST.prometheus()
        )],
        summary: "Every connection of a pool is in use.",
        description: "All {{ $value | printf \"%.0f\" }} connections of the pool {{ $labels.db_client_connection_pool_name }} \
                      of {{ $labels.instance }} of {{ $labels.job }} are in use.",
    }
}

fn stuck() -> Alert {
    Alert {
        name: "McpServerThreadsStuck",
        severity: Severity::Warning,
        holds: "5m",
        condition: vec![format!("{} > 0", made::THREADS_STUCK.prometheus())],
        summary: "Functions still hold threads though their calls have ended.",
        description: "{{ $value | printf \"%.0f\" }} threads of {{ $labels.instance }} of {{ $labels.job }} are held by \
                      {{ $labels.gen_ai_tool_name }}.",
    }
}

fn queue() -> Alert {
    let p95 = quantile(Level::Tool, "0.95", &made::QUEUE_WAIT, "", "10m");
    Alert {
        name: "McpServerQueueLong",
        severity: Severity::Warning,
        holds: "10m",
        condition: vec![format!("{p95} > 0.5")],
        summary: "Calls of a blocking function wait for a thread.",
        description: "One of twenty calls of {{ $labels.gen_ai_tool_name }} of {{ $labels.job }} waits \
                      {{ $value | humanizeDuration }} or longer for a thread.",
    }
}

fn capacity() -> Alert {
    let (used, limit) = (made::CAPACITY_USED.prometheus(), made::CAPACITY_LIMIT.prometheus());
    Alert {
        name: "McpServerCapacityNearlyExhausted",
        severity: Severity::Warning,
        holds: "2m",
        condition: vec![format!("{used} / {limit} > 0.8")],
        summary: "A bounded resource of a replica is nearly used up.",
        description: "{{ $labels.instance }} of {{ $labels.job }} uses {{ $value | humanizePercentage }} of \
                      {{ $labels.capacity_name }}; at the limit requests are refused.",
    }
}

fn dropped() -> Alert {
    Alert {
        name: "McpServerTelemetryDropped",
        severity: Severity::Warning,
        holds: "5m",
        // One lost batch is no outage of the collector.
        condition: vec![format!("{} >= 100", grown(Level::Job, &made::TELEMETRY_DROPPED.prometheus(), "", "15m"))],
        summary: "A server loses spans or metrics on the way to their collector.",
        description: "{{ $labels.job }} lost {{ $value | printf \"%.0f\" }} spans or metrics within the last 15 minutes.",
    }
}
