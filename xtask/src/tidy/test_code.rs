//! Which code is compiled for tests only: `#[cfg(test)]` items, and the files that such a `mod` names.

use std::ops::RangeInclusive;

use syn::spanned::Spanned;
use syn::{Attribute, Item, Meta};

use super::source::Source;

/// Whether an attribute is exactly `#[cfg(test)]`.
pub(crate) fn is_cfg_test(attribute: &Attribute) -> bool {
    match &attribute.meta {
        Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    }
}

/// The attributes of an item that may stand at the top of a file.
pub(crate) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The lines of the test items at the top level of a file.
pub(crate) fn lines(source: &Source) -> Vec<RangeInclusive<usize>> {
    let items = source.syntax.items.iter();
    items
        .filter(|item| attributes(item).iter().any(is_cfg_test))
        .map(|item| item.span().start().line..=item.span().end().line)
        .collect()
}

/// Marks the files that a `#[cfg(test)] mod name;` brings in, and everything below them.
pub(crate) fn mark(sources: &mut [Source]) {
    let mut roots: Vec<(String, Vec<String>)> = Vec::new();
    for source in sources.iter() {
        for item in &source.syntax.items {
            if let Item::Mod(module) = item
                && module.attrs.iter().any(is_cfg_test)
            {
                let mut path = source.module.clone();
                path.push(module.ident.to_string());
                roots.push((source.package.clone(), path));
            }
        }
    }
    for source in sources {
        source.test_only =
            roots.iter().any(|(package, path)| *package == source.package && source.module.starts_with(path));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source::parse(Path::new(path), text.to_owned()).unwrap().unwrap()
    }

    #[test]
    fn inline_tests_are_counted_with_their_attribute() {
        let source = source("c/src/a.rs", "fn a() {}\n\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n");
        assert_eq!(lines(&source), [3..=6]);
    }

    #[test]
    fn files_of_a_test_module_are_marked() {
        let mut sources = vec![
            source("c/src/a.rs", "#[cfg(test)] mod tests;"),
            source("c/src/a/tests.rs", ""),
            source("c/src/a/tests/more.rs", ""),
            source("d/src/a/tests.rs", ""),
        ];
        mark(&mut sources);
        let marks: Vec<bool> = sources.iter().map(|source| source.test_only).collect();
        assert_eq!(marks, [false, true, true, false]);
    }
}
