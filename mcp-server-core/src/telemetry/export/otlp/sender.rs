//! Sending spans: an attempt after the other, as long as there is hope and time.

use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message as _;

use super::grpc::Grpc;
use super::http::Http;
use super::refusal::{Hope, Refusal};
use super::worker::{Sends, Unwanted};
use crate::telemetry::export::collector::{Collector, Protocol};

/// Attempts at most.
const ATTEMPTS: u32 = 5;
/// The time between the first two; it doubles.
const PAUSE: Duration = Duration::from_millis(250);

/// Sends to one collector.
#[derive(Debug)]
pub(super) struct Sender {
    way: Way,
    timeout: Duration,
}

#[derive(Debug)]
enum Way {
    Http(Http),
    Grpc(Grpc),
}

impl Sender {
    /// To this collector.
    ///
    /// # Errors
    /// Why it cannot be.
    pub(super) fn to(collector: &Collector) -> Result<Self, String> {
        let way = match collector.protocol {
            Protocol::Http => Way::Http(Http::to(collector)?),
            Protocol::Grpc => Way::Grpc(Grpc::to(collector)?),
        };
        Ok(Self { way, timeout: collector.timeout })
    }

    fn attempt(&self, body: &Bytes, within: Duration) -> Result<Bytes, Refusal> {
        match &self.way {
            Way::Http(http) => http.attempt(body, within),
            Way::Grpc(grpc) => grpc.attempt(body, within),
        }
    }
}

impl Sends for Sender {
    fn send(&self, body: Vec<u8>) -> Result<Unwanted, String> {
        let body = match &self.way {
            Way::Http(http) => http.packed(body).map_err(|error| error.to_string())?,
            Way::Grpc(_) => Bytes::from(body),
        };
        let until = Instant::now() + self.timeout;
        let (mut pause, mut left) = (PAUSE, ATTEMPTS);
        loop {
            let refusal = match self.attempt(&body, until.saturating_duration_since(Instant::now())) {
                Ok(answer) => return Ok(unwanted(&answer)),
                Err(refusal) => refusal,
            };
            left -= 1;
            let wait = match refusal.hope {
                Hope::Later if left > 0 => pause,
                Hope::After(time) if left > 0 => time.max(pause),
                _ => return Err(refusal.cause),
            };
            if wait >= until.saturating_duration_since(Instant::now()) {
                return Err(refusal.cause);
            }
            thread::sleep(wait);
            pause *= 2;
        }
    }
}

/// The spans that a collector says that it did not want.
fn unwanted(answer: &Bytes) -> Unwanted {
    // What cannot be read is an answer nonetheless: it took them.
    let answer = ExportTraceServiceResponse::decode(answer.clone()).unwrap_or_default();
    let partial = answer.partial_success.unwrap_or_default();
    Unwanted { spans: u64::try_from(partial.rejected_spans).unwrap_or_default(), why: partial.error_message }
}
