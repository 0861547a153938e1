//! Access: what the headers alone decide, before a byte of the body is read.

use std::sync::Arc;
use std::time::Duration;

use http::header::{HOST, ORIGIN, RETRY_AFTER, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderValue, StatusCode};

use super::response::{self, Response};
use crate::auth::{self, Denied, Verifier};
use crate::guard::attempts::Attempts;
use crate::guard::origin::{Foreign, Gate};
use crate::peer::Peer;
use crate::principal::Principal;
use crate::protocol::RpcError;
use crate::protocol::error::code;

/// Who may come in.
#[derive(Debug)]
pub(crate) struct Access {
    pub(crate) gate: Gate,
    /// What verifies credentials. Without it everybody is anonymous: with every scope where only this machine can come
    /// from, and with none elsewhere, so that tools with `scopes` are then open to nobody.
    pub(crate) verifier: Option<Arc<dyn Verifier>>,
    /// Who guesses tokens.
    pub(crate) attempts: Attempts,
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
                // What is no text is not absent: it is the name of nobody.
                (Some(line), None) => Some(line.to_str().unwrap_or_default()),
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
            let error =
                RpcError::new(code::FORBIDDEN, format!("this `{what}` is not served here; `{key}` allows more"));
            Box::new(response::refusal(StatusCode::FORBIDDEN, None, &error))
        })
    }

    /// What a caller without credentials is: one with every scope where only this machine can connect, else one with none.
    pub(super) fn anonymous(&self) -> Principal {
        if self.gate.is_private() { Principal::open() } else { Principal::anonymous() }
    }

    /// Finds out who calls; `None` is a caller without credentials, where none are needed.
    ///
    /// # Errors
    /// The refusal: 400 or 401 with its challenge (RFC 6750 section 3), 429 for a peer that guesses, or 503.
    pub(super) async fn identify(&self, head: &Parts, peer: Peer) -> Result<Option<Principal>, Box<Response>> {
        let Some(verifier) = &self.verifier else { return Ok(None) };
        let token = match auth::token(&head.headers, head.uri.query()) {
            Ok(Some(token)) => token,
            Ok(None) => return Err(unauthenticated("a bearer token is required", "Bearer")),
            Err(malformed) => {
                let challenge = r#"Bearer error="invalid_request""#;
                return Err(challenged(StatusCode::BAD_REQUEST, &malformed.to_string(), challenge));
            }
        };
        self.attempts.permit(peer, token).map_err(too_many)?;
        match verifier.verify(token).await {
            Ok(principal) => {
                self.attempts.accept(token);
                Ok(Some(principal))
            }
            Err(denied @ Denied::Unavailable) => {
                Err(Box::new(response::unavailable(None, &RpcError::unavailable(denied.to_string()))))
            }
            Err(Denied::Invalid) => {
                self.attempts.fail(peer);
                Err(unauthenticated("the token is not accepted", r#"Bearer error="invalid_token""#))
            }
        }
    }
}

/// 429: too many tokens of the peer were wrong (RFC 6585 section 4).
fn too_many(wait: Duration) -> Box<Response> {
    let why = "too many wrong tokens came from this address: wait, and send a token that is valid";
    let mut response = response::refusal(StatusCode::TOO_MANY_REQUESTS, None, &RpcError::unavailable(why));
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
    Box::new(response)
}

fn unauthenticated(why: &str, challenge: &'static str) -> Box<Response> {
    challenged(StatusCode::UNAUTHORIZED, why, challenge)
}

fn challenged(status: StatusCode, why: &str, challenge: &'static str) -> Box<Response> {
    let error = RpcError::new(code::UNAUTHENTICATED, why.to_owned());
    let mut response = response::refusal(status, None, &error);
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    Box::new(response)
}

#[cfg(test)]
mod tests {
    use http::Request;
    use http::header::AUTHORIZATION;

    use super::*;
    use crate::auth::{Key, StaticKeys};

    fn access(bound: &str, hosts: &[&str], guarded: bool) -> Access {
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b"good");
        let key = Key::new(hash.as_ref().try_into().unwrap(), Principal::new("key", "a", ["x"]));
        let verifier = guarded.then(|| Arc::new(StaticKeys::new(vec![key])) as Arc<dyn Verifier>);
        Access { gate: Gate::new(bound.parse().unwrap(), &hosts, &[]), verifier, attempts: Attempts::default() }
    }

    fn head(target: &str, authorization: Option<&str>) -> Parts {
        let mut request = Request::post(target);
        if let Some(line) = authorization {
            request = request.header(AUTHORIZATION, line);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn peer() -> Peer {
        Peer::new([192, 0, 2, 1].into())
    }

    /// A peer that guesses waits; tokens that were accepted before are accepted still.
    #[tokio::test(start_paused = true)]
    async fn guesses_are_slowed_down() {
        let access = access("127.0.0.1:1", &[], true);
        access.identify(&head("/mcp", Some("Bearer good")), peer()).await.unwrap();
        let mut statuses = Vec::new();
        for guess in 0..100 {
            let line = format!("Bearer guess{guess}");
            statuses.push(access.identify(&head("/mcp", Some(&line)), peer()).await.unwrap_err().status().as_u16());
        }
        assert_eq!((statuses[0], statuses[99]), (401, 429));
        access.identify(&head("/mcp", Some("Bearer good")), peer()).await.unwrap();
        let other = Peer::new([192, 0, 2, 2].into());
        assert_eq!(access.identify(&head("/mcp", Some("Bearer x")), other).await.unwrap_err().status(), 401);
    }

    /// J05, J08, J09: which status and which challenge.
    #[tokio::test]
    async fn a_guarded_endpoint_says_what_is_missing() {
        let access = access("127.0.0.1:1", &[], true);
        let good = access.identify(&head("/mcp", Some("bearer good")), peer()).await.unwrap().unwrap();
        assert!(good.id() == "a" && good.has_scope("x") && !good.has_scope("y"));
        for (target, line, status, challenge) in [
            ("/mcp", None, 401, "Bearer"),
            ("/mcp", Some("Basic good"), 401, "Bearer"),
            ("/mcp", Some("Bearer bad"), 401, r#"Bearer error="invalid_token""#),
            ("/mcp", Some("Bearer"), 400, r#"Bearer error="invalid_request""#),
            ("/mcp?access_token=good", None, 400, r#"Bearer error="invalid_request""#),
            ("/mcp?access_token=good", Some("Bearer good"), 400, r#"Bearer error="invalid_request""#),
        ] {
            let refusal = access.identify(&head(target, line), peer()).await.unwrap_err();
            let told = refusal.headers()[WWW_AUTHENTICATE].to_str().unwrap().to_owned();
            assert_eq!((refusal.status().as_u16(), told.as_str()), (status, challenge), "{target} {line:?}");
        }
    }

    /// Who is not asked gets every scope only where nobody else can come from.
    #[test]
    fn an_open_endpoint_trusts_this_machine_alone() {
        for (bound, hosts, trusted) in [
            ("127.0.0.1:1", &[][..], true),
            ("[::1]:1", &[], true),
            ("0.0.0.0:1", &[], false),
            ("127.0.0.1:1", &["mcp.example"], false),
        ] {
            let caller = access(bound, hosts, false).anonymous();
            assert!(caller.is_anonymous());
            assert_eq!(caller.has_scope("x"), trusted, "{bound} {hosts:?}");
        }
    }

    /// A1, C02: an Origin that cannot be read is foreign, not absent.
    #[test]
    fn an_unreadable_origin_is_foreign() {
        let access = access("127.0.0.1:1", &[], false);
        let mut head = head("/mcp", None);
        head.headers.insert(HOST, HeaderValue::from_static("localhost"));
        assert!(access.admit(&head).is_ok());
        head.headers.insert(ORIGIN, HeaderValue::from_bytes(b"http://evil\xff").unwrap());
        assert_eq!(access.admit(&head).unwrap_err().status(), 403);
        head.headers.insert(ORIGIN, HeaderValue::from_static("http://localhost"));
        head.headers.append(ORIGIN, HeaderValue::from_static("http://localhost"));
        assert_eq!(access.admit(&head).unwrap_err().status(), 403);
    }
}
