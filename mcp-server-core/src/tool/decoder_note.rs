//! Notes of decoders: what one does that its schema does not say.

/// A difference between a decoder and its schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecoderNote {
    /// Where in a value, as a JSON pointer.
    pub(crate) pointer: String,
    /// What the decoder does.
    pub(crate) what: String,
    /// What to do.
    pub(crate) remedy: &'static str,
}
