//! Lists of annotated functions: their definitions, in order, and the proof that no name is there twice.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::Path;
use syn::spanned::Spanned as _;

use super::framework::{Framework, method};
use crate::error::Errors;
use crate::model::Kind;
use crate::parse::{self, Listed};

/// Expands `tools![…]`, `prompts![…]` and `resources![…]`.
pub(crate) fn list(kind: Kind, tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let list = parse::list(kind, tokens, &mut errors);
    let framework = Framework::new(list.krate.as_ref());
    if !errors.is_empty() {
        let report = errors.report();
        return quote!({ #report; ::std::vec::Vec::<#framework::Item>::new() });
    }
    let method = method(kind);
    let names = list.entries.iter().map(|Listed { conditions, path }| {
        let (function, alias) = (framework.at(path.span()).function(kind), alias(kind, path));
        let name = quote_spanned!(path.span()=> { use #path as #alias; <#alias as #function>::NAME });
        quote!(#(#conditions)* #name)
    });
    let items = list.entries.iter().map(|Listed { conditions, path }| {
        let framework = framework.at(path.span());
        let (function, variant, alias) = (framework.function(kind), framework.item(kind), alias(kind, path));
        let item = quote_spanned!(path.span()=> { use #path as #alias; #variant(<#alias as #function>::#method()) });
        quote!(#(#conditions)* #item)
    });
    quote!({
        const _: () = #framework::assert_distinct(&[#(#names),*]);
        <::std::vec::Vec<#framework::Item> as ::core::convert::From<_>>::from([#(#items),*])
    })
}

/// The name under which a function is looked up. A function without the attribute has no type beside it, and the
/// compiler then says that it expected a type and found a function of this name.
fn alias(kind: Kind, path: &Path) -> Ident {
    Ident::new(&format!("function_without_the_attribute_{}", kind.word()), path.span())
}
