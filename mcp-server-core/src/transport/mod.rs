//! Moving bytes: framing, headers, streams, limits of size. No tool and no method is known here.

pub(crate) mod http;
pub(crate) mod stdio;
