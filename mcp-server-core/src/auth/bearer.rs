//! Bearer tokens in requests (RFC 6750 section 2.1): in the header, and nowhere else.

use http::HeaderMap;
use http::header::AUTHORIZATION;

/// Credentials that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// The bearer token of a request, if it has one.
///
/// # Errors
/// If there are several headers, another scheme, or characters that no token has (RFC 9110 section 11.2, `token68`).
pub(crate) fn token(headers: &HeaderMap) -> Result<Option<&str>, Malformed> {
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let Some(line) = lines.next() else { return Ok(None) };
    if lines.next().is_some() {
        return Err(Malformed);
    }
    let (scheme, token) = line.to_str().ok().and_then(|line| line.split_once(' ')).ok_or(Malformed)?;
    let token = token.trim_matches(' ');
    let body = token.trim_end_matches('=');
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    if !scheme.eq_ignore_ascii_case("bearer") || body.is_empty() || !body.bytes().all(legal) {
        return Err(Malformed);
    }
    Ok(Some(token))
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
        token(&headers).map(|token| token.map(str::to_owned))
    }

    #[test]
    fn one_bearer_token_is_read() {
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&["Bearer abc.DEF-123_~+/=="]), Ok(Some("abc.DEF-123_~+/==".to_owned())));
        assert_eq!(read(&["bearer  abc"]), Ok(Some("abc".to_owned())));
    }

    #[test]
    fn anything_else_is_refused() {
        for lines in
            [&["Basic abc"][..], &["Bearer"], &["Bearer "], &["Bearer a b"], &["Bearer a", "Bearer a"], &["Bearer ä"]]
        {
            assert_eq!(read(lines), Err(Malformed), "{lines:?}");
        }
    }
}
