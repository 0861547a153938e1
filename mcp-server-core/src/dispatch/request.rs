//! A request on its way to its handler: decoded, its caller known.

use std::sync::Arc;

use http::HeaderMap;

use super::service::Service;
use crate::protocol::jsonrpc::Request;
use crate::protocol::meta::Meta;
use crate::protocol::{Method, Params, RequestId};
use crate::tool::Caller;

/// A request, everything that was read of it, and who sent it.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) service: Arc<Service>,
    pub(crate) request: &'a Request,
    pub(crate) params: &'a Params<'a>,
    pub(crate) meta: &'a Meta<'a>,
    pub(crate) caller: Caller,
    /// The headers that came with it, where a transport has them.
    pub(crate) headers: Option<&'a HeaderMap>,
}

impl Asked<'_> {
    pub(crate) fn id(&self) -> &RequestId {
        &self.request.id
    }

    pub(crate) fn method(&self) -> &Method {
        &self.request.method
    }
}
