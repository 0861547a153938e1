//! The client at the other end of a connection, as handlers see it.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

use http::HeaderMap;

use super::connection::Activity;
use super::endpoint::Endpoint;
use crate::peer::Peer;
use crate::principal::Principal;

/// One connection to the endpoint: everything that its requests share. It dereferences to the [`Endpoint`].
#[derive(Debug)]
pub(super) struct ClientConnection {
    endpoint: Arc<Endpoint>,
    address: IpAddr,
    activity: Arc<Activity>,
    peer: Peer,
    /// What requests without credentials are, if no proxy stands between.
    anonymous: Principal,
}

impl ClientConnection {
    pub(super) fn new(endpoint: Arc<Endpoint>, address: IpAddr, activity: Arc<Activity>) -> Self {
        let peer = Peer::new(address);
        let anonymous = endpoint.access().anonymous().counted_by(peer);
        Self { endpoint, address, activity, peer, anonymous }
    }

    /// The peer that a request came from, by the word of trusted proxies if one stands between.
    pub(super) fn peer(&self, headers: &HeaderMap) -> Peer {
        self.endpoint.settings().trusted_proxies.peer(self.address, headers)
    }

    /// Whether the client has closed its side for a while: it waits for the answer, or is gone.
    pub(super) fn is_gone_or_waits(&self) -> bool {
        self.activity.wants_probe()
    }

    /// The caller of a request without credentials.
    pub(super) fn anonymous(&self, peer: Peer) -> Principal {
        if peer == self.peer { self.anonymous.clone() } else { self.endpoint.access().anonymous().counted_by(peer) }
    }
}

impl Deref for ClientConnection {
    type Target = Arc<Endpoint>;

    fn deref(&self) -> &Arc<Endpoint> {
        &self.endpoint
    }
}
