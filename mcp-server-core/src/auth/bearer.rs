//! Bearer tokens in requests (RFC 6750 section 2.1): in the header, and nowhere else.

use std::fmt;

use http::HeaderMap;
use http::header::AUTHORIZATION;

/// How long a token may be, in bytes: what is longer is nobody's.
const LONGEST: usize = 16 * 1024;

/// Why credentials cannot be read: the request is malformed, which is not the same as a token that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// Several headers: who reads the first differs from who reads the last.
    Several,
    /// What follows the scheme is no token.
    NoToken,
    /// A token in the query, where logs and histories keep it (basic/authorization, Token Requirements).
    InQuery,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Several => "there is more than one `Authorization` header",
            Self::NoToken => "what follows `Bearer` in the `Authorization` header is no token",
            Self::InQuery => "a token does not belong into the query: send it in the `Authorization` header",
        })
    }
}

/// The bearer token of a request, if it has one; another scheme proves nothing here, and is none.
///
/// # Errors
/// If there are several headers, characters that no token has (RFC 9110 section 11.2, `token68`), or a token in the
/// query.
pub(crate) fn token<'a>(headers: &'a HeaderMap, query: Option<&str>) -> Result<Option<&'a str>, Malformed> {
    if query.is_some_and(names_token) {
        return Err(Malformed::InQuery);
    }
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let Some(line) = lines.next() else { return Ok(None) };
    if lines.next().is_some() {
        return Err(Malformed::Several);
    }
    let line = line.as_bytes();
    let (scheme, rest) = line.split_at(line.iter().position(|byte| *byte == b' ').unwrap_or(line.len()));
    if !scheme.eq_ignore_ascii_case(b"bearer") {
        return Ok(None);
    }
    let token = std::str::from_utf8(rest).map_err(|_| Malformed::NoToken)?.trim_matches(' ');
    let body = token.trim_end_matches('=');
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    if body.is_empty() || token.len() > LONGEST || !body.bytes().all(legal) {
        return Err(Malformed::NoToken);
    }
    Ok(Some(token))
}

fn names_token(query: &str) -> bool {
    query.split('&').any(|pair| pair.split('=').next().is_some_and(|name| name.eq_ignore_ascii_case("access_token")))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(lines: &[&str]) -> Result<Option<String>, Malformed> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(AUTHORIZATION, HeaderValue::from_str(line).unwrap());
        }
        token(&headers, None).map(|token| token.map(str::to_owned))
    }

    #[test]
    fn one_bearer_token_is_read() {
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&["Bearer abc.DEF-123_~+/=="]), Ok(Some("abc.DEF-123_~+/==".to_owned())));
        assert_eq!(read(&["bearer  abc"]), Ok(Some("abc".to_owned())));
    }

    /// J08: what cannot be read is the client's mistake; another scheme is a token that is missing.
    #[test]
    fn anything_else_is_refused() {
        for line in ["Basic abc", "DPoP abc", "Bearerabc"] {
            assert_eq!(read(&[line]), Ok(None), "{line}");
        }
        let long = format!("Bearer {}", "a".repeat(LONGEST + 1));
        for line in ["Bearer", "Bearer ", "Bearer a b", "Bearer a,b", "Bearer a=b", "Bearer =", "Bearer ä", &long] {
            assert_eq!(read(&[line]), Err(Malformed::NoToken), "{line}");
        }
        assert_eq!(read(&["Bearer a", "Bearer a"]), Err(Malformed::Several));
    }

    /// J05: never in the query.
    #[test]
    fn a_token_in_the_query_is_refused() {
        let headers = HeaderMap::new();
        assert_eq!(token(&headers, Some("x=1&access_token=abc")), Err(Malformed::InQuery));
        assert_eq!(token(&headers, Some("ACCESS_TOKEN=abc")), Err(Malformed::InQuery));
        assert_eq!(token(&headers, Some("x=access_token")), Ok(None));
    }
}
