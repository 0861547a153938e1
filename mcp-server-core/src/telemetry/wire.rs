//! What a message came over, in the words of the conventions.

use http::Version;

use super::semconv;

/// What a message came over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Wire {
    /// The pipe to a parent process.
    Stdio,
    /// HTTP.
    Http(Version),
    /// HTTP+SSE of 2024-11-05.
    Pair(Version),
    /// Nothing: the work of a task.
    Task,
}

impl Wire {
    /// The word for logs.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Stdio => "stdio",
            Self::Http(_) => "http",
            Self::Pair(_) => "http+sse",
            Self::Task => "task",
        }
    }

    /// `network.transport`.
    pub(crate) const fn transport(self) -> Option<&'static str> {
        match self {
            Self::Stdio => Some("pipe"),
            Self::Http(_) | Self::Pair(_) => Some("tcp"),
            Self::Task => None,
        }
    }

    /// `network.protocol.name`.
    pub(crate) const fn protocol(self) -> Option<&'static str> {
        match self {
            Self::Http(_) | Self::Pair(_) => Some(semconv::HTTP),
            Self::Stdio | Self::Task => None,
        }
    }

    /// `network.protocol.version`.
    pub(crate) fn version(self) -> Option<&'static str> {
        match self {
            Self::Http(version) | Self::Pair(version) => match version {
                Version::HTTP_10 => Some("1.0"),
                Version::HTTP_11 => Some("1.1"),
                Version::HTTP_2 => Some("2"),
                _ => None,
            },
            Self::Stdio | Self::Task => None,
        }
    }
}
