//! `OpenMetrics` 1.0.0: the text format that carries exemplars.

use std::collections::HashMap;
use std::fmt::Write as _;

use opentelemetry::KeyValue;
use prometheus::proto::{LabelPair, Metric, MetricFamily, MetricType};

use crate::telemetry::exemplars::{Exemplar, Exemplified};
use crate::telemetry::instruments::{OPERATION_DURATION, label};

/// Writes everything. Exemplars stand on the buckets of the durations of operations.
pub(super) fn write(families: &[MetricFamily], exemplars: &[Exemplified]) -> String {
    let exemplars: HashMap<String, &Exemplified> = exemplars.iter().map(|one| (named(&one.labels), one)).collect();
    let durations = OPERATION_DURATION.prometheus();
    let mut text = String::new();
    for family in families {
        let kind = family.get_field_type();
        // The name of a counter family has no `_total`; its samples have.
        let name = if kind == MetricType::COUNTER { family.name().trim_end_matches("_total") } else { family.name() };
        let (word, unit) = (word(kind), unit(name));
        // Writing to a text cannot fail.
        let _head = writeln!(text, "# TYPE {name} {word}");
        if let Some(unit) = unit {
            let _unit = writeln!(text, "# UNIT {name} {unit}");
        }
        if !family.help().is_empty() {
            let _help = writeln!(text, "# HELP {name} {}", escaped(family.help()));
        }
        for metric in family.get_metric() {
            let labels = labels(metric.get_label());
            match kind {
                MetricType::COUNTER => sample(&mut text, name, "_total", &labels, metric.get_counter().get_value()),
                MetricType::GAUGE => sample(&mut text, name, "", &labels, metric.get_gauge().get_value()),
                MetricType::HISTOGRAM => {
                    let own = (name == durations).then(|| exemplars.get(&labels)).flatten();
                    histogram(&mut text, name, &labels, metric, own.copied());
                }
                MetricType::SUMMARY | MetricType::UNTYPED => {}
            }
        }
    }
    text.push_str("# EOF\n");
    text
}

const fn word(kind: MetricType) -> &'static str {
    match kind {
        MetricType::COUNTER => "counter",
        MetricType::GAUGE => "gauge",
        MetricType::HISTOGRAM => "histogram",
        MetricType::SUMMARY => "summary",
        MetricType::UNTYPED => "unknown",
    }
}

fn unit(name: &str) -> Option<&'static str> {
    ["seconds", "bytes"].into_iter().find(|unit| name.ends_with(&format!("_{unit}")))
}

fn sample(text: &mut String, name: &str, part: &str, labels: &str, value: f64) {
    let _sample = if labels.is_empty() {
        writeln!(text, "{name}{part} {}", number(value))
    } else {
        writeln!(text, "{name}{part}{{{labels}}} {}", number(value))
    };
}

#[expect(clippy::cast_precision_loss, reason = "the text has no other numbers")]
fn histogram(text: &mut String, name: &str, labels: &str, metric: &Metric, exemplars: Option<&Exemplified>) {
    let histogram = metric.get_histogram();
    let comma = if labels.is_empty() { "" } else { "," };
    let mut bounds: Vec<(f64, u64)> =
        histogram.get_bucket().iter().map(|bucket| (bucket.upper_bound(), bucket.cumulative_count())).collect();
    if bounds.last().is_none_or(|(bound, _)| bound.is_finite()) {
        bounds.push((f64::INFINITY, histogram.get_sample_count()));
    }
    let mut below = f64::NEG_INFINITY;
    for (bound, count) in bounds {
        let _bucket = write!(text, "{name}_bucket{{{labels}{comma}le=\"{}\"}} {}", number(bound), number(count as f64));
        let own = exemplars.and_then(|all| all.within(below, bound));
        if let Some(Exemplar { trace, span, value, at }) = own {
            let _exemplar = write!(text, " # {{trace_id=\"{trace}\",span_id=\"{span}\"}} {} {at:.3}", number(*value));
        }
        text.push('\n');
        below = bound;
    }
    sample(text, name, "_count", labels, histogram.get_sample_count() as f64);
    sample(text, name, "_sum", labels, histogram.get_sample_sum());
}

/// Numbers of `le` have to be floats.
fn number(value: f64) -> String {
    if value == f64::INFINITY {
        "+Inf".to_owned()
    } else if value.fract() == 0.0 && value.abs() < 1e15 {
        format!("{value:.1}")
    } else {
        value.to_string()
    }
}

/// Labels as they are written, in the order of their names.
fn labels(labels: &[LabelPair]) -> String {
    joined(labels.iter().map(|label| (label.name().to_owned(), label.value().to_owned())).collect())
}

fn named(attributes: &[KeyValue]) -> String {
    joined(attributes.iter().map(|one| (label(one.key.as_str()), one.value.as_str().into_owned())).collect())
}

fn joined(mut labels: Vec<(String, String)>) -> String {
    labels.sort();
    let written: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    written.join(",")
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use prometheus::core::Collector as _;
    use prometheus::{Histogram, HistogramOpts, IntCounter};

    use super::*;

    #[test]
    fn an_exemplar_stands_on_the_bucket_of_its_value_and_the_text_ends() {
        let name = OPERATION_DURATION.prometheus();
        let options = HistogramOpts::new(name.clone(), "Time").buckets(vec![0.1, 1.0]);
        let options = options.const_label("mcp_method_name", "tools/call");
        let histogram = Histogram::with_opts(options).unwrap();
        histogram.observe(0.5);
        let counter = IntCounter::new("mcpserver_loops_total", "a \"loop\"\n").unwrap();
        counter.inc();
        let exemplar = Exemplar { trace: "0af7".to_owned(), span: "b7ad".to_owned(), value: 0.5, at: 1.5 };
        let exemplified =
            Exemplified { labels: vec![KeyValue::new("mcp.method.name", "tools/call")], exemplars: vec![exemplar] };
        let families = [histogram.collect(), counter.collect()].concat();
        let text = write(&families, &[exemplified]);
        for line in [
            "# TYPE mcp_server_operation_duration_seconds histogram",
            "# UNIT mcp_server_operation_duration_seconds seconds",
            "mcp_server_operation_duration_seconds_bucket{mcp_method_name=\"tools/call\",le=\"0.1\"} 0.0",
            "mcp_server_operation_duration_seconds_bucket{mcp_method_name=\"tools/call\",le=\"1.0\"} 1.0 \
             # {trace_id=\"0af7\",span_id=\"b7ad\"} 0.5 1.500",
            "mcp_server_operation_duration_seconds_bucket{mcp_method_name=\"tools/call\",le=\"+Inf\"} 1.0",
            "# TYPE mcpserver_loops counter",
            "# HELP mcpserver_loops a \\\"loop\\\"\\n",
            "mcpserver_loops_total 1.0",
        ] {
            assert!(text.lines().any(|one| one == line), "{line}\n{text}");
        }
        assert!(text.ends_with("\n# EOF\n"));
    }
}
