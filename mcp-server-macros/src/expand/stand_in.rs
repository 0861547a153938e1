//! Stand-ins: where something was wrong, what the rest of the author's code names must still be there, so that the one
//! mistake gives one message.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemImpl;

use super::framework::{Framework, method};
use crate::model::Entry;

/// Stands in for what a function would have become.
pub(super) fn function(entry: &Entry, visibility: &TokenStream) -> TokenStream {
    let framework = Framework::new(entry.declaration.krate.as_ref());
    let (ident, conditions) = (&entry.function.ident, &entry.function.conditions);
    let (function, method, definition) =
        (framework.function(entry.kind), method(entry.kind), framework.definition(entry.kind));
    let name = ident.to_string();
    quote! {
        #(#conditions)*
        #[doc(hidden)]
        #[allow(non_camel_case_types, dead_code, reason = "it stands in for the function of its name")]
        #visibility struct #ident {}

        #(#conditions)*
        impl #function for #ident {
            const NAME: &'static str = #name;

            fn #method() -> #definition {
                ::core::unreachable!()
            }
        }
    }
}

/// Stands in for the items of a block.
pub(super) fn block(source: &ItemImpl, framework: &Framework) -> TokenStream {
    let (generics, _, clause) = source.generics.split_for_impl();
    let ty = &source.self_ty;
    quote! {
        impl #generics #framework::IntoItems for #ty #clause {
            fn into_items(self) -> ::std::vec::Vec<#framework::Item> {
                ::core::unreachable!()
            }
        }
    }
}
