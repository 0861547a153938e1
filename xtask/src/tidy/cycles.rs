//! Rule: no cycle between modules: among the files and folders of each folder, uses go one way.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::finding::Finding;
use super::modules::Edge;

/// Neighbours of a folder: from one, to another, and the place that says so.
type Neighbours<'a> = BTreeMap<&'a str, BTreeMap<&'a str, &'a Edge>>;

/// Finds a shortest cycle through each knot of each folder.
pub(crate) fn check(edges: &[Edge], findings: &mut Vec<Finding>) {
    for (folder, neighbours) in folders(edges) {
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for start in neighbours.keys() {
            if told.contains(start) {
                continue;
            }
            if let Some(cycle) = shortest(&neighbours, start) {
                told.extend(cycle.iter().map(|(from, _, _)| *from));
                findings.push(finding(folder, &cycle));
            }
        }
    }
}

/// Sorts every edge into the folder in which its two ends part.
fn folders(edges: &[Edge]) -> BTreeMap<&[String], Neighbours<'_>> {
    let mut folders: BTreeMap<&[String], Neighbours<'_>> = BTreeMap::new();
    for edge in edges {
        let shared = edge.from.iter().zip(&edge.to).take_while(|(from, to)| from == to).count();
        // A file beside a folder of its own name stands in that folder as `self`.
        let from = edge.from.get(shared).map_or("self", String::as_str);
        let to = edge.to.get(shared).map_or("self", String::as_str);
        let folder = &edge.from[..shared];
        folders.entry(folder).or_default().entry(from).or_default().entry(to).or_insert(edge);
    }
    folders
}

/// A shortest way from a module back to itself.
fn shortest<'a>(neighbours: &Neighbours<'a>, start: &'a str) -> Option<Vec<(&'a str, &'a str, &'a Edge)>> {
    let mut came: BTreeMap<&str, (&'a str, &'a Edge)> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for (next, edge) in neighbours.get(at).into_iter().flatten() {
            if came.contains_key(next) {
                continue;
            }
            came.insert(next, (at, edge));
            if *next == start {
                return Some(back(&came, start));
            }
            queue.push_back(next);
        }
    }
    None
}

fn back<'a>(came: &BTreeMap<&str, (&'a str, &'a Edge)>, start: &'a str) -> Vec<(&'a str, &'a str, &'a Edge)> {
    let mut cycle = Vec::new();
    let mut at = start;
    while let Some((from, edge)) = came.get(at) {
        cycle.push((*from, at, *edge));
        at = from;
        if at == start {
            break;
        }
    }
    cycle.reverse();
    cycle
}

fn finding(folder: &[String], cycle: &[(&str, &str, &Edge)]) -> Finding {
    let place = if folder.is_empty() { "the crate".to_owned() } else { format!("`{}`", folder.join("::")) };
    let steps: Vec<String> = cycle
        .iter()
        .map(|(from, to, edge)| format!("{from} uses {to} ({}:{})", edge.file.display(), edge.line))
        .collect();
    let (_, _, first) = cycle[0];
    Finding::new(&first.file, first.line, format!("a cycle in {place}: {}", steps.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(edges: &[(&str, &str)]) -> Vec<String> {
        let path = |text: &str| text.split("::").map(str::to_owned).collect();
        let edges: Vec<Edge> = edges
            .iter()
            .map(|(from, to)| Edge { from: path(from), to: path(to), file: "a.rs".into(), line: 1 })
            .collect();
        let mut findings = Vec::new();
        check(&edges, &mut findings);
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_cycle_is_found_once_in_its_folder() {
        let found = findings(&[("tool::a", "tool::b"), ("tool::b", "tool::c"), ("tool::c", "tool::a")]);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("a cycle in `tool`: a uses b"), "{found:?}");
    }

    #[test]
    fn folders_count_as_a_whole() {
        assert_eq!(findings(&[("tool::result::rows", "tool::error"), ("tool::error", "tool::result::found")]).len(), 1);
        assert_eq!(findings(&[("tool::result::rows", "tool::error"), ("tool::error", "tool::kind")]).len(), 0);
    }
}
