//! OTLP over gRPC.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Code, Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::arrived::Arrived;
use super::mood::Mood;

pub(super) async fn serve(listener: TcpListener, arrived: Arc<Arrived>) {
    let server = Server::builder()
        .add_service(TraceServiceServer::from_arc(Arc::new(Service(Arc::clone(&arrived)))))
        .add_service(MetricsServiceServer::from_arc(Arc::new(Service(arrived))));
    server.serve_with_incoming(TcpIncoming::from(listener)).await.expect("it serves");
}

struct Service(Arc<Arrived>);

impl Service {
    async fn taken<T>(&self, request: Request<T>) -> Result<(T, Mood), Status> {
        let text = |name: &str| request.metadata().get(name).and_then(|value| value.to_str().ok());
        match self.0.asked(text("authorization"), text("grpc-encoding")) {
            mood @ (Mood::Well | Mood::Choosy) => Ok((request.into_inner(), mood)),
            Mood::Refusing | Mood::Busy | Mood::Moved => Err(Status::unavailable("not now")),
            Mood::Tired => {
                let never = ErrorDetails::with_retry_info(Some(Duration::MAX));
                Err(Status::with_error_details(Code::Unavailable, "not now", never))
            }
            Mood::Silent => std::future::pending().await,
        }
    }
}

#[tonic::async_trait]
impl TraceService for Service {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let (spans, mood) = self.taken(request).await?;
        self.0.spans(spans);
        Ok(Response::new(mood.answer()))
    }
}

#[tonic::async_trait]
impl MetricsService for Service {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        self.0.metrics(self.taken(request).await?.0);
        Ok(Response::new(ExportMetricsServiceResponse::default()))
    }
}
