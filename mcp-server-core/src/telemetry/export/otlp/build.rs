//! The SDK's exporter of metrics, and the clients by which a collector is spoken to, with everything said to them that the
//! variables say.

use std::path::Path;
use std::thread;

use opentelemetry_otlp::tonic_types::transport::{Certificate, ClientTlsConfig, Identity};
use opentelemetry_otlp::{
    Compression, ExporterBuildError, MetricExporter, WithExportConfig, WithHttpConfig, WithTonicConfig,
};
use opentelemetry_sdk::metrics::Temporality;
use reqwest::blocking::Client;
use reqwest::redirect::Policy;

use crate::background;
use crate::telemetry::export::collector::{Collector, Protocol};

/// Who sends, as the protocol wants it said.
pub(super) const AGENT: &str = concat!("OTel-OTLP-Exporter-Rust/", env!("CARGO_PKG_VERSION"));

/// What exports metrics.
///
/// # Errors
/// Why it cannot be.
pub(super) fn metrics(collector: &Collector, temporality: Temporality) -> Result<MetricExporter, String> {
    let builder = MetricExporter::builder().with_temporality(temporality);
    let built = match collector.protocol {
        Protocol::Http => with_http(builder.with_http(), collector)?.build(),
        Protocol::Grpc => with_grpc(builder.with_tonic(), collector)?.build(),
    };
    built.map_err(|error| failed(&error))
}

fn failed(error: &ExporterBuildError) -> String {
    format!("OTLP: {error}")
}

fn with_http<B: WithExportConfig + WithHttpConfig>(builder: B, collector: &Collector) -> Result<B, String> {
    let mut builder = builder
        .with_protocol(opentelemetry_otlp::Protocol::HttpBinary)
        .with_endpoint(&collector.endpoint)
        .with_timeout(collector.timeout)
        // Named, because the crate would choose another, which needs a runtime, as soon as anybody's feature brings one.
        .with_http_client(client(collector)?);
    if collector.gzip {
        builder = WithHttpConfig::with_compression(builder, Compression::Gzip);
    }
    Ok(builder)
}

/// The client that blocks the thread of an exporter.
///
/// # Errors
/// Why it cannot be.
pub(super) fn client(collector: &Collector) -> Result<Client, String> {
    // A redirect would lose the body, and show the headers, which are secrets, to somebody else.
    let mut builder = Client::builder().timeout(collector.timeout).redirect(Policy::none()).user_agent(AGENT);
    if let Some(path) = &collector.authorities {
        let trusted = reqwest::Certificate::from_pem_bundle(&read(path)?).map_err(|error| unusable(path, &error))?;
        builder = builder.tls_certs_only(trusted);
    }
    if let Some((certificate, key)) = &collector.identity {
        let mut pem = read(key)?;
        pem.push(b'\n');
        pem.extend(read(certificate)?);
        builder = builder.identity(reqwest::Identity::from_pem(&pem).map_err(|error| unusable(certificate, &error))?);
    }
    // It has a runtime of its own, which cannot be made within another.
    let built = background::spawn_thread("otlp_client", move || builder.build()).map(thread::JoinHandle::join);
    match built {
        Ok(Ok(Ok(client))) => Ok(client),
        Ok(Ok(Err(error))) => Err(format!("OTLP: the HTTP client cannot be made: {error}")),
        _ => Err("OTLP: the HTTP client cannot be made".to_owned()),
    }
}

fn with_grpc<B: WithExportConfig + WithTonicConfig>(builder: B, collector: &Collector) -> Result<B, String> {
    let mut builder = builder.with_endpoint(&collector.endpoint).with_timeout(collector.timeout);
    if collector.endpoint.starts_with("https:") {
        builder = builder.with_tls_config(tls(collector)?);
    }
    if collector.gzip {
        builder = WithTonicConfig::with_compression(builder, Compression::Gzip);
    }
    Ok(builder)
}

/// How a collector is trusted, and this process by it.
///
/// # Errors
/// Why it cannot be.
pub(super) fn tls(collector: &Collector) -> Result<ClientTlsConfig, String> {
    let mut tls = match &collector.authorities {
        Some(path) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read(path)?)),
        None => ClientTlsConfig::new().with_enabled_roots(),
    };
    if let Some((certificate, key)) = &collector.identity {
        tls = tls.identity(Identity::from_pem(read(certificate)?, read(key)?));
    }
    Ok(tls)
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| unusable(path, &error))
}

fn unusable(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("OTLP: {} cannot be used: {error}; it is named by a variable OTEL_EXPORTER_OTLP_…", path.display())
}
