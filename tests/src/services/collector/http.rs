//! OTLP over HTTP.

use std::io::Read as _;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, post};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use prost::Message;
use tokio::net::TcpListener;

use super::arrived::Arrived;
use super::mood::Mood;

const PROTOBUF: &str = "application/x-protobuf";

pub(super) async fn serve(listener: TcpListener, arrived: Arc<Arrived>) {
    let router = Router::new()
        .route("/v1/traces", post(traces))
        .route("/v1/metrics", post(metrics))
        .route("/welcome", any(async || "log in, please"))
        .with_state(arrived);
    axum::serve(listener, router).await.expect("it serves");
}

async fn traces(State(arrived): State<Arc<Arrived>>, headers: HeaderMap, body: Bytes) -> Response {
    let mood = match taken(&arrived, &headers).await {
        Ok(mood) => mood,
        Err(refusal) => return refusal,
    };
    arrived.spans(decoded(&headers, body));
    done(&mood.answer())
}

async fn metrics(State(arrived): State<Arc<Arrived>>, headers: HeaderMap, body: Bytes) -> Response {
    if let Err(refusal) = taken(&arrived, &headers).await {
        return refusal;
    }
    arrived.metrics(decoded(&headers, body));
    done(&ExportMetricsServiceResponse::default())
}

async fn taken(arrived: &Arrived, headers: &HeaderMap) -> Result<Mood, Response> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    match arrived.asked(text(header::AUTHORIZATION), text(header::CONTENT_ENCODING)) {
        mood @ (Mood::Well | Mood::Choosy) => Ok(mood),
        Mood::Refusing => Err(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
        Mood::Busy => Err(StatusCode::SERVICE_UNAVAILABLE.into_response()),
        Mood::Tired => {
            let never = [(header::RETRY_AFTER, u64::MAX.to_string())];
            Err((StatusCode::SERVICE_UNAVAILABLE, never).into_response())
        }
        Mood::Moved => Err((StatusCode::FOUND, [(header::LOCATION, "/welcome")]).into_response()),
        Mood::Silent => std::future::pending().await,
    }
}

fn decoded<M: Message + Default>(headers: &HeaderMap, body: Bytes) -> M {
    assert_eq!(headers[header::CONTENT_TYPE], PROTOBUF, "OTLP is protobuf here");
    let mut plain = body.to_vec();
    if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding == "gzip") {
        plain.clear();
        flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut plain).expect("the body is gzip");
    }
    M::decode(&plain[..]).expect("the body is a message of OTLP")
}

fn done(message: &impl Message) -> Response {
    ([(header::CONTENT_TYPE, PROTOBUF)], message.encode_to_vec()).into_response()
}
