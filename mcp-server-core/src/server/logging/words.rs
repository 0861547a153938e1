//! What a line says: two that say the same are equal.

use std::fmt::{self, Write as _};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata};

use super::driver;
use crate::store::seal::random_id;
use crate::telemetry::Scope;
use crate::telemetry::redact::without_literals;

/// Fields that differ in each call, whatever happened: ids and measures.
const OF_ONE_CALL: [&str; 20] = [
    "backtrace",
    "bytes_in",
    "bytes_out",
    "correlation_id",
    "duration",
    "duration_ms",
    "elapsed",
    "elapsed_ms",
    "elapsed_secs",
    "latency",
    "latency_ms",
    "micros",
    "reference",
    "request_id",
    "rows",
    "span_id",
    "thread",
    "took",
    "took_ms",
    "trace_id",
];

/// A field of our own lines that differs as well: the id of a task.
const TASK: &str = "task";

/// What a line says, less what differs in each call.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// The message and the other fields, as a line for people has them. What the client of the running call sent is not
    /// in it: lines that are equal once they are written are equal here.
    pub(super) text: String,
    /// The id of the call that the line is about.
    pub(super) reference: Option<String>,
    is_ours: bool,
    is_driver: bool,
}

impl Words {
    /// Those of an event.
    pub(super) fn of(event: &Event<'_>) -> Self {
        let mut words =
            Self { is_ours: is_ours(event.metadata()), is_driver: driver::wrote(event.metadata()), ..Self::default() };
        event.record(&mut words);
        if let Some(scope) = Scope::current() {
            words.reference.get_or_insert_with(|| scope.reference(random_id).to_owned());
            if let Some(sent) = scope.sent() {
                words.text = sent.scrub(&words.text).into_owned();
            }
        }
        words
    }

    fn add(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let name = field.name();
        if OF_ONE_CALL.contains(&name) || (self.is_ours && name == TASK) {
            return;
        }
        let space = if self.text.is_empty() { "" } else { " " };
        let name = if name == "message" { "" } else { name };
        let equals = if name.is_empty() { "" } else { "=" };
        // A text takes everything.
        let _written = if self.is_driver {
            write!(self.text, "{space}{name}{equals}{}", without_literals(&format!("{value:?}")))
        } else {
            write!(self.text, "{space}{name}{equals}{value:?}")
        };
    }
}

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            // Of an author's own it is not known what stands in it.
            "reference" if self.is_ours => self.reference = Some(value.to_owned()),
            "reference" => {}
            "message" => self.add(field, &format_args!("{value}")),
            _ => self.add(field, &value),
        }
    }
}

/// Whether equal lines of this kind are counted instead of written: warnings and errors of everybody, and what we tell of
/// our own accord. An author who logs for himself at INFO, or debugs, gets every line.
pub(super) fn may_be_counted(metadata: &Metadata<'_>) -> bool {
    let level = *metadata.level();
    level < Level::INFO || (level == Level::INFO && is_ours(metadata))
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    ["mcp_server", "mcp_server_core"]
        .iter()
        .any(|name| target.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::")))
}
