//! How a collector takes what it is sent.

use opentelemetry_proto::tonic::collector::trace::v1::{ExportTracePartialSuccess, ExportTraceServiceResponse};

/// How a collector behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// It takes what it is sent.
    #[default]
    Well,
    /// It says that it cannot: 500, or UNAVAILABLE.
    Refusing,
    /// It never answers.
    Silent,
    /// It says to come again, once: 503, or UNAVAILABLE. Then it is well.
    Busy,
    /// The same, but not before the end of time.
    Tired,
    /// It has moved to where everybody is welcome: a redirect, over HTTP alone.
    Moved,
    /// It takes what it is sent, but says that there was one span that it did not want.
    Choosy,
}

impl Mood {
    /// The answer to spans that it took.
    pub(super) fn answer(self) -> ExportTraceServiceResponse {
        let unwanted = (self == Self::Choosy)
            .then(|| ExportTracePartialSuccess { rejected_spans: 1, error_message: "one was too old".to_owned() });
        ExportTraceServiceResponse { partial_success: unwanted }
    }
}
