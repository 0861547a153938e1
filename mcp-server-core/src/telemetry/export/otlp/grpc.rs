//! One attempt to export over gRPC. The request is bytes already, and so nothing is left for a codec to do.

use std::time::Duration;

use bytes::{Buf as _, BufMut as _, Bytes};
use http::uri::PathAndQuery;
use tokio::runtime::Handle;
use tonic::client;
use tonic::codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::MetadataMap;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Extensions, Request, Status};
use tonic_types::StatusExt as _;

use super::attempt::wait;
use super::build;
use super::refusal::{Hope, Refusal};
use crate::background;
use crate::telemetry::export::collector::Collector;

const EXPORT: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

/// A collector that is spoken to over gRPC, on the runtime of the server.
#[derive(Debug)]
pub(super) struct Grpc {
    channel: Channel,
    metadata: MetadataMap,
    gzip: bool,
    runtime: Handle,
}

impl Grpc {
    /// To this collector; it is connected to when there is something to send.
    ///
    /// # Errors
    /// Why it cannot be.
    pub(super) fn to(collector: &Collector) -> Result<Self, String> {
        let unusable = |error: tonic::transport::Error| format!("OTLP: {} cannot be used: {error}", collector.place());
        let endpoint = Endpoint::from_shared(collector.endpoint.clone()).map_err(unusable)?;
        let mut endpoint = endpoint.user_agent(build::AGENT).map_err(unusable)?;
        if collector.endpoint.starts_with("https:") {
            endpoint = endpoint.tls_config(build::tls(collector)?).map_err(unusable)?;
        }
        let metadata = MetadataMap::from_headers(collector.headers.clone());
        Ok(Self { channel: endpoint.connect_lazy(), metadata, gzip: collector.gzip, runtime: background::runtime() })
    }

    /// Calls once.
    ///
    /// # Errors
    /// Why the collector did not take it.
    pub(super) fn attempt(&self, body: &Bytes, within: Duration) -> Result<Bytes, Refusal> {
        let bounded = {
            // The timer is the server's, whoever waits for it.
            let _entered = self.runtime.enter();
            tokio::time::timeout(within, self.call(body.clone()))
        };
        match wait(bounded) {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(status)) => Err(refusal(&status)),
            Err(_) => Err(Refusal { cause: "the collector gave no answer in time".to_owned(), hope: Hope::None }),
        }
    }

    async fn call(&self, body: Bytes) -> Result<Bytes, Status> {
        let mut client = client::Grpc::new(self.channel.clone());
        if self.gzip {
            client = client.send_compressed(CompressionEncoding::Gzip).accept_compressed(CompressionEncoding::Gzip);
        }
        client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let request = Request::from_parts(self.metadata.clone(), Extensions::default(), body);
        let answer = client.unary(request, PathAndQuery::from_static(EXPORT), AsItIs).await?;
        Ok(answer.into_inner())
    }
}

fn refusal(status: &Status) -> Refusal {
    let time = status.get_details_retry_info().and_then(|info| info.retry_delay);
    let hope = match (status.code(), time) {
        (Code::Unavailable | Code::ResourceExhausted, Some(time)) => Hope::After(time),
        (
            Code::Cancelled
            | Code::DeadlineExceeded
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unavailable
            | Code::DataLoss,
            _,
        ) => Hope::Later,
        _ => Hope::None,
    };
    Refusal {
        cause: format!("the collector answered with gRPC status {:?}: {}", status.code(), status.message()),
        hope,
    }
}

/// Messages that are bytes already.
#[derive(Clone, Copy, Debug)]
struct AsItIs;

impl Codec for AsItIs {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for AsItIs {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for AsItIs {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}
