//! Doc comments: what is written for people is what the model reads.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

use crate::model::Docs;

/// The documentation among some attributes.
pub(super) fn read(attributes: &[Attribute]) -> Docs {
    let pieces: Vec<&Expr> = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) => Some(&pair.value),
            // `#[doc(hidden)]` and the like say nothing.
            Meta::Path(_) | Meta::List(_) => None,
        })
        .collect();
    let literals: Option<Vec<String>> = pieces.iter().map(|piece| literal(piece)).collect();
    match literals {
        Some(lines) => Docs::Text(tidied(&lines.join("\n"))),
        None => Docs::Pieces(pieces.into_iter().cloned().collect()),
    }
}

fn literal(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}

/// Without the indentation that all lines share, blank lines around, and blanks at line ends.
fn tidied(text: &str) -> String {
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let indent = lines().map(|line| line.len() - line.trim_start_matches([' ', '\t']).len()).min().unwrap_or(0);
    let tidy: Vec<&str> = text.lines().map(|line| line.get(indent..).unwrap_or_default().trim_end()).collect();
    tidy.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::tidied;

    #[test]
    fn shared_indentation_goes_and_the_rest_stays() {
        assert_eq!(tidied(" One.\n\n   - two \n three\n"), "One.\n\n  - two\nthree");
        assert_eq!(tidied(" \n"), "");
    }
}
