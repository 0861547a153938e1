//! The protocol revisions that are served, and what each of them can carry.

use std::fmt;

/// A dated revision of the Model Context Protocol.
///
/// The revisions up to 2025-11-25 are the legacy era (`initialize` opens a session); 2026-07-28 is the modern era,
/// where every request stands alone and names its revision in `_meta` (basic/versioning).
///
/// ```
/// use mcp_server_core::protocol::Revision;
/// assert_eq!(Revision::parse("2025-06-18"), Some(Revision::V2025_06_18));
/// assert_eq!(Revision::parse("2099-01-01"), None);
/// assert!(Revision::V2026_07_28.is_modern());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Revision {
    /// 2024-11-05: the first one, with the HTTP+SSE transport.
    V2024_11_05,
    /// 2025-03-26: Streamable HTTP, batches, tool annotations, audio.
    V2025_03_26,
    /// 2025-06-18: structured results, elicitation, resource links; no batches any more.
    V2025_06_18,
    /// 2025-11-25: icons, URL elicitation, streams that may be polled.
    V2025_11_25,
    /// 2026-07-28: stateless; the first of the modern era.
    V2026_07_28,
}

impl Revision {
    /// Every revision that is served, oldest first.
    pub const ALL: [Self; 5] =
        [Self::V2024_11_05, Self::V2025_03_26, Self::V2025_06_18, Self::V2025_11_25, Self::V2026_07_28];

    /// The newest revision that `initialize` can open (basic/lifecycle of 2025-11-25).
    pub const NEWEST_LEGACY: Self = Self::V2025_11_25;

    /// The revisions that a request reaches through `_meta`: what `server/discover` lists.
    pub const MODERN: [Self; 1] = [Self::V2026_07_28];

    /// Looks a version string up. Versions are opaque names: an unknown one is never guessed at.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|revision| revision.as_str() == text)
    }

    /// The revision as it is written on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2024_11_05 => "2024-11-05",
            Self::V2025_03_26 => "2025-03-26",
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2026_07_28 => "2026-07-28",
        }
    }

    /// Whether requests are stateless and carry their revision in `_meta`.
    pub const fn is_modern(self) -> bool {
        matches!(self, Self::V2026_07_28)
    }

    /// Whether a JSON-RPC batch is to be accepted: in one revision alone.
    pub const fn has_batches(self) -> bool {
        matches!(self, Self::V2025_03_26)
    }

    /// Whether tools carry annotations, results audio, and progress a message.
    pub const fn has_annotations(self) -> bool {
        !matches!(self, Self::V2024_11_05)
    }

    /// Whether `outputSchema`, `structuredContent`, `title` and `resource_link` exist.
    pub const fn has_structured(self) -> bool {
        !matches!(self, Self::V2024_11_05 | Self::V2025_03_26)
    }

    /// Whether a session has tasks; modern requests declare them as an extension instead.
    pub const fn has_session_tasks(self) -> bool {
        matches!(self, Self::V2025_11_25)
    }

    /// Whether `icons`, URL elicitation and primed, pollable event streams exist.
    pub const fn has_polling(self) -> bool {
        matches!(self, Self::V2025_11_25 | Self::V2026_07_28)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
