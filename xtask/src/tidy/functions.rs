//! Rule: a function fits on a screen, so it has at most 60 lines.

use syn::visit::{self, Visit};
use syn::{Block, ImplItemFn, ItemFn, ItemMod, Signature, TraitItemFn};

use super::finding::Finding;
use super::source::Source;
use super::test_code::is_cfg_test;

const MOST: usize = 60;

/// Finds functions that do not fit on a screen.
pub(crate) fn check(source: &Source, findings: &mut Vec<Finding>) {
    if !source.test_only {
        Functions { source, findings }.visit_file(&source.syntax);
    }
}

struct Functions<'a> {
    source: &'a Source,
    findings: &'a mut Vec<Finding>,
}

impl Functions<'_> {
    fn judge(&mut self, signature: &Signature, body: &Block) {
        let first = signature.ident.span().start().line;
        let last = body.brace_token.span.close().end().line;
        let lines = last + 1 - first;
        if lines > MOST {
            let message = format!("fn {} has {lines} lines, at most {MOST}", signature.ident);
            self.findings.push(Finding::new(&self.source.path, first, message));
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if !module.attrs.iter().any(is_cfg_test) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.judge(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.judge(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        if let Some(body) = &function.default {
            self.judge(&function.sig, body);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn findings(text: String) -> usize {
        let mut findings = Vec::new();
        check(&Source::parse(Path::new("c/src/a.rs"), text).unwrap().unwrap(), &mut findings);
        findings.len()
    }

    #[test]
    fn long_functions_are_found_wherever_they_are() {
        let long = format!("fn a() {{\n{}}}\n", "    b();\n".repeat(MOST - 1));
        let short = format!("fn a() {{\n{}}}\n", "    b();\n".repeat(MOST - 2));
        assert_eq!(findings(long.clone()), 1);
        assert_eq!(findings(short), 0);
        assert_eq!(findings(format!("impl T {{ {long} }}")), 1);
        assert_eq!(findings(format!("trait T {{ {long} }}")), 1);
        assert_eq!(findings(format!("#[cfg(test)] mod tests {{ {long} }}")), 0);
    }
}
