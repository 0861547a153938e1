//! Trusted proxies: whose word counts for where a request came from.

use std::net::IpAddr;

use http::HeaderMap;

use super::address::Peer;
use super::forwarded;

/// The proxies whose `Forwarded` and `X-Forwarded-For` headers are believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TrustedProxies(Box<[Network]>);

/// A range of addresses: the leading bits that its members share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    prefix: u8,
}

impl TrustedProxies {
    /// The proxies of a list of addresses and networks, such as `10.0.0.7` and `10.0.0.0/8`. The configuration was
    /// checked: an entry that is neither is left out.
    pub(crate) fn new(entries: &[String]) -> Self {
        Self(entries.iter().filter_map(|entry| Network::parse(entry)).collect())
    }

    /// Whether an address is one of them.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(address))
    }

    /// The peer of a request that arrived from an address: the nearest hop that is no trusted proxy.
    ///
    /// A chain is followed from the server outwards, as each proxy vouches only for the hop that it saw itself. Where a
    /// hop cannot be read, or where the two headers name different peers, the last proxy is the peer: a client may have
    /// sent the header that its proxy does not set.
    pub(crate) fn peer(&self, arrived_from: IpAddr, headers: &HeaderMap) -> Peer {
        if self.0.is_empty() || !self.contains(arrived_from) {
            return Peer::new(arrived_from);
        }
        let standard = forwarded::standard(headers).map(|hops| self.outermost(arrived_from, &hops));
        let de_facto = forwarded::de_facto(headers).map(|hops| self.outermost(arrived_from, &hops));
        match (standard, de_facto) {
            (Some(one), Some(other)) if one != other => Peer::new(arrived_from),
            (Some(peer), _) | (None, Some(peer)) => peer,
            (None, None) => Peer::new(arrived_from),
        }
    }

    fn outermost(&self, arrived_from: IpAddr, hops: &[forwarded::Hop]) -> Peer {
        let mut last = arrived_from;
        for hop in hops {
            let Some(address) = hop else { break };
            last = *address;
            if !self.contains(last) {
                break;
            }
        }
        Peer::new(last)
    }
}

impl Network {
    /// An address, or an address and the number of its leading bits (RFC 4632 section 3.1).
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(prefix) if prefix.bytes().all(|byte| byte.is_ascii_digit()) => prefix.parse().ok()?,
            Some(_) => return None,
            None => most,
        };
        (prefix <= most).then_some(Self { address, prefix })
    }

    fn contains(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differs = u64::from(own.to_bits() ^ other.to_bits());
                differs >> (32 - self.prefix) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differs = own.to_bits() ^ other.to_bits();
                differs.checked_shr(128 - u32::from(self.prefix)).is_none_or(|bits| bits == 0)
            }
            _ => false,
        }
    }
}

/// Whether a text is an address or a network, as `http.trusted_proxies` lists them.
pub(crate) fn is_network(text: &str) -> bool {
    Network::parse(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(entries: &[&str]) -> TrustedProxies {
        TrustedProxies::new(&entries.iter().map(|entry| (*entry).to_owned()).collect::<Vec<_>>())
    }

    fn peer(proxies: &TrustedProxies, from: &str, headers: &[(&'static str, &str)]) -> String {
        let headers: HeaderMap =
            headers.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())).collect();
        proxies.peer(from.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn networks() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.1.2", "11.0.0.1"),
            ("10.1.2.3", "10.1.2.3", "10.1.2.4"),
            ("0.0.0.0/0", "203.0.113.9", "2001:db8::1"),
            ("192.0.2.128/25", "192.0.2.200", "192.0.2.127"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
            ("::1", "::1", "::2"),
            ("::/0", "2001:db8::1", "192.0.2.1"),
        ] {
            let network = proxies(&[network]);
            assert!(network.contains(inside.parse().unwrap()), "{network:?} {inside}");
            assert!(!network.contains(outside.parse().unwrap()), "{network:?} {outside}");
        }
        assert!(proxies(&["10.0.0.0/8"]).contains("::ffff:10.0.0.1".parse().unwrap()), "mapped into IPv6");
        for not in ["", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "::/129", "localhost", "10.0.0.0/8/8", "[::1]"] {
            assert!(!is_network(not), "{not}");
        }
    }

    #[test]
    fn headers_of_strangers_are_not_believed() {
        let header = [("x-forwarded-for", "203.0.113.9"), ("forwarded", "for=203.0.113.9")];
        assert_eq!(peer(&TrustedProxies::default(), "10.0.0.1", &header), "10.0.0.1");
        assert_eq!(peer(&proxies(&["10.0.0.2"]), "10.0.0.1", &header), "10.0.0.1");
        assert_eq!(peer(&proxies(&["10.0.0.1"]), "10.0.0.1", &header), "203.0.113.9");
    }

    /// What a client writes before its proxy does changes nothing.
    #[test]
    fn the_nearest_hop_that_is_no_proxy_counts() {
        let two = proxies(&["10.0.0.0/8"]);
        let chain = [("x-forwarded-for", "1.2.3.4, 198.51.100.7, 10.0.0.9")];
        assert_eq!(peer(&two, "10.0.0.1", &chain), "198.51.100.7");
        let hidden = [("forwarded", "for=198.51.100.7, for=_gateway, for=10.0.0.9")];
        assert_eq!(peer(&two, "10.0.0.1", &hidden), "10.0.0.9");
        assert_eq!(peer(&two, "10.0.0.1", &[("x-forwarded-for", "10.0.0.7")]), "10.0.0.7");
        assert_eq!(peer(&two, "10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn two_headers_that_differ_are_both_ignored() {
        let one = proxies(&["10.0.0.1"]);
        let differing = [("x-forwarded-for", "198.51.100.7"), ("forwarded", "for=1.2.3.4")];
        assert_eq!(peer(&one, "10.0.0.1", &differing), "10.0.0.1");
        let equal = [("x-forwarded-for", "198.51.100.7"), ("forwarded", "for=198.51.100.7")];
        assert_eq!(peer(&one, "10.0.0.1", &equal), "198.51.100.7");
    }
}
