//! Judging a result: what is off is counted, logged, and told to the agent where the configuration says so.

use bytes::Bytes;
use tokio::time::Instant;

use super::note::note;
use crate::dispatch::call::Call;
use crate::dispatch::entry::ToolEntry;
use crate::telemetry::quality::{Deviation, Normal, Seen};
use crate::telemetry::{CallRecord, Ending};
use crate::tool::{ErrorKind, Reply};

/// Holds a result against the baseline of its tool, and returns what the agent is to be told; mostly nothing.
pub(in crate::dispatch) fn judge(
    call: &Call,
    entry: &ToolEntry,
    reply: &Reply,
    ending: Ending,
    bytes: &Bytes,
    record: &CallRecord,
) -> Vec<String> {
    let (Some(watch), Some(settings)) = (&entry.quality, call.service.settings().quality) else { return Vec::new() };
    // Without its structured part a result is half as large as others, and nothing is missing.
    let whole = reply.structured.is_none() || call.context.revision().has_structured();
    let seen = Seen {
        empty: ending == Ending::Empty || reply.rows == Some(0),
        rows: reply.rows,
        bytes: whole.then_some(bytes.len() as u64),
        // Nobody waits for a task.
        took: call.context.shared().task.link().is_none().then(|| record.elapsed()),
    };
    let verdict = watch.judge(&seen, now(call));
    if verdict.stands_empty() {
        let normal = watch.seen_so_far();
        tracing::warn!(
            target: "mcp_server::quality",
            tool = entry.spec.name,
            results = normal.results,
            empty_ratio = normal.empty,
            "most of the first results of a tool are empty: from now on this is taken as normal"
        );
    }
    let Some(normal) = verdict.normal() else { return Vec::new() };
    let mut notes = Vec::new();
    for deviation in verdict.deviations() {
        if let Some(meters) = call.service.telemetry().meters() {
            meters.deviated(entry.spec.name, deviation.word());
        }
        if let Some(unsaid) = watch.tells(deviation, Instant::now()) {
            // The line says of which call and trace it is.
            let _entered = call.context.shared().scope.enter();
            log(entry.spec.name, deviation, &seen, &normal, unsaid);
        }
        let tell = if deviation == Deviation::Slow { settings.tell_slow } else { settings.tell };
        if tell {
            notes.push(note(deviation, &seen, &normal));
        }
    }
    notes
}

/// Adds a failed call to the last results of its tool, unless its caller is at fault.
pub(in crate::dispatch) fn failed(call: &Call, entry: &ToolEntry, kind: ErrorKind) {
    if let Some(watch) = entry.quality.as_ref().filter(|_| !kind.is_callers_fault()) {
        watch.failed(now(call));
    }
}

fn now(call: &Call) -> u64 {
    call.service.clock().millis()
}

fn log(tool: &str, deviation: Deviation, seen: &Seen, normal: &Normal, unsaid: u64) {
    tracing::warn!(
        target: "mcp_server::quality",
        tool,
        deviation = deviation.word(),
        rows = seen.rows,
        bytes = seen.bytes,
        micros = seen.took.map(|took| u64::try_from(took.as_micros()).unwrap_or(u64::MAX)),
        results = normal.results,
        rows_median = normal.rows,
        bytes_median = normal.bytes,
        micros_median = normal.took.map(|took| u64::try_from(took.as_micros()).unwrap_or(u64::MAX)),
        empty_ratio = normal.empty,
        unsaid,
        "a result is off the baseline of its tool"
    );
}
