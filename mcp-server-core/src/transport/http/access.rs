//! Access: what the headers alone decide, before a byte of the body is read.

use std::sync::Arc;

use http::header::{HOST, ORIGIN, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderValue, StatusCode};

use super::response::{self, Response};
use crate::auth::{self, Denied, Verifier};
use crate::guard::origin::{Foreign, Gate};
use crate::principal::Principal;
use crate::protocol::RpcError;
use crate::protocol::error::code;

/// Who may come in.
#[derive(Debug)]
pub(crate) struct Access {
    pub(crate) gate: Gate,
    /// What verifies credentials; without it everybody may do everything.
    pub(crate) verifier: Option<Arc<dyn Verifier>>,
}

impl Access {
    /// Checks Host and Origin.
    ///
    /// # Errors
    /// The refusal: 403.
    pub(super) fn admit(&self, head: &Parts) -> Result<(), Box<Response>> {
        let single = |name| {
            let mut lines = head.headers.get_all(name).iter();
            match (lines.next(), lines.next()) {
                (Some(line), None) => line.to_str().ok(),
                // Two that differ: a proxy may have looked at the other one.
                (Some(_), Some(_)) => Some(""),
                _ => None,
            }
        };
        // In HTTP/2 the authority stands in the target.
        let host = single(HOST).or_else(|| head.uri.authority().map(http::uri::Authority::as_str));
        self.gate.check(host, single(ORIGIN)).map_err(|foreign| {
            let (what, key) = match foreign {
                Foreign::Host => ("Host", "http.allowed_hosts"),
                Foreign::Origin => ("Origin", "http.allowed_origins"),
            };
            let error = RpcError::new(code::FORBIDDEN, format!("this `{what}` is not served here; `{key}` allows more"));
            Box::new(response::refusal(StatusCode::FORBIDDEN, None, &error))
        })
    }

    /// Finds out who calls.
    ///
    /// # Errors
    /// The refusal: 401 with its challenge (RFC 6750 section 3), or 503.
    pub(super) async fn identify(&self, head: &Parts) -> Result<Principal, Box<Response>> {
        let Some(verifier) = &self.verifier else { return Ok(Principal::open()) };
        let token = match auth::token(&head.headers) {
            Ok(Some(token)) => token,
            Ok(None) => return Err(unauthenticated("a bearer token is required", "Bearer")),
            Err(_) => {
                return Err(unauthenticated(
                    "the `Authorization` header must be one bearer token",
                    r#"Bearer error="invalid_request""#,
                ));
            }
        };
        verifier.verify(token).await.map_err(|denied| match denied {
            Denied::Unavailable => {
                let error = RpcError::new(code::UNAVAILABLE, denied.to_string());
                Box::new(response::refusal(StatusCode::SERVICE_UNAVAILABLE, None, &error))
            }
            Denied::Invalid => unauthenticated("the token is not accepted", r#"Bearer error="invalid_token""#),
        })
    }
}

fn unauthenticated(why: &'static str, challenge: &'static str) -> Box<Response> {
    let error = RpcError::new(code::UNAUTHENTICATED, why);
    let mut response = response::refusal(StatusCode::UNAUTHORIZED, None, &error);
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    Box::new(response)
}
