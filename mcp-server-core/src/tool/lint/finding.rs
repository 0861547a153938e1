//! Findings: one thing about one tool that its author should know.

use std::fmt;

use super::host::Host;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// The tool works and could be understood better.
    Advice,
    /// A host leaves something out, changes it, or takes it wrongly.
    Warning,
    /// A host refuses the tool, or all tools together with it.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Advice => "advice",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// One thing about one tool, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The tool.
    pub tool: String,
    /// Where in the tool's line of `tools/list`, as a JSON pointer.
    pub pointer: String,
    /// The rule, as a stable name.
    pub rule: &'static str,
    /// What is there.
    pub what: String,
    /// Which hosts mind; empty if it is the model or the author who does.
    pub hosts: &'static [Host],
    /// What to do.
    pub remedy: &'static str,
    /// How bad it is.
    pub severity: Severity,
}

impl Finding {
    /// Whether it is of interest for a host: the host minds, or every model does.
    pub fn concerns(&self, host: Host) -> bool {
        self.hosts.is_empty() || self.hosts.contains(&host)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: tool `{}`, `{}`: {}", self.severity, self.tool, self.pointer, self.what)?;
        if !self.hosts.is_empty() {
            let names: Vec<String> = self.hosts.iter().map(ToString::to_string).collect();
            write!(f, " ({})", names.join(", "))?;
        }
        write!(f, "; {} [{}]", self.remedy, self.rule)
    }
}
