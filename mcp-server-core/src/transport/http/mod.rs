//! Streamable HTTP: an accept loop of our own, one endpoint, JSON replies that turn into event streams when needed
//! (basic/transports, Streamable HTTP).

mod accept;
mod access;
mod body;
mod client;
mod connection;
mod cors;
mod endpoint;
mod entrance;
mod events;
mod exchange;
mod form;
mod headers;
mod legacy;
mod link;
mod listener;
mod modern;
mod pair;
mod post;
mod receive;
mod response;
mod sse;
mod stream;
mod target;

pub(crate) use access::Access;
pub(crate) use connection::{ConnectionLimits, Connections, Draining, Guard, Inbound, Spare};
pub(crate) use endpoint::Endpoint;
pub(crate) use listener::Listener;
pub(crate) use pair::LEGACY_PATHS;
pub(crate) use settings::HttpSettings;

mod settings;
