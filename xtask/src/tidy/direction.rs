//! Rule: the rooms of the core stand along the corridor; an upper one may use a lower one, never back.

use std::path::Path;

use super::finding::Finding;
use super::modules::Edge;

/// The rooms from top to bottom.
const ROOMS: [&str; 16] = [
    "testing",
    "prelude",
    "server",
    "transport",
    "session",
    "auth",
    "dispatch",
    "guard",
    "task",
    "tool",
    "store",
    "telemetry",
    "protocol",
    "principal",
    "background",
    "peer",
];

/// Finds uses that go up the corridor, and rooms that have no place in it.
pub(crate) fn check(edges: &[Edge], findings: &mut Vec<Finding>) {
    for edge in edges {
        let (Some(from), Some(to)) = (edge.from.first(), edge.to.first()) else { continue };
        if from == to {
            continue;
        }
        let message = match (rank(from), rank(to)) {
            (None, _) => format!("the room `{from}` has no place in the corridor; give it one in xtask/src/tidy"),
            (_, None) => format!("the room `{to}` has no place in the corridor; give it one in xtask/src/tidy"),
            (Some(above), Some(below)) if above < below => continue,
            _ => format!("`{from}` may not use `{}`: it stands above it in the corridor", edge.to.join("::")),
        };
        findings.push(Finding::new(Path::new(&edge.file), edge.line, message));
    }
}

fn rank(room: &str) -> Option<usize> {
    ROOMS.iter().position(|name| *name == room)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(from: &str, to: &str) -> usize {
        let path = |text: &str| text.split("::").map(str::to_owned).collect();
        let edge = Edge { from: path(from), to: path(to), file: "a.rs".into(), line: 1 };
        let mut findings = Vec::new();
        check(&[edge], &mut findings);
        findings.len()
    }

    #[test]
    fn only_down_the_corridor() {
        assert_eq!(count("server::builder", "tool::definition"), 0);
        assert_eq!(count("tool::call", "tool::error"), 0);
        assert_eq!(count("protocol::json", "tool::error"), 1);
        assert_eq!(count("cellar::x", "tool::error"), 1);
    }
}
