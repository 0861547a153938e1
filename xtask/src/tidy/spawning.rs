//! Rule: tasks and threads are started in the one module that names, counts and bounds them, and channels are bounded.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, ExprPath, ImplItemFn, Item, ItemFn, ItemMod, Path, UseTree};

use super::finding::Finding;
use super::source::Source;
use super::test_code::{attributes, is_cfg_test};

/// The module that starts everything.
const MODULE: &str = "background";

/// The rules that every engine must keep. They are public, so they are no `#[cfg(test)]` code, but only the tests of an
/// engine run them: no server does, so there is nobody who would look at their count.
const TEST_SUPPORT: [&str; 2] = ["store", "contract"];

/// The ends of paths that are rejected, and what to use.
const REJECTED: [(&[&str], &str); 15] = [
    (&["tokio", "spawn"], STARTS),
    (&["task", "spawn"], STARTS),
    (&["task", "spawn_blocking"], STARTS),
    (&["task", "spawn_local"], STARTS),
    (&["Handle", "current"], STARTS),
    (&["Handle", "try_current"], STARTS),
    (&["thread", "spawn"], STARTS),
    // Brought in by its name, or used by its path.
    (&["thread", "Builder"], STARTS),
    (&["thread", "Builder", "new"], STARTS),
    (&["mpsc", "unbounded_channel"], BOUNDS),
    (&["unbounded_channel"], BOUNDS),
    (&["UnboundedSender"], BOUNDS),
    (&["sync", "mpsc", "channel"], BOUNDS),
    (&["channel", "unbounded"], BOUNDS),
    (&["mpsc", "unbounded"], BOUNDS),
];

const STARTS: &str = "starts or reaches a task that nobody counts; use `crate::background`";
const BOUNDS: &str = "makes a channel without a bound; use a bounded one";

/// Finds them in the code of the core and of the examples that is not for tests.
pub(crate) fn check(source: &Source, findings: &mut Vec<Finding>) {
    let is_core = source.package == "mcp-server-core";
    let is_checked = is_core || source.package.starts_with("examples/");
    let is_below = |place: &[&str]| {
        source.module.len() >= place.len() && source.module.iter().zip(place).all(|(module, name)| module == name)
    };
    let is_exempt = is_core && (is_below(&[MODULE]) || is_below(&TEST_SUPPORT));
    if !is_checked || is_exempt || source.test_only {
        return;
    }
    let mut uses = Uses { source, findings, is_core };
    for item in &source.syntax.items {
        if !attributes(item).iter().any(is_cfg_test) {
            uses.visit_item(item);
        }
    }
}

struct Uses<'a> {
    source: &'a Source,
    findings: &'a mut Vec<Finding>,
    is_core: bool,
}

impl Uses<'_> {
    fn path(&mut self, segments: &[String], line: usize) {
        // Both tokio and the standard library have an `mpsc::channel`; only the one without a bound takes nothing, and
        // it is known by its path.
        let is_standard = |segments: &[String]| segments.first().is_some_and(|first| first == "std");
        for (end, why) in REJECTED {
            let is_end = segments.len() >= end.len()
                && segments[segments.len() - end.len()..]
                    .iter()
                    .zip(end)
                    .all(|(segment, end)| segment.as_str() == *end);
            if !is_end || (*end == ["sync", "mpsc", "channel"] && !is_standard(segments)) {
                continue;
            }
            // An example has no module for it; what it starts is its own. Its channels are bounded.
            if why == STARTS && !self.is_core {
                continue;
            }
            self.findings.push(Finding::new(&self.source.path, line, format!("`{}` {why}", end.join("::"))));
            return;
        }
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| is_cfg_test(attribute) || attribute.path().is_ident("test"))
}

impl<'ast> Visit<'ast> for Uses<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if !is_test(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        if !is_test(&function.attrs) {
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        if !is_test(&function.attrs) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_expr_path(&mut self, path: &'ast ExprPath) {
        self.path(&segments(&path.path), path.span().start().line);
        visit::visit_expr_path(self, path);
    }

    fn visit_use_tree(&mut self, tree: &'ast UseTree) {
        let line = tree.span().start().line;
        let mut all = Vec::new();
        leaves(tree, &mut Vec::new(), &mut all);
        for path in all {
            self.path(&path, line);
        }
    }
}

fn segments(path: &Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

/// Every path that a `use` brings in, under the name that it has there.
fn leaves(tree: &UseTree, before: &mut Vec<String>, all: &mut Vec<Vec<String>>) {
    let mut leaf = |name: String| all.push(before.iter().cloned().chain([name]).collect());
    match tree {
        UseTree::Name(name) => leaf(name.ident.to_string()),
        UseTree::Rename(name) => leaf(name.ident.to_string()),
        UseTree::Glob(_) => {}
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            leaves(&path.tree, before, all);
            before.pop();
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, before, all)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        let source = Source::parse(std::path::Path::new(path), text.to_owned()).unwrap().unwrap();
        let mut findings = Vec::new();
        check(&source, &mut findings);
        findings.len()
    }

    #[test]
    fn what_nobody_counts_is_found_wherever_it_stands() {
        for text in [
            "fn a() { tokio::spawn(async {}); }",
            "use tokio::spawn; fn a() {}",
            "use tokio::{sync::mpsc, task::{spawn_blocking as run}};",
            "impl A { fn a() { let f = tokio::task::spawn_blocking; } }",
            "impl Drop for A { fn drop(&mut self) { if let Ok(r) = tokio::runtime::Handle::try_current() {} } }",
            "fn a() { std::thread::Builder::new().spawn(|| {}); }",
            "fn a() { std::thread::spawn(|| {}); }",
            "fn a() { let (s, r) = tokio::sync::mpsc::unbounded_channel::<u8>(); }",
            "use std::sync::mpsc::channel;",
            "use futures_channel::mpsc::unbounded;",
        ] {
            assert_eq!(count("mcp-server-core/src/tool/a.rs", text), 1, "{text}");
        }
    }

    #[test]
    fn tests_the_module_itself_and_bounded_channels_are_not() {
        let spawn = "fn a() { tokio::spawn(async {}); }";
        assert_eq!(count("mcp-server-core/src/background/start.rs", spawn), 0);
        assert_eq!(count("mcp-server-core/src/store/contract/log.rs", spawn), 0);
        assert_eq!(count("mcp-server-core/src/store/log.rs", spawn), 1);
        assert_eq!(count("xtask/src/a.rs", spawn), 0);
        for text in [
            "#[cfg(test)] mod tests { fn a() { tokio::spawn(async {}); } }",
            "fn a() { let (s, r) = tokio::sync::mpsc::channel::<u8>(4); tracker.spawn(async {}); background::spawn(); }",
            "use std::sync::mpsc::{Receiver, sync_channel};",
        ] {
            assert_eq!(count("mcp-server-core/src/tool/a.rs", text), 0, "{text}");
        }
        assert_eq!(count("examples/a/src/main.rs", "use std::sync::mpsc::channel;"), 1);
    }
}
