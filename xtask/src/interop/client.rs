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
    /// The TypeScript client, version 2, against every kind of type.
    TypesTypescript2,
    /// The TypeScript SDK, version 1, against every kind of type.
    TypesTypescript1,
    /// The Python SDK, version 2, against every kind of type.
    TypesPython2,
    /// The Python SDK, version 1, against every kind of type.
    TypesPython1,
    /// The converters of google-genai, openai-agents and langchain-mcp-adapters, against every kind of type.
    Hosts,
}

/// The server that a client is tried with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Against {
    /// The example with everything.
    Everything,
    /// The server with every kind of type.
    Corpus,
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
/// What a client shows of tools that take and return every kind of type.
const TYPES: &[&str] = &["list", "call"];
const TYPES_AND_FORM: &[&str] = &["list", "call", "form"];
const CONVERTERS: &[&str] = &["google_genai", "openai_agents", "openai_agents_strict", "langchain"];
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
            Self::TypesTypescript2 => "types: typescript client 2",
            Self::TypesTypescript1 => "types: typescript sdk 1",
            Self::TypesPython2 => "types: python 2",
            Self::TypesPython1 => "types: python 1",
            Self::Hosts => "types: hosts",
        }
    }

    /// The server that it is tried with.
    pub(crate) fn against(self) -> Against {
        match self {
            Self::Typescript2 | Self::Typescript1 | Self::Python2 | Self::Python1 | Self::Inspector => {
                Against::Everything
            }
            _ => Against::Corpus,
        }
    }

    /// The settings that the server needs for it.
    pub(crate) fn settings(self) -> &'static [&'static str] {
        match self {
            // google-genai fails on `additionalProperties: false`.
            Self::Hosts => &["schema.publish_additional_properties=false"],
            _ => &[],
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
            Self::TypesTypescript2 => "types-typescript-2.mjs",
            Self::TypesTypescript1 => "types-typescript-1.mjs",
            Self::TypesPython2 => "types_python_2.py",
            Self::TypesPython1 => "types_python_1.py",
            Self::Hosts => "hosts.py",
        }
    }

    /// The list of packages in `tests/clients`, for a client in Python.
    pub(crate) fn python(self) -> Option<&'static str> {
        match self {
            Self::Python2 | Self::TypesPython2 => Some("python-2"),
            Self::Python1 | Self::TypesPython1 => Some("python-1"),
            Self::Hosts => Some("python-hosts"),
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
            Self::TypesTypescript2 | Self::TypesPython2 => {
                vec![(Transport::Stdio, Era::Legacy), (Transport::Stdio, Era::Modern)]
            }
            Self::TypesTypescript1 | Self::TypesPython1 | Self::Hosts => vec![(Transport::Stdio, Era::Legacy)],
        }
    }

    /// What the client must show on each way: a check that never reports is a failure.
    pub(crate) fn checks(self) -> &'static [&'static str] {
        match self {
            Self::Inspector => ONE_REQUEST,
            Self::TypesTypescript2 | Self::TypesTypescript1 => TYPES_AND_FORM,
            Self::TypesPython2 | Self::TypesPython1 => TYPES,
            Self::Hosts => CONVERTERS,
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
