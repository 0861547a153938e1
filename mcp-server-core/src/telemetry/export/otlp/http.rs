//! One attempt to export over HTTP (OTLP/HTTP, binary protobuf).

use std::error::Error;
use std::io::{self, Read as _, Write as _};
use std::iter::successors;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use reqwest::blocking::{Client, Response};

use super::build;
use super::refusal::{Hope, Refusal};
use crate::telemetry::export::collector::Collector;

/// Bytes of an answer that are read.
const ANSWER: u64 = 64 * 1024;

/// A collector that is spoken to over HTTP.
#[derive(Debug)]
pub(super) struct Http {
    client: Client,
    endpoint: String,
    headers: HeaderMap,
    gzip: bool,
}

impl Http {
    /// To this collector.
    ///
    /// # Errors
    /// Why it cannot be.
    pub(super) fn to(collector: &Collector) -> Result<Self, String> {
        let mut headers = collector.headers.clone();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
        if collector.gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        let endpoint = collector.endpoint.clone();
        Ok(Self { client: build::client(collector)?, endpoint, headers, gzip: collector.gzip })
    }

    /// A body as it goes out.
    ///
    /// # Errors
    /// None that is known: it is written to memory.
    pub(super) fn packed(&self, body: Vec<u8>) -> io::Result<Bytes> {
        if !self.gzip {
            return Ok(body.into());
        }
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(&body)?;
        Ok(packed.finish()?.into())
    }

    /// Posts a body once.
    ///
    /// # Errors
    /// Why the collector did not take it.
    pub(super) fn attempt(&self, body: &Bytes, within: Duration) -> Result<Bytes, Refusal> {
        let request = self.client.post(&self.endpoint).headers(self.headers.clone()).timeout(within);
        let answer = request.body(body.clone()).send().map_err(|error| Refusal {
            // The URL may hold a password.
            cause: chain(&error.without_url()),
            hope: Hope::Later,
        })?;
        if !answer.status().is_success() {
            return Err(refusal(&answer));
        }
        let mut read = Vec::new();
        // The status said that it was taken; the rest is about single spans.
        match answer.take(ANSWER).read_to_end(&mut read) {
            Ok(_) => Ok(read.into()),
            Err(_) => Ok(Bytes::new()),
        }
    }
}

fn refusal(answer: &Response) -> Refusal {
    let hope = match answer.status() {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            let seconds = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
            seconds.map_or(Hope::Later, |seconds| Hope::After(Duration::from_secs(seconds)))
        }
        StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => Hope::Later,
        _ => Hope::None,
    };
    Refusal { cause: format!("the collector answered with HTTP status {}", answer.status()), hope }
}

/// An error with its causes, on one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = successors(Some(error), |error| (*error).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
