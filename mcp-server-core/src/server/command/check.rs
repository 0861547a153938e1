//! The subcommand `check`: what a start would find, and the limits under which each tool runs.

use std::time::Duration;

use crate::server::config::unit::{show_duration, show_size};
use crate::server::config::{Config, Effective, SessionMode, Transport};

/// What holds for one tool, its own limits and the configuration's put together.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ToolProfile {
    /// The name.
    pub name: String,
    /// The name for people, if it has one.
    pub title: Option<String>,
    /// What it declares about its effects, such as `read-only`.
    pub effects: Vec<&'static str>,
    /// The scopes a caller needs.
    pub scopes: Vec<String>,
    /// Time of a call.
    pub timeout: Duration,
    /// Bytes of a result at most.
    pub max_result: u64,
    /// Calls at once at most; without one, the server's own limit holds alone.
    pub max_concurrency: Option<u32>,
    /// How it runs: `async`, `blocking` or `inline`.
    pub mode: &'static str,
    /// Whether it is served.
    pub enabled: bool,
    /// What known hosts will not like about its schemas.
    pub lints: Vec<String>,
}

impl ToolProfile {
    /// A tool that is served, with its limits and nothing else to say about it.
    pub fn new(name: impl Into<String>, mode: &'static str, timeout: Duration, max_result: u64) -> Self {
        Self {
            name: name.into(),
            title: None,
            effects: Vec::new(),
            scopes: Vec::new(),
            timeout,
            max_result,
            max_concurrency: None,
            mode,
            enabled: true,
            lints: Vec::new(),
        }
    }

    fn cells(&self) -> [String; 7] {
        let words = |words: String| if words.is_empty() { "-".to_owned() } else { words };
        [
            self.name.clone(),
            if self.enabled { self.mode.to_owned() } else { "disabled".to_owned() },
            show_duration(self.timeout),
            show_size(self.max_result),
            self.max_concurrency.map_or_else(|| "-".to_owned(), |count| count.to_string()),
            words(self.effects.join(",")),
            words(self.scopes.join(",")),
        ]
    }
}

/// The outcome of a check without faults: how the server would be reached, and a line for each tool.
pub fn show_check(effective: &Effective, store: &str, tools: &[ToolProfile]) -> String {
    let head_lines = [
        ("configuration", "ok"),
        ("endpoint", &endpoint(&effective.config)),
        ("access", &access(effective)),
        ("store", store),
    ];
    let mut lines: Vec<String> = head_lines.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    if let Some(sessions) = sessions(&effective.config) {
        lines.push(format!("sessions: {sessions}"));
    }
    lines.push(String::new());
    let head = ["tool", "mode", "timeout", "max_result", "max_concurrency", "effects", "scopes"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(head).chain(tools.iter().map(ToolProfile::cells)).collect();
    let mut widths = [0; 7];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let warnings = std::iter::once(&[][..]).chain(tools.iter().map(|tool| tool.lints.as_slice()));
    for (row, warnings) in rows.iter().zip(warnings) {
        let cells: Vec<_> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        lines.push(cells.join("  ").trim_end().to_owned());
        lines.extend(warnings.iter().map(|lint| format!("  {}", warning(lint))));
    }
    lines.join("\n") + "\n"
}

/// A finding as it stands here: the server starts and serves the tool, so that what a host refuses is a warning.
fn warning(lint: &str) -> String {
    lint.strip_prefix("error:").map_or_else(|| lint.to_owned(), |rest| format!("warning:{rest}"))
}

/// How the server is reached.
fn endpoint(config: &Config) -> String {
    match config.transport {
        Transport::Http => format!("http://{}{}", config.http.addr, config.http.path),
        Transport::Stdio => "stdio".to_owned(),
    }
}

/// What is to be said of legacy sessions that are not kept.
fn sessions(config: &Config) -> Option<&'static str> {
    if config.transport != Transport::Http || config.session.mode != SessionMode::Sealed {
        return None;
    }
    Some(if config.seal.keys.is_empty() {
        "sealed, none kept: no resumption, no questions to clients, no early end; without seal.keys they end with the store"
    } else {
        "sealed, none kept: no resumption, no questions to clients, no early end"
    })
}

/// Who is let in.
fn access(effective: &Effective) -> String {
    let config = &effective.config;
    match (config.transport, config.auth.keys.len()) {
        (Transport::Stdio, _) => "whoever starts the process".to_owned(),
        _ if effective.verified => "whom the program's own verifier accepts".to_owned(),
        (_, 0) if config.http.addr.ip().is_loopback() => "anybody on this machine".to_owned(),
        (_, 0) => "ANYBODY WHO REACHES THE ADDRESS".to_owned(),
        (_, 1) => "the holder of 1 bearer key".to_owned(),
        (_, keys) => format!("the holders of {keys} bearer keys"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Effective, SessionMode, ToolProfile, show_check};

    #[test]
    fn sessions_that_are_not_kept_are_told_of() {
        let mut effective = Effective::default();
        effective.config.session.mode = SessionMode::Sealed;
        let text = show_check(&effective, "memory:", &[]);
        assert!(text.contains("sessions: sealed, none kept") && text.contains("without seal.keys"), "{text}");
    }

    #[test]
    fn every_tool_has_its_line_and_its_warnings_under_it() {
        let mut search = ToolProfile::new("search_tickets", "async", Duration::from_secs(5), 65_536);
        search.effects = vec!["read-only"];
        search.scopes = vec!["tickets:read".to_owned()];
        search.max_concurrency = Some(8);
        search.lints =
            vec!["`/properties/a` has no type".to_owned(), "error: tool `search_tickets`: too deep".to_owned()];
        let mut close = ToolProfile::new("close", "blocking", Duration::from_secs(30), 262_144);
        close.enabled = false;
        let text = show_check(&Effective::default(), "memory:", &[search, close]);
        assert_eq!(
            text,
            "configuration: ok\nendpoint: http://127.0.0.1:8080/mcp\n\
             access: anybody on this machine\nstore: memory:\n\n\
             tool            mode      timeout  max_result  max_concurrency  effects    scopes\n\
             search_tickets  async     5s       64KiB       8                read-only  tickets:read\n\
             \x20 `/properties/a` has no type\n\
             \x20 warning: tool `search_tickets`: too deep\n\
             close           disabled  30s      256KiB      -                -          -\n"
        );
    }
}
