//! What the standard `OTEL_*` variables ask for.

use std::time::Duration;

use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::trace::Sampler;

use super::collector::{self, Collector};
use super::resource::Identity;
use super::variables::{Signal, Variables, Wrong, flag};
use crate::telemetry::propagation::Carries;
use crate::telemetry::trace::SpanLimits;

/// What is to leave the process, and how. The default is nothing.
#[derive(Clone, Debug, Default)]
#[cfg_attr(not(feature = "otlp"), expect(dead_code, reason = "what cannot be exported is not asked for how"))]
pub(crate) struct Wanted {
    /// Nothing is measured or traced, whatever else is said.
    pub(crate) disabled: bool,
    /// What the resource of metrics and spans is called.
    pub(super) identity: Identity,
    /// What is passed on to others.
    pub(super) carries: Carries,
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
    /// Bytes of spans that wait or are being exported; more are dropped.
    pub(super) bytes: usize,
    /// Spans that are exported at once.
    pub(super) batch: usize,
    /// Time after which they are exported though they are few.
    pub(super) delay: Duration,
}

impl Default for QueueLimits {
    fn default() -> Self {
        Self { spans: 2048, bytes: 16 << 20, batch: 512, delay: Duration::from_secs(5) }
    }
}

impl Wanted {
    /// Reads the variables; `scraped` says whether there is a page for Prometheus.
    pub(crate) fn read(given: &[(String, String)], scraped: bool) -> (Self, Vec<Wrong>) {
        let mut variables = Variables::new(given);
        let wanted = wanted(&mut variables, scraped);
        (wanted, variables.wrong)
    }

    /// Has so many bytes of spans wait at most.
    pub(crate) fn with_span_bytes(mut self, bytes: usize) -> Self {
        self.queue.bytes = bytes;
        self
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
    let (identity, carries) = (Identity::read(variables), carries(variables));
    let traces = is_wanted(variables, Signal::Traces, scraped);
    let metrics = is_wanted(variables, Signal::Metrics, scraped);
    if !(traces || metrics) {
        // What is said of exports that nobody asked for is not read: it may be meant for another program.
        return Wanted { identity, carries, ..Wanted::default() };
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
    Wanted {
        disabled: false,
        identity,
        carries,
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
        return is_placed(variables, endpoint);
    };
    let mut wanted = false;
    let mut is_known = false;
    let mut off = false;
    for word in list.split(',').map(str::trim) {
        match word {
            "otlp" => wanted = true,
            "none" => off = true,
            "prometheus" if signal == Signal::Metrics && scraped => is_known = true,
            "prometheus" if signal == Signal::Metrics => {
                is_known = true;
                variables.advise(
                    exporter,
                    "nobody can scrape this server",
                    "set admin.addr, whose /metrics is for Prometheus",
                );
            }
            _ => variables.tell(exporter, &format!("`{word}` is not understood"), Some("otlp or none")),
        }
    }
    if !(wanted || off || is_known) {
        // All of it is ignored, as if it were not set.
        return is_placed(variables, endpoint);
    }
    wanted && !off
}

/// Whether there is a place for a signal to go to.
fn is_placed(variables: &mut Variables<'_>, endpoint: &str) -> bool {
    variables.text(endpoint).or_else(|| variables.text("OTEL_EXPORTER_OTLP_ENDPOINT")).is_some()
}

/// What is passed on: of what is not known nothing is.
fn carries(variables: &mut Variables<'_>) -> Carries {
    let name = "OTEL_PROPAGATORS";
    let Some(list) = variables.text(name) else { return Carries::default() };
    let (mut carries, mut is_known) = (Carries { trace: false, baggage: false }, false);
    for word in list.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        match word {
            "tracecontext" => carries.trace = true,
            "baggage" => carries.baggage = true,
            "none" => {}
            _ => {
                let problem = format!("`{word}` is not available");
                variables.tell(name, &problem, Some("tracecontext, baggage or none"));
                continue;
            }
        }
        is_known = true;
    }
    if is_known { carries } else { Carries::default() }
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
    let read = variables.read(name, "a whole number of milliseconds", super::variables::timeout);
    Duration::from_millis(read.unwrap_or(30_000))
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
    let standard = SpanLimits::default();
    // The specific one comes before the one for all (OpenTelemetry, Common, Attribute Limits).
    let all = variables.number("OTEL_ATTRIBUTE_COUNT_LIMIT", 0, 10_000);
    let lengths = ["OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"];
    let [own, of_all] = lengths.map(|name| variables.number(name, 0, u64::from(u32::MAX)));
    let mut limit = |of: &str, all: Option<u64>, standard: u32| {
        let most = variables.number(&format!("OTEL_{of}_COUNT_LIMIT"), 0, 10_000).or(all);
        most.and_then(|most| u32::try_from(most).ok()).unwrap_or(standard)
    };
    SpanLimits {
        attributes: limit("SPAN_ATTRIBUTE", all, standard.attributes),
        events: limit("SPAN_EVENT", None, standard.events),
        links: limit("SPAN_LINK", None, standard.links),
        event_attributes: limit("EVENT_ATTRIBUTE", all, standard.event_attributes),
        link_attributes: limit("LINK_ATTRIBUTE", all, standard.link_attributes),
        value_length: own.or(of_all).and_then(|length| usize::try_from(length).ok()),
    }
}

fn queue(variables: &mut Variables<'_>) -> QueueLimits {
    let standard = QueueLimits::default();
    let size = |number: Option<u64>| number.and_then(|number| usize::try_from(number).ok());
    let spans = size(variables.number("OTEL_BSP_MAX_QUEUE_SIZE", 1, 100_000)).unwrap_or(standard.spans);
    let batch = size(variables.number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 1, spans as u64));
    let delay = variables.number("OTEL_BSP_SCHEDULE_DELAY", 1, 3_600_000).map(Duration::from_millis);
    QueueLimits {
        spans,
        bytes: standard.bytes,
        batch: batch.unwrap_or(standard.batch.min(spans)),
        delay: delay.unwrap_or(standard.delay),
    }
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

    /// The specification has a server warn and ignore; nothing of it prevents a start.
    #[test]
    fn what_is_not_understood_is_told_and_ignored() {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318");
        for (name, text) in [
            ("OTEL_SDK_DISABLED", "1"),
            ("OTEL_TRACES_EXPORTER", "console"),
            ("OTEL_METRICS_EXPORTER", "console,zipkin"),
            ("OTEL_TRACES_SAMPLER", "xray"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
            ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "carrier pigeon"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s"),
            ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "nonsense"),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "-1"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "999999"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "often"),
            ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "long"),
            ("OTEL_SPAN_EVENT_COUNT_LIMIT", "many"),
            ("OTEL_PROPAGATORS", "b3"),
            ("OTEL_RESOURCE_ATTRIBUTES", "nonsense"),
        ] {
            let (wanted, wrong) = read(&[endpoint, (name, text)]);
            assert!(wanted.traces.is_some() && wanted.metrics.is_some() && !wanted.disabled, "{name}={text}");
            assert_eq!(wrong.iter().filter(|wrong| wrong.variable == name).count().min(1), 1, "{name}: {wrong:?}");
            assert_eq!(wanted.traces.unwrap().endpoint, "http://c:4318/v1/traces");
            assert_eq!(wanted.carries, Carries::default());
        }
        // No limit: the longest time-out there is.
        let (wanted, wrong) = read(&[endpoint, ("OTEL_EXPORTER_OTLP_TIMEOUT", "0"), ("OTEL_BSP_EXPORT_TIMEOUT", "0")]);
        assert_eq!((wanted.traces.unwrap().timeout, wrong), (Duration::from_mins(10), Vec::new()));
    }

    #[test]
    fn limits_and_propagators_are_those_of_the_variables() {
        let (wanted, wrong) = read(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"),
            ("OTEL_ATTRIBUTE_COUNT_LIMIT", "7"),
            ("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "3"),
            ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "99"),
            ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "40"),
            ("OTEL_PROPAGATORS", "b3,tracecontext"),
        ]);
        let SpanLimits { attributes, event_attributes, link_attributes, value_length, events, .. } = wanted.limits;
        assert_eq!((attributes, event_attributes, link_attributes, events), (7, 7, 3, 128));
        assert_eq!((value_length, wanted.carries), (Some(40), Carries { trace: true, baggage: false }));
        assert_eq!(wrong.len(), 1, "{wrong:?}");
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
