//! How a collector takes what it is sent.

/// How a collector behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// It takes what it is sent.
    #[default]
    Well,
    /// It says that it cannot: 500, or UNAVAILABLE.
    Refusing,
    /// It never answers.
    Silent,
}
