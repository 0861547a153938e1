//! Hosts: the programs and model interfaces that tools are shown to.

use std::fmt;
use std::str::FromStr;

/// A host that is known to refuse, cut or change what a server publishes.
///
/// ```
/// use mcp_server_core::tool::lint::Host;
///
/// assert_eq!("vscode".parse(), Ok(Host::VsCode));
/// assert_eq!(Host::OpenAi.name(), "openai");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Host {
    /// `OpenAI`'s interfaces, functions without `strict`.
    OpenAi,
    /// `OpenAI`'s interfaces, functions with `strict: true`.
    OpenAiStrict,
    /// Google's Gemini interface and its Python client.
    Gemini,
    /// Anthropic's interface, Claude Code and the Claude apps.
    Claude,
    /// `OpenAI`'s Codex.
    Codex,
    /// Visual Studio Code.
    VsCode,
    /// Cursor.
    Cursor,
}

impl Host {
    /// Every host.
    pub const ALL: [Self; 7] =
        [Self::OpenAi, Self::OpenAiStrict, Self::Gemini, Self::Claude, Self::Codex, Self::VsCode, Self::Cursor];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::OpenAiStrict => "openai-strict",
            Self::Gemini => "gemini",
            Self::Claude => "claude",
            Self::Codex => "codex",
            Self::VsCode => "vscode",
            Self::Cursor => "cursor",
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OpenAi => "OpenAI",
            Self::OpenAiStrict => "OpenAI strict",
            Self::Gemini => "Gemini",
            Self::Claude => "Claude",
            Self::Codex => "Codex",
            Self::VsCode => "VS Code",
            Self::Cursor => "Cursor",
        })
    }
}

impl FromStr for Host {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|host| host.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("unknown host `{name}`: use one of {names}")
        })
    }
}
