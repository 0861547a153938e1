//! Alerts on the process and on what it stands on: the store, its threads, its own telemetry.

use super::{Alert, Severity};
use crate::dashboards::instruments as made;
use crate::dashboards::promql::{Level, grown, quantile};
use crate::dashboards::recording::counted;

pub(super) fn alerts() -> Vec<Alert> {
    vec![down(), not_ready(), store_down(), store_slow(), store_faults(), stuck(), queue(), capacity(), dropped()]
}

fn down() -> Alert {
    let ready = made::READY.prometheus();
    Alert {
        name: "McpServerDown",
        severity: Severity::Critical,
        holds: "2m",
        // Whatever told of its readiness within the last hour is one of ours, under whichever job.
        condition: vec![format!("up == 0 and on (job, instance) max_over_time({ready}[1h])")],
        summary: "A replica cannot be scraped any more.",
        description: "{{ $labels.instance }} of {{ $labels.job }} does not answer at its admin address.",
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
                      {{ $labels.mcpserver_capacity_name }}; at the limit requests are refused.",
    }
}

fn dropped() -> Alert {
    Alert {
        name: "McpServerTelemetryDropped",
        severity: Severity::Warning,
        holds: "0m",
        condition: vec![format!("{} > 0", grown(Level::Job, &made::TELEMETRY_DROPPED.prometheus(), "", "15m"))],
        summary: "A server loses spans or metrics on the way to their collector.",
        description: "{{ $labels.job }} lost {{ $value | printf \"%.0f\" }} spans or metrics within the last 15 minutes.",
    }
}
