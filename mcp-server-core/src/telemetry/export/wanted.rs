//! What the standard `OTEL_*` variables ask for.

use std::time::Duration;

use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::trace::Sampler;

use super::collector::{self, Collector};
use super::variables::{Signal, Variables, Wrong, flag};
use crate::telemetry::trace::SpanLimits;

/// What is to leave the process, and how. The default is nothing.
#[derive(Clone, Debug, Default)]
#[cfg_attr(not(feature = "otlp"), expect(dead_code, reason = "what cannot be exported is not asked for how"))]
pub(crate) struct Wanted {
    /// Nothing is measured or traced, whatever else is said.
    pub(crate) disabled: bool,
    /// Where spans go.
    pub(super) traces: Option<Collector>,
    /// Where metrics go.
    pub(super) metrics: Option<Collector>,
    /// Which spans are kept.
    pub(super) sampler: Option<Sampler>,
    /// What a span may have at most.
    pub(super) limits: SpanLimits,
    /// How spans wait for their export.
    pub(super) queue: QueueLimits,
    /// How often metrics are exported.
    pub(super) every: Duration,
    /// Whether values are since the start or since the last export.
    pub(super) temporality: Temporality,
}

/// How many spans wait for their export, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct QueueLimits {
    /// Spans that wait at most; more are dropped.
    pub(super) spans: usize,
    /// Spans that are exported at once.
    pub(super) batch: usize,
    /// Time after which they are exported though they are few.
    pub(super) delay: Duration,
}

impl Default for QueueLimits {
    fn default() -> Self {
        Self { spans: 2048, batch: 512, delay: Duration::from_secs(5) }
    }
}

impl Wanted {
    /// Reads the variables; `scraped` says whether there is a page for Prometheus.
    pub(crate) fn read(given: &[(String, String)], scraped: bool) -> (Self, Vec<Wrong>) {
        let mut variables = Variables::new(given);
        let wanted = wanted(&mut variables, scraped);
        (wanted, variables.wrong)
    }

    /// What says that nothing is to be measured.
    pub(crate) fn nothing() -> Self {
        Self { disabled: true, ..Self::default() }
    }
}

fn wanted(variables: &mut Variables<'_>, scraped: bool) -> Wanted {
    if variables.read("OTEL_SDK_DISABLED", "true or false", flag).unwrap_or_default() {
        return Wanted::nothing();
    }
    let traces = is_wanted(variables, Signal::Traces, scraped);
    let metrics = is_wanted(variables, Signal::Metrics, scraped);
    if !(traces || metrics) {
        // What is said of exports that nobody asked for is not read: it may be meant for another program.
        return Wanted::default();
    }
    if cfg!(not(feature = "otlp")) {
        let problem = "this server is built without the feature `otlp`, and so it cannot export";
        let remedy = "build it with that feature, or set OTEL_TRACES_EXPORTER and OTEL_METRICS_EXPORTER to `none`";
        let asking = asking(variables);
        variables.advise(asking, problem, remedy);
    }
    let collectors = collector::read(variables);
    let (bsp, metric) =
        (timeout(variables, "OTEL_BSP_EXPORT_TIMEOUT"), timeout(variables, "OTEL_METRIC_EXPORT_TIMEOUT"));
    let every = variables.number("OTEL_METRIC_EXPORT_INTERVAL", 1, 86_400_000).unwrap_or(60_000);
    check_resource(variables);
    Wanted {
        disabled: false,
        traces: traces.then(|| collectors.of(Signal::Traces).within(bsp)),
        metrics: metrics.then(|| collectors.of(Signal::Metrics).within(metric)),
        sampler: sampler(variables),
        limits: limits(variables),
        queue: queue(variables),
        every: Duration::from_millis(every),
        temporality: temporality(variables),
    }
}

/// Whether a signal is exported: its exporter says so, or there is a place for it to go to.
fn is_wanted(variables: &mut Variables<'_>, signal: Signal, scraped: bool) -> bool {
    let (exporter, endpoint) = match signal {
        Signal::Traces => ("OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"),
        Signal::Metrics => ("OTEL_METRICS_EXPORTER", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"),
    };
    let Some(list) = variables.text(exporter) else {
        return variables.text(endpoint).or_else(|| variables.text("OTEL_EXPORTER_OTLP_ENDPOINT")).is_some();
    };
    let mut wanted = false;
    let mut off = false;
    for word in list.split(',').map(str::trim) {
        match word {
            "otlp" => wanted = true,
            "none" => off = true,
            "prometheus" if signal == Signal::Metrics && scraped => {}
            "prometheus" if signal == Signal::Metrics => {
                variables.advise(
                    exporter,
                    "nobody can scrape this server",
                    "set admin.addr, whose /metrics is for Prometheus",
                );
            }
            _ => variables.tell(exporter, &format!("`{word}` is not understood"), Some("otlp or none")),
        }
    }
    wanted && !off
}

/// The variable by which exports were asked for.
fn asking(variables: &mut Variables<'_>) -> &'static str {
    let all = [
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
        "OTEL_TRACES_EXPORTER",
    ];
    all.into_iter().find(|name| variables.text(name).is_some()).unwrap_or("OTEL_METRICS_EXPORTER")
}

fn timeout(variables: &mut Variables<'_>, name: &str) -> Duration {
    Duration::from_millis(variables.number(name, 1, 600_000).unwrap_or(30_000))
}

/// Which spans are kept; the SDK would take what it does not know for its default.
fn sampler(variables: &mut Variables<'_>) -> Option<Sampler> {
    let name = "OTEL_TRACES_SAMPLER";
    let allowed = "always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off or \
                   parentbased_traceidratio";
    let word = variables.read(name, allowed, |text| {
        let bare = text.strip_prefix("parentbased_").unwrap_or(text);
        matches!(bare, "always_on" | "always_off" | "traceidratio").then(|| text.to_owned())
    })?;
    let bare = match word.strip_prefix("parentbased_").unwrap_or(&word) {
        "always_off" => Sampler::AlwaysOff,
        "traceidratio" => {
            let share = |text: &str| text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
            let share = variables.read("OTEL_TRACES_SAMPLER_ARG", "a share from 0 to 1, such as 0.25", share);
            Sampler::TraceIdRatioBased(share.unwrap_or(1.0))
        }
        _ => Sampler::AlwaysOn,
    };
    Some(if word.starts_with("parentbased_") { Sampler::ParentBased(Box::new(bare)) } else { bare })
}

fn limits(variables: &mut Variables<'_>) -> SpanLimits {
    let mut limit = |of: &str, standard: u32| {
        let most = variables.number(&format!("OTEL_SPAN_{of}_COUNT_LIMIT"), 0, 10_000);
        most.and_then(|most| u32::try_from(most).ok()).unwrap_or(standard)
    };
    let SpanLimits { attributes, events, links } = SpanLimits::default();
    SpanLimits {
        attributes: limit("ATTRIBUTE", attributes),
        events: limit("EVENT", events),
        links: limit("LINK", links),
    }
}

fn queue(variables: &mut Variables<'_>) -> QueueLimits {
    let standard = QueueLimits::default();
    let size = |number: Option<u64>| number.and_then(|number| usize::try_from(number).ok());
    let spans = size(variables.number("OTEL_BSP_MAX_QUEUE_SIZE", 1, 100_000)).unwrap_or(standard.spans);
    let batch = size(variables.number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 1, spans as u64));
    let delay = variables.number("OTEL_BSP_SCHEDULE_DELAY", 1, 3_600_000).map(Duration::from_millis);
    QueueLimits { spans, batch: batch.unwrap_or(standard.batch.min(spans)), delay: delay.unwrap_or(standard.delay) }
}

fn temporality(variables: &mut Variables<'_>) -> Temporality {
    let name = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
    let temporality = variables.read(name, "cumulative, delta or lowmemory", |text| {
        Some(match text.to_ascii_lowercase().as_str() {
            "cumulative" => Temporality::Cumulative,
            "delta" => Temporality::Delta,
            "lowmemory" => Temporality::LowMemory,
            _ => return None,
        })
    });
    temporality.unwrap_or_default()
}

/// The SDK leaves out what it cannot read of them.
fn check_resource(variables: &mut Variables<'_>) {
    let allowed = "key=value pairs with commas between them";
    variables.read("OTEL_RESOURCE_ATTRIBUTES", allowed, |text| {
        let pair = |pair: &str| pair.split_once('=').is_some_and(|(key, _)| !key.trim().is_empty());
        text.split_terminator(',').all(pair).then_some(())
    });
}

#[cfg(test)]
#[cfg(feature = "otlp")]
mod tests {
    use super::*;
    use crate::telemetry::export::collector::Protocol;

    fn read(given: &[(&str, &str)]) -> (Wanted, Vec<Wrong>) {
        let given: Vec<_> = given.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Wanted::read(&given, false)
    }

    #[test]
    fn a_signal_is_exported_where_there_is_a_place_or_a_word_for_it() {
        for (given, traces, metrics) in [
            (&[][..], false, false),
            (&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318")], true, true),
            (&[("OTEL_EXPORTER_OTLP_ENDPOINT", " ")], false, false),
            (&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c:4318/v1/traces")], true, false),
            (&[("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://c:4318/v1/metrics")], false, true),
            (&[("OTEL_TRACES_EXPORTER", "otlp")], true, false),
            (&[("OTEL_METRICS_EXPORTER", "otlp")], false, true),
            (&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"), ("OTEL_TRACES_EXPORTER", "none")], false, true),
            (&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"), ("OTEL_SDK_DISABLED", "TRUE")], false, false),
            (&[("OTEL_TRACES_SAMPLER", "nonsense")], false, false),
        ] {
            let (wanted, wrong) = read(given);
            assert_eq!(
                (wanted.traces.is_some(), wanted.metrics.is_some(), wrong),
                (traces, metrics, Vec::new()),
                "{given:?}"
            );
        }
    }

    #[test]
    fn a_place_is_the_signals_own_or_that_of_all_with_a_path() {
        let place = |given: &[(&str, &str)]| {
            let mut all = vec![("OTEL_TRACES_EXPORTER", "otlp")];
            all.extend(given);
            let (wanted, wrong) = read(&all);
            assert_eq!(wrong, []);
            wanted.traces.map(|collector| collector.endpoint).unwrap()
        };
        let (all, own, protocol) =
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL");
        assert_eq!(place(&[]), "http://localhost:4318/v1/traces");
        assert_eq!(place(&[(all, "https://c/otel/")]), "https://c/otel/v1/traces");
        assert_eq!(place(&[(all, "https://c"), (own, "https://d/in")]), "https://d/in");
        let grpc = (protocol, "grpc");
        assert_eq!(place(&[grpc]), "http://localhost:4317");
        assert_eq!(place(&[grpc, (all, "http://c:4317")]), "http://c:4317");
        assert_eq!(place(&[grpc, (all, "c:4317")]), "https://c:4317");
        assert_eq!(place(&[grpc, (all, "c:4317"), ("OTEL_EXPORTER_OTLP_INSECURE", "true")]), "http://c:4317");
    }

    #[test]
    fn what_is_said_of_one_signal_comes_before_what_is_said_of_all() {
        let (wanted, wrong) = read(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:secret@c:1"),
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://user:secret@c:1/v1/traces?key=secret"),
            ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "7000"),
            ("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "9000"),
            ("OTEL_METRIC_EXPORT_TIMEOUT", "8000"),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "100"),
        ]);
        assert_eq!(wrong, []);
        let (traces, metrics) = (wanted.traces.unwrap(), wanted.metrics.unwrap());
        assert_eq!((traces.protocol, metrics.protocol), (Protocol::Http, Protocol::Grpc));
        assert_eq!((traces.timeout, metrics.timeout), (Duration::from_secs(7), Duration::from_secs(8)));
        assert_eq!(wanted.queue.batch, 100, "a batch is no larger than the queue");
        assert_eq!(traces.place(), "http://c:1/v1/traces", "a password is for the collector alone");
    }

    #[test]
    fn headers_are_decoded_and_are_secrets_and_those_of_a_signal_take_the_place_of_all() {
        let (wanted, wrong) = read(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20a%2Bb, x-odd=100%"),
            ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "x-own=1"),
        ]);
        assert_eq!(wrong, []);
        let (traces, metrics) = (wanted.traces.unwrap(), wanted.metrics.unwrap());
        assert_eq!(traces.headers["authorization"], "Bearer a+b");
        assert_eq!(traces.headers["x-odd"], "100%", "what is not encoded stands for itself");
        assert_eq!((metrics.headers.len(), &metrics.headers["x-own"]), (1, &"1".parse().unwrap()));
        assert!(!format!("{traces:?}").contains("a+b"), "they stay out of whatever is printed");
    }
}
