//! What a message came over, in the words of the conventions.

/// What a message came over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Wire {
    /// The pipe to a parent process.
    Stdio,
    /// HTTP.
    Http,
    /// HTTP+SSE of 2024-11-05.
    Pair,
    /// Nothing: the work of a task.
    Task,
}

impl Wire {
    /// The word for logs.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Stdio => "stdio",
            Self::Http => "http",
            Self::Pair => "http+sse",
            Self::Task => "task",
        }
    }

    /// `network.transport`.
    pub(crate) const fn transport(self) -> Option<&'static str> {
        match self {
            Self::Stdio => Some("pipe"),
            Self::Http | Self::Pair => Some("tcp"),
            Self::Task => None,
        }
    }

    /// `network.protocol.name`.
    pub(crate) const fn protocol(self) -> Option<&'static str> {
        match self {
            Self::Http | Self::Pair => Some("http"),
            Self::Stdio | Self::Task => None,
        }
    }
}
