//! Rule: `lib.rs` and `mod.rs` are tables of contents: documentation, modules and re-exports, no logic.

use syn::Item;
use syn::spanned::Spanned;

use super::finding::Finding;
use super::source::Source;
use super::test_code::{attributes, is_cfg_test};

/// Finds logic in a table of contents.
pub(crate) fn check(source: &Source, findings: &mut Vec<Finding>) {
    if source.is_facade() && !source.test_only {
        for item in source.syntax.items.iter().filter(|item| !is_contents(item)) {
            let message = "only modules and re-exports belong here; give this a file with a name";
            findings.push(Finding::new(&source.path, item.span().start().line, message));
        }
    }
}

fn is_contents(item: &Item) -> bool {
    match item {
        Item::Use(_) | Item::ExternCrate(_) => true,
        Item::Mod(module) => match &module.content {
            None => true,
            Some((_, items)) => module.attrs.iter().any(is_cfg_test) || items.iter().all(is_contents),
        },
        // The compiler wants the entry points of macros in the root of their crate.
        Item::Fn(_) => attributes(item).iter().any(|attribute| {
            attribute.path().get_ident().is_some_and(|name| name.to_string().starts_with("proc_macro"))
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn findings(path: &str, text: &str) -> usize {
        let mut findings = Vec::new();
        check(&Source::parse(Path::new(path), text.to_owned()).unwrap().unwrap(), &mut findings);
        findings.len()
    }

    #[test]
    fn logic_in_a_table_of_contents_is_found() {
        assert_eq!(findings("c/src/lib.rs", "mod a; pub use a::B; pub mod p { pub use crate::a::*; }"), 0);
        assert_eq!(findings("c/src/lib.rs", "mod a; fn b() {}"), 1);
        assert_eq!(findings("c/src/a/mod.rs", "mod p { struct B; }"), 1);
        assert_eq!(findings("c/src/a.rs", "fn b() {}"), 0);
        assert_eq!(findings("c/src/lib.rs", "#[proc_macro_attribute] pub fn tool() {}"), 0);
    }
}
