//! Where a signal goes to, and how.

use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Uri};

use super::variables::{Each, Signal, Variables, flag, percent_decoded, timeout};

/// The protocol to a collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// Protobuf over HTTP/1.1.
    Http,
    /// gRPC.
    Grpc,
}

impl Protocol {
    /// As the variables have it.
    #[cfg(feature = "otlp")]
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Http => "http/protobuf",
            Self::Grpc => "grpc",
        }
    }
}

/// A collector as one signal sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Collector {
    pub(super) protocol: Protocol,
    /// The whole URL.
    pub(super) endpoint: String,
    /// Time for an export with all its attempts.
    pub(super) timeout: Duration,
    pub(super) gzip: bool,
    /// What is said with each export.
    pub(super) headers: HeaderMap,
    /// Whom to trust, instead of those whom the system trusts.
    pub(super) authorities: Option<PathBuf>,
    /// The certificate and the key by which the collector knows this process.
    pub(super) identity: Option<(PathBuf, PathBuf)>,
}

impl Collector {
    /// With no more time than this.
    pub(super) fn within(mut self, most: Duration) -> Self {
        self.timeout = self.timeout.min(most);
        self
    }

    /// Where it is, without anybody's name and password, and without the query, where some have a key.
    #[cfg(feature = "otlp")]
    pub(super) fn place(&self) -> String {
        let Some((scheme, rest)) = self.endpoint.split_once("://") else { return self.endpoint.clone() };
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        format!("{scheme}://{host}{path}")
    }
}

/// What is said of collectors.
#[derive(Debug)]
pub(super) struct Collectors {
    endpoint: Each<String>,
    protocol: Each<Protocol>,
    timeout: Each<u64>,
    gzip: Each<bool>,
    headers: Each<HeaderMap>,
    insecure: Each<bool>,
    authorities: Each<PathBuf>,
    certificate: Each<PathBuf>,
    key: Each<PathBuf>,
}

/// Reads what is said of all of them.
pub(super) fn read(variables: &mut Variables<'_>) -> Collectors {
    let headers = Each {
        all: headers(variables, ""),
        traces: headers(variables, "TRACES_"),
        metrics: headers(variables, "METRICS_"),
    };
    let protocol = variables.each("PROTOCOL", "grpc or http/protobuf", |text| match text {
        "grpc" => Some(Protocol::Grpc),
        "http/protobuf" => Some(Protocol::Http),
        _ => None,
    });
    let file = |text: &str| Some(PathBuf::from(text));
    let read = Collectors {
        protocol,
        headers,
        endpoint: endpoints(variables),
        timeout: variables.each("TIMEOUT", "a whole number of milliseconds", timeout),
        gzip: variables.each("COMPRESSION", "gzip or none", |text| match text.to_ascii_lowercase().as_str() {
            "gzip" => Some(true),
            "none" => Some(false),
            _ => None,
        }),
        insecure: variables.each("INSECURE", "true or false", flag),
        authorities: variables.each("CERTIFICATE", "the path of a PEM file", file),
        certificate: variables.each("CLIENT_CERTIFICATE", "the path of a PEM file", file),
        key: variables.each("CLIENT_KEY", "the path of a PEM file", file),
    };
    read.checked(variables)
}

/// Where the signals go. What is no URL may hold a password, and so it is not repeated.
fn endpoints(variables: &mut Variables<'_>) -> Each<String> {
    let mut read = |infix: &str| {
        let name = format!("OTEL_EXPORTER_OTLP_{infix}ENDPOINT");
        let text = variables.text(&name)?;
        // gRPC takes `host:port` as well.
        if is_url(text) || is_url(&with_scheme(text, true)) {
            return Some(text.to_owned());
        }
        let allowed = "a URL with http or https and a host, such as http://collector:4318";
        variables.tell(&name, "this is no URL of a collector", Some(allowed));
        None
    };
    Each { all: read(""), traces: read("TRACES_"), metrics: read("METRICS_") }
}

impl Collectors {
    /// The collector of a signal.
    pub(super) fn of(&self, signal: Signal) -> Collector {
        let protocol = self.protocol.of(signal).unwrap_or(Protocol::Http);
        Collector {
            protocol,
            endpoint: self.endpoint(signal, protocol),
            timeout: Duration::from_millis(self.timeout.of(signal).unwrap_or(10_000)),
            gzip: self.gzip.of(signal).unwrap_or_default(),
            headers: self.headers.of(signal).unwrap_or_default(),
            authorities: self.authorities.of(signal),
            identity: self.certificate.of(signal).zip(self.key.of(signal)),
        }
    }

    /// The URL of a signal: its own as it is, or the one of all with the path of the signal over HTTP.
    fn endpoint(&self, signal: Signal, protocol: Protocol) -> String {
        let own = match signal {
            Signal::Traces => &self.endpoint.traces,
            Signal::Metrics => &self.endpoint.metrics,
        };
        let insecure = self.insecure.of(signal).unwrap_or_default();
        match (protocol, own, &self.endpoint.all) {
            (Protocol::Http, Some(own), _) => own.clone(),
            (Protocol::Http, None, all) => {
                let base = all.as_deref().unwrap_or("http://localhost:4318");
                format!("{}/v1/{}", base.trim_end_matches('/'), signal.word())
            }
            (Protocol::Grpc, Some(base), _) | (Protocol::Grpc, None, Some(base)) => with_scheme(base, insecure),
            (Protocol::Grpc, None, None) => "http://localhost:4317".to_owned(),
        }
    }

    /// Without what does not fit together.
    fn checked(mut self, variables: &mut Variables<'_>) -> Self {
        for (name, endpoint, signals) in [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &mut self.endpoint.all, &[Signal::Traces, Signal::Metrics][..]),
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &mut self.endpoint.traces, &[Signal::Traces]),
            ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", &mut self.endpoint.metrics, &[Signal::Metrics]),
        ] {
            let is_grpc = |signal: &Signal| self.protocol.of(*signal) == Some(Protocol::Grpc);
            if endpoint.as_ref().is_some_and(|endpoint| !is_url(endpoint) && !signals.iter().all(is_grpc)) {
                let allowed = "a URL with http or https and a host, such as http://collector:4318";
                variables.tell(name, "this is no URL of a collector", Some(allowed));
                *endpoint = None;
            }
        }
        for signal in [Signal::Traces, Signal::Metrics] {
            if self.certificate.of(signal).is_some() != self.key.of(signal).is_some() {
                let problem = "a client's certificate and its key go together, and one of them is not set";
                let allowed =
                    "both OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_KEY, or neither";
                variables.tell("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", problem, Some(allowed));
                break;
            }
        }
        self
    }
}

/// gRPC takes `host:port` too, and then another variable says whether it is meant with TLS.
fn with_scheme(endpoint: &str, insecure: bool) -> String {
    match (endpoint.contains("://"), insecure) {
        (true, _) => endpoint.to_owned(),
        (false, true) => format!("http://{endpoint}"),
        (false, false) => format!("https://{endpoint}"),
    }
}

fn is_url(text: &str) -> bool {
    text.parse::<Uri>().is_ok_and(|url| {
        matches!(url.scheme_str(), Some("http" | "https")) && url.host().is_some_and(|host| !host.is_empty())
    })
}

/// Reads headers as the variables have them: pairs, in the encoding of W3C Baggage. Their values are not repeated: they are
/// secrets.
fn headers(variables: &mut Variables<'_>, infix: &str) -> Option<HeaderMap> {
    let name = format!("OTEL_EXPORTER_OTLP_{infix}HEADERS");
    let list = variables.text(&name)?;
    let read: Vec<_> = list.split_terminator(',').map(|pair| header(pair.trim())).collect();
    if let Some(at) = read.iter().position(Option::is_none) {
        let problem = format!("entry {} is no header", at + 1);
        variables.tell(&name, &problem, Some("name=value pairs with commas between them"));
    }
    Some(read.into_iter().flatten().collect())
}

fn header(pair: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = pair.split_once('=')?;
    let value = value.trim();
    // What is not encoded as it should be stands for itself.
    let value = percent_decoded(value).unwrap_or_else(|| value.as_bytes().to_vec());
    let mut value = HeaderValue::from_bytes(&value).ok().filter(|value| !value.is_empty())?;
    value.set_sensitive(true);
    Some((name.trim().parse().ok()?, value))
}
