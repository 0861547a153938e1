//! How hosts and origins are written in the lists of those that are accepted.

use std::net::{Ipv6Addr, SocketAddr};

/// Whether this is a host: a name, `*.` and a name, or an address, each with or without a port.
pub(super) fn is_host(text: &str) -> bool {
    if let Some(address) = text.strip_prefix('[') {
        let bare = address.strip_suffix(']').is_some_and(|inner| inner.parse::<Ipv6Addr>().is_ok());
        return bare || text.parse::<SocketAddr>().is_ok();
    }
    let (name, port) = text.split_once(':').map_or((text, None), |(name, port)| (name, Some(port)));
    let name = name.strip_prefix("*.").unwrap_or(name);
    port.is_none_or(is_port) && is_name(name)
}

/// Whether this is an origin as browsers send it: scheme, host, perhaps a port, nothing more.
pub(super) fn is_origin(text: &str) -> bool {
    let Some((scheme, host)) = text.split_once("://") else { return false };
    let named = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    named && scheme.starts_with(|first: char| first.is_ascii_lowercase()) && is_host(host)
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|port| port > 0)
}

fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::{is_host, is_origin};

    #[test]
    fn hosts() {
        for host in [
            "example.com",
            "a",
            "example.com:8443",
            "*.example.com",
            "10.0.0.7",
            "10.0.0.7:80",
            "[::1]",
            "[::1]:8080",
            "my_service",
        ] {
            assert!(is_host(host), "{host}");
        }
        for not in [
            "", "*", "*.", "a.*.b", "http://a", "a/b", "a:", "a:0", "a:+80", "a:65536", "a:b", "::1", "[::1",
            "[::1]:x", "a..b", "-a", "a b", "ä",
        ] {
            assert!(!is_host(not), "{not}");
        }
    }

    #[test]
    fn origins() {
        for origin in
            ["https://app.example.com", "http://localhost:6274", "vscode-webview://abc", "https://*.example.com"]
        {
            assert!(is_origin(origin), "{origin}");
        }
        for not in
            ["", "*", "null", "example.com", "https://", "https://a/", "https://a/b", "HTTPS://a", "://a", "1http://a"]
        {
            assert!(!is_origin(not), "{not}");
        }
    }
}
