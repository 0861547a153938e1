//! Lines of the log: whoever writes one within a call says of which call, without a word of its author.

use std::fmt;

use opentelemetry::trace::TraceContextExt as _;
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

use super::driver;
use crate::store::seal::random_id;
use crate::telemetry::Scope;

/// Adds the call to lines that are written within one.
#[derive(Debug)]
pub(super) struct InCall<F> {
    lines: F,
    is_json: bool,
}

impl<F> InCall<F> {
    /// Around lines for people.
    pub(super) fn pretty(lines: F) -> Self {
        Self { lines, is_json: false }
    }

    /// Around lines that are JSON objects.
    pub(super) fn json(lines: F) -> Self {
        Self { lines, is_json: true }
    }

    fn finish(&self, line: &str, scope: &Scope, mut writer: Writer<'_>) -> fmt::Result {
        let (text, end) =
            if self.is_json { (line.trim_end().strip_suffix('}'), "}") } else { (Some(line.trim_end()), "") };
        let Some(text) = text else { return writer.write_str(line) };
        writer.write_str(text)?;
        let mut add = |name: &str, value: &str| {
            // None of the values has a character that JSON escapes.
            if self.is_json { write!(writer, ",\"{name}\":\"{value}\"") } else { write!(writer, " {name}={value}") }
        };
        if let Some(name) = scope.name() {
            add("call", name)?;
        }
        add("reference", scope.reference(random_id))?;
        if let Some(context) = scope.context() {
            let span = context.span();
            let span = span.span_context();
            if span.is_valid() {
                add("trace_id", &span.trace_id().to_string())?;
                add("span_id", &span.span_id().to_string())?;
            }
        }
        writeln!(writer, "{end}")
    }
}

impl<S, N, F> FormatEvent<S, N> for InCall<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let scope = Scope::current();
        let is_driver = driver::wrote(event.metadata());
        if scope.is_none() && !is_driver {
            return self.lines.format_event(context, writer, event);
        }
        let mut line = String::new();
        if is_driver {
            line = driver::line(event, self.is_json)?;
        } else {
            self.lines.format_event(context, Writer::new(&mut line), event)?;
        }
        match scope {
            Some(scope) => self.finish(&line, &scope, writer),
            None => writer.write_str(&line),
        }
    }
}
