//! An alert: its condition, how much it matters, and what it says.

use super::{process, requests, results, tools};

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dashboards) enum Severity {
    /// Somebody is woken.
    Critical,
    /// Somebody looks today.
    Warning,
    /// Good to know.
    Info,
}

impl Severity {
    /// The value of the label.
    pub(in crate::dashboards) const fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// An alert.
#[derive(Clone, Debug)]
pub(in crate::dashboards) struct Alert {
    /// Begins with `McpServer`, as all do.
    pub(in crate::dashboards) name: &'static str,
    pub(in crate::dashboards) severity: Severity,
    /// For how long the condition holds before it fires.
    pub(in crate::dashboards) holds: &'static str,
    /// A line each of the condition.
    pub(in crate::dashboards) condition: Vec<String>,
    /// One sentence that is the same for every instance of it.
    pub(in crate::dashboards) summary: &'static str,
    /// What this instance of it is about, as a template.
    pub(in crate::dashboards) description: &'static str,
}

/// All of them, in groups.
///
/// `objective` is the share of calls, in percent, that are to succeed.
pub(in crate::dashboards) fn all(objective: f64) -> Vec<(&'static str, Vec<Alert>)> {
    vec![
        ("mcp-server-tools", tools::alerts(objective)),
        ("mcp-server-quality", results::alerts()),
        ("mcp-server-requests", requests::alerts()),
        ("mcp-server-process", process::alerts()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_begin_alike_and_summaries_are_sentences_without_values() {
        for alert in all(99.0).into_iter().flat_map(|(_, alerts)| alerts) {
            assert!(alert.name.starts_with("McpServer"), "{}", alert.name);
            assert!(alert.name.chars().all(char::is_alphanumeric), "{}", alert.name);
            assert!(alert.summary.ends_with('.') && !alert.summary.contains("{{"), "{}", alert.name);
            assert!(alert.description.contains("{{ $labels.job }}"), "{}: whose is it?", alert.name);
        }
    }
}
