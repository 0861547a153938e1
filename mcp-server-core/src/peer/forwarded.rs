//! `Forwarded` (RFC 7239) and `X-Forwarded-For`: the addresses that proxies wrote down.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::header::FORWARDED;
use http::{HeaderMap, HeaderName};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// The number of hops that are read. A longer chain is the client's invention.
const MAX_HOPS: usize = 16;

/// One hop, as far as it can be read: an obfuscated or unknown node (RFC 7239 section 6) is `None`.
pub(super) type Hop = Option<IpAddr>;

/// The hops of `Forwarded`, the nearest first; `None` without the header.
pub(super) fn standard(headers: &HeaderMap) -> Option<Vec<Hop>> {
    hops(headers, &FORWARDED, |element| {
        let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
        let node = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for")).map(|(_, node)| node).next()?;
        node_address(node.trim().trim_matches('"'))
    })
}

/// The hops of `X-Forwarded-For`, the nearest first; `None` without the header.
pub(super) fn de_facto(headers: &HeaderMap) -> Option<Vec<Hop>> {
    hops(headers, &X_FORWARDED_FOR, |element| node_address(element.trim()))
}

fn hops(headers: &HeaderMap, name: &HeaderName, read: impl Fn(&str) -> Hop) -> Option<Vec<Hop>> {
    let lines: Vec<_> = headers.get_all(name).iter().collect();
    if lines.is_empty() {
        return None;
    }
    // Several lines are one list (RFC 9110 section 5.3). A line that is no text hides what stands before it.
    let mut hops = Vec::new();
    for line in lines.iter().rev() {
        let Ok(line) = line.to_str() else {
            hops.push(None);
            break;
        };
        hops.extend(line.rsplit(',').map(&read));
        if hops.len() >= MAX_HOPS {
            hops.truncate(MAX_HOPS);
            break;
        }
    }
    Some(hops)
}

/// `192.0.2.7`, `192.0.2.7:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`.
fn node_address(node: &str) -> Hop {
    let bare = || node.parse::<IpAddr>().ok();
    let bracketed = || node.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    let with_port = || node.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare().or_else(bracketed).or_else(with_port).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &HeaderName, lines: &[&str]) -> Vec<String> {
        let headers: HeaderMap = lines.iter().map(|line| (name.clone(), line.parse().unwrap())).collect();
        let hops = if *name == FORWARDED { standard(&headers) } else { de_facto(&headers) };
        let shown = |hop: &Hop| hop.map_or_else(|| "?".to_owned(), |address| address.to_string());
        hops.unwrap_or_default().iter().map(shown).collect()
    }

    #[test]
    fn the_standard_header_is_read_from_its_end() {
        let lines =
            [r#"for=192.0.2.60;proto=http;by=203.0.113.43, For="[2001:db8:cafe::17]:4711""#, "for=198.51.100.17"];
        assert_eq!(read(&FORWARDED, &lines), ["198.51.100.17", "2001:db8:cafe::17", "192.0.2.60"]);
        assert_eq!(read(&FORWARDED, &["for=unknown, for=_hidden, proto=https"]), ["?", "?", "?"]);
    }

    #[test]
    fn the_de_facto_header_is_read_with_and_without_ports() {
        let line = "10.0.0.1, [2001:db8::1]:80 ,192.0.2.1:443,::1, x";
        assert_eq!(read(&X_FORWARDED_FOR, &[line]), ["?", "::1", "192.0.2.1", "2001:db8::1", "10.0.0.1"]);
        assert_eq!(read(&X_FORWARDED_FOR, &[]), Vec::<String>::new());
        assert_eq!(read(&X_FORWARDED_FOR, &["1.1.1.1,".repeat(1000).as_str()]).len(), MAX_HOPS);
    }
}
