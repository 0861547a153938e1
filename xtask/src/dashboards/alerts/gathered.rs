//! All alerts, in groups.

use super::alert::Alert;
use super::{process, requests, results, tools};

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
