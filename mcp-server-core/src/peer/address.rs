//! The address as quotas count it.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// The bits of an IPv6 address that name a network. One host usually has all addresses of a /64 (RFC 4291 section 2.5.4).
const NETWORK: u128 = !0 << 64;

/// The address of a client as quotas count it: an IPv4 address, or the /64 network of an IPv6 address.
///
/// A peer is 17 bytes and `Copy`. It is a key for quotas, not an identity: many clients may share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Peer(IpAddr);

impl Peer {
    /// The peer of an address. An IPv4 address that is mapped into IPv6 is the IPv4 address.
    pub(crate) fn new(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & NETWORK).into(),
            address @ IpAddr::V4(_) => address,
        })
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(network) => write!(f, "{network}/64"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(address: &str) -> Peer {
        Peer::new(address.parse().unwrap())
    }

    #[test]
    fn addresses_of_one_host_are_one_peer() {
        assert_eq!(peer("2001:db8::1"), peer("2001:db8::ffff:1:2:3"));
        assert_ne!(peer("2001:db8::1"), peer("2001:db8:0:1::1"));
        assert_eq!(peer("::ffff:192.0.2.7"), peer("192.0.2.7"));
        assert_ne!(peer("192.0.2.7"), peer("192.0.2.8"));
    }

    #[test]
    fn a_peer_is_written_as_what_it_counts() {
        assert_eq!(peer("192.0.2.7").to_string(), "192.0.2.7");
        assert_eq!(peer("2001:db8::1").to_string(), "2001:db8::/64");
    }
}
