//! Types as they are spelled: only what no type behind the spelling could make right.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::Type;

/// What makes a type unusable where it must be owned and known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// It borrows for less than `'static`.
    Borrow,
    /// It is an `impl Trait`.
    Opaque,
}

/// The first obstacle in a type.
pub(super) fn obstacle(ty: &Type) -> Option<Obstacle> {
    find(ty.to_token_stream())
}

fn find(tokens: TokenStream) -> Option<Obstacle> {
    let mut tokens = tokens.into_iter().peekable();
    let mut after_reference = false;
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => {
                if after_reference {
                    return Some(Obstacle::Borrow);
                }
                if let Some(obstacle) = find(group.stream()) {
                    return Some(obstacle);
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == '\'' => {
                let is_static = tokens.next().is_some_and(|name| name.to_string() == "static");
                if !is_static {
                    return Some(Obstacle::Borrow);
                }
                after_reference = false;
            }
            TokenTree::Punct(punct) => {
                if after_reference {
                    return Some(Obstacle::Borrow);
                }
                after_reference = punct.as_char() == '&';
            }
            TokenTree::Ident(_) if after_reference => return Some(Obstacle::Borrow),
            TokenTree::Ident(ident) if ident == "impl" => return Some(Obstacle::Opaque),
            TokenTree::Ident(_) | TokenTree::Literal(_) => {}
        }
    }
    None
}

/// The type to write instead of a reference.
pub(super) fn owned(ty: &Type) -> String {
    let Type::Reference(reference) = ty else { return "an owned type".to_owned() };
    match &*reference.elem {
        Type::Path(path) if path.path.is_ident("str") => "`String`".to_owned(),
        Type::Slice(slice) => format!("`Vec<{}>`", spelled(&*slice.elem)),
        other => format!("`{}`", spelled(other)),
    }
}

/// A type as a person would write it.
pub(super) fn spelled(tokens: impl ToTokens) -> String {
    let mut text = tokens.to_token_stream().to_string();
    for (from, to) in
        [(" :: ", "::"), (":: ", "::"), (" < ", "<"), ("< ", "<"), (" >", ">"), (" ,", ","), ("& ", "&"), (" <", "<")]
    {
        text = text.replace(from, to);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Obstacle, obstacle, owned, spelled};

    fn ty(text: &str) -> syn::Type {
        syn::parse_str(text).unwrap()
    }

    #[test]
    fn what_borrows_or_hides_is_found() {
        for (text, expected) in [
            ("String", None),
            ("&'static str", None),
            ("Result<&'static str, Error>", None),
            ("Option<Vec<u8>>", None),
            ("&str", Some(Obstacle::Borrow)),
            ("&'a str", Some(Obstacle::Borrow)),
            ("&[u8]", Some(Obstacle::Borrow)),
            ("&mut T", Some(Obstacle::Borrow)),
            ("(u8, &str)", Some(Obstacle::Borrow)),
            ("Cow<'a, str>", Some(Obstacle::Borrow)),
            ("Option<Cow<'_, str>>", Some(Obstacle::Borrow)),
            ("impl Display", Some(Obstacle::Opaque)),
            ("Vec<impl Display>", Some(Obstacle::Opaque)),
        ] {
            assert_eq!(obstacle(&ty(text)), expected, "{text}");
        }
    }

    #[test]
    fn the_owned_type_is_named() {
        assert_eq!(owned(&ty("&str")), "`String`");
        assert_eq!(owned(&ty("&[Vec<u8>]")), "`Vec<Vec<u8>>`");
        assert_eq!(owned(&ty("&mut a::B")), "`a::B`");
        assert_eq!(spelled(ty("Map<String, a::B<C>>")), "Map<String, a::B<C>>");
    }
}
