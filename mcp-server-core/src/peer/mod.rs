//! Peers: the network address that a request came from, behind trusted proxies as well.

mod address;
mod forwarded;
mod proxies;

pub(crate) use address::Peer;
pub(crate) use proxies::{TrustedProxies, is_network};
