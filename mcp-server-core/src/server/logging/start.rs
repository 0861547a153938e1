//! The start of logging, with what filters and writes lines.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, filter_fn};
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{Layer as _, registry};

use super::in_call::InCall;
use super::repeats::{Few, Repeats, is_count};
use crate::server::config::{LogFormat, LogSettings};
use crate::telemetry::redact::Redactor;
use crate::telemetry::{Redacting, SpanLayer};

/// What is logged if nobody says. What OpenTelemetry tells of itself at INFO is no news of a server.
const DEFAULT: &str = "info,opentelemetry=warn";

/// Starts logging for the whole process, and the tracing of an author's own spans if somebody takes them. If the program
/// has a subscriber already, that one stays.
///
/// The level of the configuration was checked when it was read; a `RUST_LOG` that is no filter is a word of another
/// program, and costs a warning alone.
///
/// Returned is what counts lines that repeat themselves.
pub(in crate::server) fn start(
    settings: &LogSettings,
    spans: Option<SpanLayer>,
    redactor: &Arc<Redactor>,
) -> Arc<Repeats> {
    let terminal = io::stderr().is_terminal();
    let environment = std::env::var("RUST_LOG").ok();
    let (filter, complaint) = filter(settings, environment.as_deref());
    let pretty = is_pretty(settings.format, terminal);
    let colours = terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let writer = Redacting::new(io::stderr, Arc::clone(redactor));
    let repeats = Arc::new(Repeats::new(settings.repeats, redactor));
    let subscriber = subscriber(spans, filter, Arc::clone(&repeats), pretty, colours, writer);
    let started = tracing::subscriber::set_global_default(subscriber);
    if let (Ok(()), Some(complaint)) = (started, complaint) {
        tracing::warn!(target: "mcp_server", "{complaint}");
    }
    repeats
}

fn is_pretty(format: LogFormat, terminal: bool) -> bool {
    match format {
        LogFormat::Auto => terminal,
        LogFormat::Pretty => true,
        LogFormat::Json => false,
    }
}

/// The filter that holds, and what is to be said about a `RUST_LOG` that is none.
fn filter(settings: &LogSettings, environment: Option<&str>) -> (EnvFilter, Option<String>) {
    if let Some(Ok(filter)) = settings.level.as_deref().map(|level| EnvFilter::builder().parse(level)) {
        return (filter, None);
    }
    match environment.map(str::trim).filter(|text| !text.is_empty()).map(|text| EnvFilter::builder().parse(text)) {
        Some(Ok(filter)) => (filter, None),
        Some(Err(cause)) => {
            (EnvFilter::new(DEFAULT), Some(format!("RUST_LOG is not a filter ({cause}); `{DEFAULT}` holds")))
        }
        None => (EnvFilter::new(DEFAULT), None),
    }
}

/// A subscriber that writes there. What it cannot write is lost in silence: a closed stream must not end the server.
pub(super) fn subscriber<W>(
    spans: Option<SpanLayer>,
    filter: EnvFilter,
    repeats: Arc<Repeats>,
    pretty: bool,
    colours: bool,
    writer: W,
) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = fmt::layer().with_writer(writer).log_internal_errors(false);
    // The filter is that of the lines alone. Whoever gets lines is told how many are missing.
    let counts = filter_fn(is_count).with_max_level_hint(LevelFilter::INFO);
    let filter = filter.or(counts).and(Few(repeats));
    if pretty {
        let lines = lines.event_format(fmt::format().with_ansi(colours)).with_ansi(colours);
        Box::new(registry().with(spans).with(lines.map_event_format(InCall::pretty).with_filter(filter)))
    } else {
        let lines = lines.json().flatten_event(true);
        Box::new(registry().with(spans).with(lines.map_event_format(InCall::json).with_filter(filter)))
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use crate::protocol::Method;
    use crate::protocol::meta::Meta;
    use crate::telemetry::{CallRecord, Telemetry, Wire};

    use super::{EnvFilter, LogFormat, LogSettings, Redactor, Repeats, filter, is_pretty, start, subscriber};

    const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A stream that nobody reads any more.
    struct Closed;

    impl io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    fn every_line() -> Arc<Repeats> {
        Arc::new(Repeats::new(0, &Arc::new(Redactor::new(true, &[]))))
    }

    fn logged(filter: EnvFilter, pretty: bool) -> String {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let subscriber = subscriber(None, filter, every_line(), pretty, false, move || writer.clone());
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(target: "mcp_server", tool = "search", "a call");
            tracing::debug!(target: "mcp_server", "a detail");
        });
        String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn json_is_one_flat_object_a_line() {
        let text = logged(EnvFilter::new("debug"), false);
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(
            (&lines[0]["message"], &lines[0]["tool"], &lines[0]["level"]),
            (&"a call".into(), &"search".into(), &"INFO".into())
        );
    }

    #[test]
    fn a_line_within_a_call_says_which() {
        let mut record = CallRecord::start(&Telemetry::default(), Wire::Http(http::Version::HTTP_11), 0);
        record.received(&Method::ToolsCall);
        record.named("search");
        record.traced(&Meta { traceparent: Some(TRACE.into()), ..Meta::default() }, None);
        let scope = record.scope();
        let entered = scope.enter();
        let (json, pretty) = (logged(EnvFilter::new("info"), false), logged(EnvFilter::new("info"), true));
        drop(entered);
        let line: serde_json::Value = serde_json::from_str(&json).unwrap();
        let reference = scope.reference(String::new);
        assert_eq!((&line["call"], &line["message"]), (&"search".into(), &"a call".into()), "{json}");
        assert_eq!((&line["reference"], &line["trace_id"]), (&reference.into(), &TRACE[3..35].into()));
        assert!(pretty.contains(&format!(" call=search reference={reference} trace_id={}", &TRACE[3..35])), "{pretty}");
    }

    #[test]
    fn pretty_is_a_line_without_escapes_where_there_are_no_colours() {
        let text = logged(EnvFilter::new("info"), true);
        assert!(text.contains("INFO mcp_server: a call tool=\"search\""), "{text}");
        assert!(!text.contains('\u{1b}') && !text.contains("a detail"), "{text}");
    }

    #[test]
    fn the_configuration_comes_before_the_environment_and_nonsense_there_is_a_warning() {
        let set = LogSettings { level: Some("debug".to_owned()), ..LogSettings::default() };
        let set_to_info = LogSettings { level: Some("info".to_owned()), ..LogSettings::default() };
        let unset = LogSettings::default();
        for (settings, environment, holds, complains) in [
            (&set, Some("error"), "debug", false),
            (&unset, Some("error"), "error", false),
            (&set_to_info, None, "info", false),
            (&unset, Some("info"), "info", false),
            (&unset, Some(" "), "opentelemetry=warn,info", false),
            (&unset, None, "opentelemetry=warn,info", false),
            (&unset, Some("xyz=loud"), "opentelemetry=warn,info", true),
        ] {
            let (filter, complaint) = filter(settings, environment);
            assert_eq!((filter.to_string().as_str(), complaint.is_some()), (holds, complains), "{environment:?}");
        }
    }

    #[test]
    fn the_format_follows_the_terminal_unless_it_is_set() {
        for (format, terminal, pretty) in [
            (LogFormat::Auto, true, true),
            (LogFormat::Auto, false, false),
            (LogFormat::Pretty, false, true),
            (LogFormat::Json, true, false),
        ] {
            assert_eq!(is_pretty(format, terminal), pretty);
        }
    }

    #[test]
    fn a_closed_stream_and_a_second_start_do_no_harm() {
        let subscriber = subscriber(None, EnvFilter::new("info"), every_line(), false, false, || Closed);
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!("lost");
        });
        let quiet = LogSettings { level: Some("off".to_owned()), ..LogSettings::default() };
        let redactor = Arc::new(Redactor::new(true, &[]));
        let _first = start(&quiet, None, &redactor);
        let _second = start(&quiet, None, &redactor);
    }
}
