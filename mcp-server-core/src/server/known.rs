//! The secrets that the configuration holds: they are looked for by their text in everything that is logged.

use super::config::Config;

/// The variables whose values are headers for collectors, which hold credentials.
const HEADERS: [&str; 3] =
    ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_METRICS_HEADERS"];

/// Every secret of a configuration and of the variables that exporters read.
pub(super) fn secrets(config: &Config) -> Vec<String> {
    let headers = HEADERS.into_iter().filter_map(|name| std::env::var(name).ok());
    let mut secrets: Vec<String> = headers.flat_map(|headers| values(&headers)).collect();
    secrets.extend(config.admin.token.clone());
    secrets.extend(config.seal.keys.iter().map(|key| key.secret.clone()));
    secrets.extend(config.store.url.as_deref().and_then(password).map(str::to_owned));
    let decoded: Vec<String> = secrets.iter().map(|secret| decoded(secret)).collect();
    secrets.extend(decoded);
    secrets
}

/// The values of `name=value,name=value`, and of those with a scheme, such as `Bearer TOKEN`, what follows it.
fn values(headers: &str) -> Vec<String> {
    let values = headers.split(',').filter_map(|header| header.split_once('=')).map(|(_, value)| decoded(value.trim()));
    values.map(|value| value.rsplit(' ').next().map(str::to_owned).unwrap_or_default()).collect()
}

/// The password of a URL.
fn password(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let (authority, _) = rest.split_once(['/', '?', '#']).unwrap_or((rest, ""));
    let (user, _) = authority.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    Some(password)
}

/// The text with `%XX` read as the bytes that they stand for.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, more @ ..] = rest {
        let code = more.get(..2).filter(|_| *first == b'%').and_then(|code| std::str::from_utf8(code).ok());
        let byte = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = byte.and_then(|_| more.get(2..)).unwrap_or(more);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::config::SealSecret;

    #[test]
    fn every_secret_is_known_as_it_is_written_and_as_it_is_meant() {
        let mut config = Config::default();
        config.admin.token = Some("the admin's token".to_owned());
        config.seal.keys = vec![SealSecret::new("one", "a secret of more than 32 characters")];
        config.store.url = Some("postgres://app:pass%40word@db/x".to_owned());
        let known = secrets(&config);
        for secret in ["the admin's token", "a secret of more than 32 characters", "pass%40word", "pass@word"] {
            assert!(known.iter().any(|known| known == secret), "{secret}");
        }
    }

    #[test]
    fn headers_and_urls_are_read_as_far_as_they_go() {
        assert_eq!(values("api-key=0123abc, authorization=Bearer%20abc"), ["0123abc", "abc"]);
        assert_eq!(password("redis://:p@h:6379"), Some("p"));
        assert_eq!((password("sqlite:x.db"), password("redis://h"), decoded("a%2")), (None, None, "a%2".to_owned()));
    }
}
