//! Sides: whether a schema is read on the way in or on the way out.

/// Which way a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// From the client: what is optional is left out.
    Input,
    /// To the client: what is `None` is written as `null` unless the author skips it.
    Output,
}
