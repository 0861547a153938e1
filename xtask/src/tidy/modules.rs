//! The module graph of a crate: which file uses which, with re-exports followed to where a thing is defined.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use syn::{Item, UseTree};

use super::reference::references;
use super::source::Source;

/// That one module uses another, and where.
#[derive(Debug, Clone)]
pub(crate) struct Edge {
    pub(crate) from: Vec<String>,
    pub(crate) to: Vec<String>,
    pub(crate) file: PathBuf,
    pub(crate) line: usize,
}

/// What the tables of contents of a crate re-export: module and name, to the path behind it.
#[derive(Debug, Default)]
struct Names {
    modules: BTreeSet<Vec<String>>,
    exported: BTreeMap<(Vec<String>, String), Vec<String>>,
    globs: BTreeMap<Vec<String>, Vec<Vec<String>>>,
    facades: BTreeSet<Vec<String>>,
}

/// The edges between the modules of one crate; tables of contents have none of their own.
pub(crate) fn edges(sources: &[&Source]) -> Vec<Edge> {
    let names = Names::read(sources);
    let mut edges = Vec::new();
    for source in sources.iter().filter(|source| !source.is_facade() && !source.test_only) {
        for reference in references(source) {
            for to in names.resolve(&reference.path, 0) {
                if to != source.module {
                    let from = source.module.clone();
                    edges.push(Edge { from, to, file: source.path.clone(), line: reference.line });
                }
            }
        }
    }
    edges
}

impl Names {
    fn read(sources: &[&Source]) -> Self {
        let mut names = Self::default();
        for source in sources.iter().filter(|source| !source.test_only) {
            names.modules.insert(source.module.clone());
            if source.is_facade() {
                names.facades.insert(source.module.clone());
            }
        }
        for source in sources.iter().filter(|source| source.is_facade() && !source.test_only) {
            names.items(&source.module, &source.syntax.items);
        }
        names
    }

    fn items(&mut self, module: &[String], items: &[Item]) {
        for item in items {
            match item {
                Item::Use(item) => self.tree(module, Vec::new(), &item.tree),
                Item::Mod(inner) => {
                    if let Some((_, items)) = &inner.content {
                        let path = [module, &[inner.ident.to_string()]].concat();
                        self.modules.insert(path.clone());
                        self.facades.insert(path.clone());
                        self.items(&path, items);
                    }
                }
                _ => {}
            }
        }
    }

    fn tree(&mut self, module: &[String], mut before: Vec<String>, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.tree(module, before, &path.tree);
            }
            UseTree::Name(name) => {
                before.push(name.ident.to_string());
                self.export(module, name.ident.to_string(), &before);
            }
            UseTree::Rename(rename) => {
                before.push(rename.ident.to_string());
                self.export(module, rename.rename.to_string(), &before);
            }
            UseTree::Glob(_) => {
                let target = absolute(module, &before);
                self.globs.entry(module.to_vec()).or_default().push(target);
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.tree(module, before.clone(), tree);
                }
            }
        }
    }

    fn export(&mut self, module: &[String], name: String, path: &[String]) {
        self.exported.insert((module.to_vec(), name), absolute(module, path));
    }

    /// The modules in which a path ends; several for a glob over a table of contents.
    fn resolve(&self, path: &[String], depth: usize) -> Vec<Vec<String>> {
        let length = (0..=path.len()).rev().find(|length| self.modules.contains(&path[..*length]));
        let Some((module, rest)) = length.map(|length| path.split_at(length)) else { return Vec::new() };
        if !self.facades.contains(module) {
            return vec![module.to_vec()];
        }
        // A re-export that leads back to itself is not ours to judge.
        if depth > 16 {
            return Vec::new();
        }
        match rest {
            [] => Vec::new(),
            [star] if star == "*" => {
                let exported = self.exported.iter().filter(|((from, _), _)| from == module).map(|(_, path)| path);
                exported.flat_map(|path| self.resolve(path, depth + 1)).collect()
            }
            [name, more @ ..] => {
                if let Some(path) = self.exported.get(&(module.to_vec(), name.clone())) {
                    return self.resolve(&[path, more].concat(), depth + 1);
                }
                let globs = self.globs.get(module).into_iter().flatten();
                globs.flat_map(|path| self.resolve(&[path.as_slice(), rest].concat(), depth + 1)).collect()
            }
        }
    }
}

/// A path of a `use` line in a module, from the root of the crate. What is of another crate leads nowhere.
fn absolute(module: &[String], path: &[String]) -> Vec<String> {
    let mut base = module.to_vec();
    for (index, name) in path.iter().enumerate() {
        match name.as_str() {
            "crate" if index == 0 => base.clear(),
            "self" => {}
            "super" => drop(base.pop()),
            name => base.push(name.to_owned()),
        }
    }
    base
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    pub(crate) fn found(files: &[(&str, &str)]) -> Vec<(String, String)> {
        let sources: Vec<Source> =
            files.iter().map(|(path, text)| Source::parse(Path::new(path), (*text).into()).unwrap().unwrap()).collect();
        let edges = edges(&sources.iter().collect::<Vec<_>>());
        edges.into_iter().map(|edge| (edge.from.join("::"), edge.to.join("::"))).collect()
    }

    fn pair(from: &str, to: &str) -> (String, String) {
        (from.to_owned(), to.to_owned())
    }

    #[test]
    fn a_re_export_is_followed_to_its_file() {
        let files = [
            ("c/src/lib.rs", "mod tool; mod store; pub use tool::Tool;"),
            ("c/src/tool/mod.rs", "mod run; mod error; pub use run::Tool; pub use self::error::{Kind as Sort};"),
            ("c/src/tool/run.rs", "use crate::store::Kv; use super::Sort;"),
            ("c/src/tool/error.rs", ""),
            ("c/src/store.rs", "use crate::Tool;"),
        ];
        assert_eq!(
            found(&files),
            [pair("tool::run", "store"), pair("tool::run", "tool::error"), pair("store", "tool::run")]
        );
    }

    #[test]
    fn globs_reach_every_re_export() {
        let files = [
            ("c/src/lib.rs", "mod a; mod b;"),
            ("c/src/a/mod.rs", "mod x; mod y; pub use x::X; pub use y::*;"),
            ("c/src/a/x.rs", ""),
            ("c/src/a/y.rs", ""),
            ("c/src/b.rs", "use crate::a::*; fn f() { crate::a::Anything }"),
        ];
        assert_eq!(found(&files), [pair("b", "a::x"), pair("b", "a::y")]);
    }
}
