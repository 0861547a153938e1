//! References: every `crate::…`, `self::…` and `super::…` path in a file, in `use` lines and in code, macros included.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::source::Source;

/// A path that a file names, from the root of its crate; a glob ends in `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
}

/// The references of a file outside its tests.
pub(crate) fn references(source: &Source) -> Vec<Reference> {
    let mut found = Vec::new();
    if let Ok(tokens) = source.text.parse::<TokenStream>() {
        walk(tokens, &source.module, &mut found);
    }
    found
}

fn walk(stream: TokenStream, module: &[String], found: &mut Vec<Reference>) {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        if is_cfg_test(&tokens[at..]) {
            at = after_item(&tokens, at + 2);
            continue;
        }
        match &tokens[at..] {
            [TokenTree::Ident(word), TokenTree::Ident(name), TokenTree::Group(body), ..]
                if word == "mod" && body.delimiter() == Delimiter::Brace =>
            {
                let inner = [module, &[name.to_string()]].concat();
                walk(body.stream(), &inner, found);
                at += 3;
            }
            [TokenTree::Ident(word), rest @ ..] if is_path(rest) => {
                at += 1 + start(&word.to_string(), rest, module, found);
            }
            [TokenTree::Group(group), ..] => {
                walk(group.stream(), module, found);
                at += 1;
            }
            _ => at += 1,
        }
    }
}

/// Reads a path that starts with `crate`, `self` or `super`; returns how many tokens after that word it took.
fn start(word: &str, rest: &[TokenTree], module: &[String], found: &mut Vec<Reference>) -> usize {
    let base = match word {
        "crate" => Vec::new(),
        "self" => module.to_vec(),
        "super" => module[..module.len().saturating_sub(1)].to_vec(),
        _ => return 0,
    };
    2 + follow(&rest[2..], base, found)
}

/// Reads what comes after a `::`: a name and more, a group of such, or a star.
fn follow(tokens: &[TokenTree], mut base: Vec<String>, found: &mut Vec<Reference>) -> usize {
    match tokens {
        [TokenTree::Ident(name), rest @ ..] => {
            let line = name.span().start().line;
            match name.to_string().as_str() {
                "super" => drop(base.pop()),
                "self" => {}
                name => base.push(name.to_owned()),
            }
            if is_path(rest) && continues(&rest[2..]) {
                3 + follow(&rest[2..], base, found)
            } else {
                found.push(Reference { path: base, line });
                1
            }
        }
        [TokenTree::Punct(star), ..] if star.as_char() == '*' => {
            base.push("*".to_owned());
            found.push(Reference { path: base, line: star.span().start().line });
            1
        }
        [TokenTree::Group(group), ..] if group.delimiter() == Delimiter::Brace => {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            for entry in inner.split(|token| matches!(token, TokenTree::Punct(comma) if comma.as_char() == ',')) {
                follow(entry, base.clone(), found);
            }
            1
        }
        _ => 0,
    }
}

/// Whether the next tokens are `::`.
fn is_path(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [TokenTree::Punct(a), TokenTree::Punct(b), ..] if a.as_char() == ':' && b.as_char() == ':')
}

/// Whether a path goes on after `::`, rather than taking type arguments.
fn continues(tokens: &[TokenTree]) -> bool {
    match tokens.first() {
        Some(TokenTree::Ident(_)) => true,
        Some(TokenTree::Punct(punct)) => punct.as_char() == '*',
        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
        _ => false,
    }
}

fn is_cfg_test(tokens: &[TokenTree]) -> bool {
    match tokens {
        [TokenTree::Punct(hash), TokenTree::Group(group), ..] if hash.as_char() == '#' => {
            group.stream().to_string().split_whitespace().collect::<String>() == "cfg(test)"
        }
        _ => false,
    }
}

/// The place after an item: behind its body or its semicolon.
fn after_item(tokens: &[TokenTree], from: usize) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Punct(punct) => punct.as_char() == ';',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        _ => false,
    };
    tokens[from..].iter().position(ends).map_or(tokens.len(), |offset| from + offset + 1)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn paths(text: &str) -> Vec<String> {
        let source = Source::parse(Path::new("c/src/tool/result/rows.rs"), text.to_owned()).unwrap().unwrap();
        references(&source).into_iter().map(|reference| reference.path.join("::")).collect()
    }

    #[test]
    fn every_form_of_a_path_is_read() {
        assert_eq!(
            paths("use crate::store::{Kv, log::{self, Entry}};"),
            ["store::Kv", "store::log", "store::log::Entry"]
        );
        assert_eq!(paths("use super::outcome::Outcome;"), ["tool::result::outcome::Outcome"]);
        assert_eq!(paths("use super::super::error::*;"), ["tool::error::*"]);
        assert_eq!(
            paths("fn a() -> crate::protocol::Id { crate::seal::open::<u8>() }"),
            ["protocol::Id", "seal::open"]
        );
        assert_eq!(paths("macro_rules! m { () => { $crate::tool::Tool } }"), ["tool::Tool"]);
        assert_eq!(paths("fn a() { self.b(); format!(\"{}\", crate::a::B) }"), ["a::B"]);
        assert_eq!(paths("pub(crate) fn a() {} pub(super) fn b() {}"), Vec::<String>::new());
    }

    #[test]
    fn tests_are_left_out_and_modules_inside_a_file_count() {
        assert_eq!(paths("#[cfg(test)] mod tests { use crate::server::Server; } use crate::a::A;"), ["a::A"]);
        assert_eq!(paths("mod inner { use super::X; }"), ["tool::result::rows::X"]);
    }
}
