//! The clients of others, and what each of them must show.

use clap::ValueEnum;

/// A client that a person may really have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Client {
    /// The TypeScript client, version 2.
    Typescript2,
    /// The TypeScript SDK, version 1.
    Typescript1,
    /// The Python SDK, version 2.
    Python2,
    /// The Python SDK, version 1.
    Python1,
    /// The Inspector's command line.
    Inspector,
}

/// How a client reaches the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// The server is a child of the client.
    Stdio,
    /// Streamable HTTP.
    Http,
    /// HTTP with SSE of revision 2024-11-05.
    Sse,
}

/// Which family of revisions a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Era {
    /// 2026-07-28.
    Modern,
    /// Up to 2025-11-25.
    Legacy,
}

const ALL_CHECKS: &[&str] = &["list", "call", "validation", "elicit", "progress", "cancel", "subscribe"];
/// The Inspector's command line makes one request and ends: there is nobody to ask, and nothing to wait for.
const ONE_REQUEST: &[&str] = &["list", "call", "validation", "resource", "prompt"];

impl Client {
    /// The name that a person reads.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Typescript2 => "typescript client 2",
            Self::Typescript1 => "typescript sdk 1",
            Self::Python2 => "python 2",
            Self::Python1 => "python 1",
            Self::Inspector => "inspector",
        }
    }

    /// The script in `tests/clients`.
    pub(crate) fn script(self) -> &'static str {
        match self {
            Self::Typescript2 => "typescript-2.mjs",
            Self::Typescript1 => "typescript-1.mjs",
            Self::Python2 => "python_2.py",
            Self::Python1 => "python_1.py",
            Self::Inspector => "inspector.mjs",
        }
    }

    /// The list of packages in `tests/clients`, for a client in Python.
    pub(crate) fn python(self) -> Option<&'static str> {
        match self {
            Self::Python2 => Some("python-2"),
            Self::Python1 => Some("python-1"),
            _ => None,
        }
    }

    /// The ways in which this client is tried.
    pub(crate) fn ways(self) -> Vec<(Transport, Era)> {
        let legacy = [(Transport::Stdio, Era::Legacy), (Transport::Http, Era::Legacy)];
        let modern = [(Transport::Stdio, Era::Modern), (Transport::Http, Era::Modern)];
        match self {
            Self::Typescript2 | Self::Python2 | Self::Inspector => [legacy, modern].concat(),
            Self::Typescript1 => [&legacy[..], &[(Transport::Sse, Era::Legacy)]].concat(),
            Self::Python1 => legacy.to_vec(),
        }
    }

    /// What the client must show on each way: a check that never reports is a failure.
    pub(crate) fn checks(self) -> &'static [&'static str] {
        match self {
            Self::Inspector => ONE_REQUEST,
            _ => ALL_CHECKS,
        }
    }
}

impl Transport {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Stdio => "stdio",
            Self::Http => "http",
            Self::Sse => "sse",
        }
    }
}

impl Era {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Modern => "modern",
            Self::Legacy => "legacy",
        }
    }
}
