//! An alert: its condition, how much it matters, and what it says.

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
