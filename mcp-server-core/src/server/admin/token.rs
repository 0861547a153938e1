//! The admin token: what opens the operator page and details.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use subtle::ConstantTimeEq as _;

use crate::store::seal::{hash_id, random_token};

/// The token of a listener. It is known by its hash, and in full only until it is told.
#[derive(Clone)]
pub(in crate::server) struct Token {
    hash: String,
    /// A token that was made at this start, for somebody has to be told.
    made: Option<String>,
}

/// What a request brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Brought {
    /// The token.
    Right,
    /// Something else.
    Wrong,
    /// Nothing.
    Nothing,
}

impl Token {
    /// The token of the configuration, or a new one.
    pub(in crate::server) fn new(configured: Option<&str>) -> Self {
        let Some(token) = configured else {
            let token = random_token();
            return Self { hash: hash_id(&token), made: Some(token) };
        };
        Self { hash: hash_id(token), made: None }
    }

    /// What a request brings; how long the comparison takes tells nothing about the token.
    pub(super) fn look(&self, headers: &HeaderMap) -> Brought {
        let mut brought = headers.get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (brought.next(), brought.next()) else {
            return if headers.contains_key(AUTHORIZATION) { Brought::Wrong } else { Brought::Nothing };
        };
        let given = value.to_str().ok().and_then(bearer);
        let right = given.is_some_and(|given| hash_id(given).as_bytes().ct_eq(self.hash.as_bytes()).into());
        if right { Brought::Right } else { Brought::Wrong }
    }

    /// The address of the operator page. A token that was made at this start is in its fragment, which no browser sends.
    pub(in crate::server) fn link(&self, bound: SocketAddr) -> String {
        // Nobody can open the address that stands for all of them.
        let ip = match bound.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        let page = format!("http://{}/", SocketAddr::new(ip, bound.port()));
        match &self.made {
            Some(token) => format!("{page}#token={token}"),
            None => page,
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").finish_non_exhaustive()
    }
}

/// The token of `Authorization: Bearer TOKEN` (RFC 6750, section 2.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (AUTHORIZATION, value.parse().unwrap())).collect()
    }

    #[test]
    fn the_token_alone_opens() {
        let token = Token::new(Some("a token for operators"));
        for (values, brought) in [
            (&["Bearer a token for operators"][..], Brought::Right),
            (&["bearer  a token for operators "], Brought::Right),
            (&["Bearer a token for operator"], Brought::Wrong),
            (&["Bearer "], Brought::Wrong),
            (&["Basic a token for operators"], Brought::Wrong),
            (&["a token for operators"], Brought::Wrong),
            (&["Bearer a token for operators", "Bearer a token for operators"], Brought::Wrong),
            (&[], Brought::Nothing),
        ] {
            assert_eq!(token.look(&headers(values)), brought, "{values:?}");
        }
    }

    #[test]
    fn a_token_that_nobody_chose_is_told_in_the_link_and_another_each_time() {
        let bound = "0.0.0.0:9090".parse().unwrap();
        let (one, other) = (Token::new(None), Token::new(None));
        let link = one.link(bound);
        let told = link.strip_prefix("http://127.0.0.1:9090/#token=").unwrap();
        assert_eq!(one.look(&headers(&[&format!("Bearer {told}")])), Brought::Right);
        assert_eq!(other.look(&headers(&[&format!("Bearer {told}")])), Brought::Wrong);
        assert!(!format!("{one:?}").contains(told));
    }

    #[test]
    fn a_token_of_the_configuration_is_told_to_nobody() {
        let token = Token::new(Some("0123456789abcdef"));
        assert_eq!(token.link("[::1]:80".parse().unwrap()), "http://[::1]:80/");
        assert!(!format!("{token:?}").contains("0123456789abcdef"));
    }
}
