//! Database spans: what the driver says of its queries becomes CLIENT spans within the call that asked.
//!
//! The driver tells of each statement when it has ended, in an event of its own. Of the statement the span has the verb
//! and the table alone: its text may hold values.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use opentelemetry::trace::{SpanKind, TraceContextExt as _, Tracer as _};
use opentelemetry::{Context, ContextGuard, KeyValue};
use opentelemetry_sdk::trace::SdkTracer;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer;
use tracing_subscriber::registry::LookupSpan;

use super::scope::Scope;
use super::semconv::attribute;
use super::trace::{CARRIER, Carriers};

/// The target under which the driver tells of its queries.
const QUERY: &str = "sqlx::query";

thread_local! {
    static ATTACHED: RefCell<Vec<(Id, ContextGuard)>> = const { RefCell::new(Vec::new()) };
}

/// Makes spans of queries.
#[derive(Debug)]
pub(crate) struct Queries {
    tracer: SdkTracer,
    carriers: Arc<Carriers>,
}

impl Queries {
    /// With what makes spans, and with what brings calls to the threads of drivers.
    pub(crate) fn new(tracer: SdkTracer, carriers: Arc<Carriers>) -> Self {
        Self { tracer, carriers }
    }

    /// What this layer has to hear of, whatever is logged.
    pub(crate) fn wants(metadata: &Metadata<'_>) -> bool {
        matches!(metadata.target(), QUERY | CARRIER)
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Queries {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: layer::Context<'_, S>) {
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Context::current());
        }
    }

    /// The driver may work on a thread of its own, where it enters the span that was current when it was asked.
    fn on_enter(&self, id: &Id, context: layer::Context<'_, S>) {
        let carried = context.span(id).and_then(|span| span.extensions().get::<Context>().cloned());
        if let Some(carried) = carried {
            ATTACHED.with_borrow_mut(|attached| attached.push((id.clone(), carried.attach())));
        }
    }

    fn on_exit(&self, id: &Id, _: layer::Context<'_, S>) {
        let last = ATTACHED.with_borrow_mut(|attached| {
            let place = attached.iter().rposition(|(entered, _)| entered == id)?;
            Some(attached.remove(place))
        });
        drop(last);
    }

    fn on_event(&self, event: &Event<'_>, _: layer::Context<'_, S>) {
        if event.metadata().target() == QUERY && Scope::current().is_none() {
            self.carriers.needed();
        }
        let parent = Context::current();
        // What the server does for itself is no part of any trace.
        if event.metadata().target() != QUERY || !parent.span().span_context().is_sampled() {
            return;
        }
        let mut query = Query::default();
        event.record(&mut query);
        let end = SystemTime::now();
        let start = end.checked_sub(query.took).unwrap_or(end);
        let summary = summary(&query.text);
        let mut attributes =
            vec![KeyValue::new(attribute::DB_SYSTEM, system(std::thread::current().name(), &query.text))];
        attributes.extend(query.rows.map(|rows| KeyValue::new(attribute::DB_ROWS, rows)));
        attributes.push(KeyValue::new(attribute::DB_SUMMARY, summary.clone()));
        let builder = self.tracer.span_builder(summary).with_kind(SpanKind::Client).with_start_time(start);
        let span = self.tracer.build_with_context(builder.with_attributes(attributes), &parent);
        parent.with_span(span).span().end_with_timestamp(end);
    }
}

/// What the driver says of a query.
#[derive(Debug, Default)]
struct Query {
    text: String,
    rows: Option<i64>,
    took: Duration,
}

impl Visit for Query {
    fn record_str(&mut self, field: &Field, value: &str) {
        // The summary holds the first words of a long statement, and the whole of a short one.
        let is_longer = value.len() > self.text.len();
        if matches!(field.name(), "summary" | "db.statement") && is_longer {
            value.trim().clone_into(&mut self.text);
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "rows_returned" {
            self.rows = i64::try_from(value).ok();
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "elapsed_secs" {
            self.took = Duration::try_from_secs_f64(value).unwrap_or_default();
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

/// The database, which the driver does not name: `SQLite` has threads of its own, and `MySQL` a way to write of its own.
fn system(thread: Option<&str>, text: &str) -> &'static str {
    if thread.is_some_and(|name| name.starts_with("sqlx-sqlite")) {
        return "sqlite";
    }
    if text.contains('`') || text.split_whitespace().any(|word| matches!(word.trim_matches([',', '(', ')', ';']), "?"))
    {
        return "mysql";
    }
    "postgresql"
}

/// The verb and the first table of a statement.
fn summary(text: &str) -> String {
    let mut words = text.split_whitespace();
    let verb = words.next().filter(|verb| verb.len() <= 12 && verb.bytes().all(|byte| byte.is_ascii_alphabetic()));
    let Some(verb) = verb else { return "query".to_owned() };
    let verb = verb.to_ascii_uppercase();
    let mut before = verb.clone();
    for word in words {
        if matches!(before.as_str(), "FROM" | "INTO" | "UPDATE" | "TABLE") {
            let name = word.split('(').next().unwrap_or_default();
            let name = name.trim_matches(|c| matches!(c, '"' | '`' | ',' | ';' | ')'));
            let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
            if !name.is_empty() && name.chars().all(is_name) && !name.starts_with(|c: char| c.is_ascii_digit()) {
                return format!("{verb} {name}");
            }
        }
        before = word.to_ascii_uppercase();
    }
    verb
}

#[cfg(test)]
mod tests {
    use super::{summary, system};

    #[test]
    fn the_database_is_known_by_its_thread_or_by_how_it_is_written_to() {
        assert_eq!(system(Some("sqlx-sqlite-worker-3"), "SELECT ?"), "sqlite");
        assert_eq!(system(Some("tokio-runtime-worker"), "SELECT a FROM b WHERE c = $1"), "postgresql");
        assert_eq!(system(None, "SELECT a FROM b WHERE c = ?"), "mysql");
        assert_eq!(system(None, "SELECT `a` FROM b"), "mysql");
    }

    #[test]
    fn a_summary_is_a_verb_and_a_table_and_never_a_value() {
        for (text, said) in [
            ("select id, title from films where title = 'secret'", "SELECT films"),
            ("INSERT INTO \"tickets\" (a) VALUES ($1)", "INSERT tickets"),
            ("update shop.items set price = 3", "UPDATE shop.items"),
            ("SELECT 'secret'", "SELECT"),
            ("SELECT * FROM (SELECT 1) a", "SELECT"),
            ("'secret'", "query"),
            ("", "query"),
            ("DELETE FROM tickets;", "DELETE tickets"),
            ("INSERT INTO films(id) VALUES (1)", "INSERT films"),
        ] {
            assert_eq!(summary(text), said, "{text}");
        }
    }
}
