//! What comes instead of a response that the protocol knows.

/// What has no form.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Nothing came for too long.
    Hang(String),
    /// The connection broke after the response had begun.
    Cut(String),
    /// Something that no client can act on.
    Unstructured(String),
}
