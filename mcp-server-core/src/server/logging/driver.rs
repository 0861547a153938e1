//! Lines of drivers: written without literals, whichever thread they come from.

use std::fmt;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};

use crate::telemetry::redact::{is_driver, is_measure, without_literals};

/// Whether an event is one of a driver.
pub(super) fn wrote(metadata: &Metadata<'_>) -> bool {
    is_driver(metadata.target())
}

/// An event of a driver as a line.
pub(super) fn line(event: &Event<'_>, is_json: bool) -> Result<String, fmt::Error> {
    let mut fields = Fields::default();
    event.record(&mut fields);
    let mut time = String::new();
    SystemTime.format_time(&mut Writer::new(&mut time))?;
    let metadata = event.metadata();
    let (level, target) = (metadata.level(), metadata.target());
    if is_json {
        let mut members = Map::new();
        members.insert("timestamp".to_owned(), time.into());
        members.insert("level".to_owned(), level.as_str().into());
        members.extend(fields.0);
        members.insert("target".to_owned(), target.into());
        return Ok(format!("{}\n", Value::Object(members)));
    }
    let mut line = format!("{time} {level:>5} {target}:");
    if let Some(Value::String(message)) = fields.0.get("message") {
        line = format!("{line} {message}");
    }
    for (name, value) in fields.0.iter().filter(|(name, _)| *name != "message") {
        line = format!("{line} {name}={value}");
    }
    line.push('\n');
    Ok(line)
}

/// The fields of an event, without literals.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn add(&mut self, field: &Field, value: Value) {
        self.0.insert(field.name().to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        let clean = if is_measure(field.name()) { text } else { without_literals(&text) };
        self.add(field, clean.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, without_literals(value).into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value.into());
    }
}
