//! Annotated `impl` blocks: the block as it was, and beside it the items of a value of its type.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{ImplItem, ItemImpl};

use super::definition::{Owner, definition};
use super::framework::Framework;
use super::function::quiet;
use super::stand_in;
use crate::error::Errors;
use crate::model::Entry;
use crate::parse;

/// Expands `#[items]`.
pub(crate) fn block(attribute: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Ok(source) = syn::parse2::<ItemImpl>(item.clone()) else {
        errors
            .on(item.clone(), "`#[items]` goes on an `impl` block; a function of its own takes `#[tool]` and no more");
        let report = errors.report();
        return quote!(#report #item);
    };
    let mut block = parse::block(attribute, source, &mut errors);
    let framework = Framework::new(block.krate.as_ref());
    silence(&mut block.source, &block.entries);
    let source = &block.source;
    if errors.is_empty() {
        let items = items(source, &block.entries, &framework);
        return quote!(#source #items);
    }
    let report = errors.report();
    let stand_in = source.trait_.is_none().then(|| stand_in::block(source, &framework));
    quote!(#report #source #stand_in)
}

/// Puts the lints of annotated methods at rest.
fn silence(source: &mut ItemImpl, entries: &[Entry]) {
    for item in &mut source.items {
        if let ImplItem::Fn(method) = item
            && let Some(entry) = entries.iter().find(|entry| entry.function.ident == method.sig.ident)
        {
            let quiet = quiet(entry.function.is_async);
            method.attrs.push(syn::parse_quote!(#quiet));
        }
    }
}

/// What makes the items of a value.
fn items(source: &ItemImpl, entries: &[Entry], framework: &Framework) -> TokenStream {
    let (generics, _, clause) = source.generics.split_for_impl();
    let ty = &source.self_ty;
    let (this, items) = (Ident::new("__this", Span::mixed_site()), Ident::new("__items", Span::mixed_site()));
    let conditions: Vec<_> = source.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect();
    // Said of the type itself, a value that calls cannot share is reported once and not for each method.
    let shared = quote_spanned!(ty.span()=> #ty: ::core::marker::Send + ::core::marker::Sync + 'static);
    let others = clause.map(|clause| clause.predicates.iter().collect::<Vec<_>>()).unwrap_or_default();
    let count = entries.len();
    let pushed = entries.iter().map(|entry| {
        let conditions = &entry.function.conditions;
        let variant = framework.item(entry.kind);
        let shared = entry.function.has_receiver.then(|| quote!(let #this = ::std::sync::Arc::clone(&#this);));
        let definition = definition(entry, Owner::Shared(&this), framework);
        quote! {
            #(#conditions)*
            {
                #shared
                #items.push(#variant(#definition));
            }
        }
    });
    quote! {
        #(#conditions)*
        #[automatically_derived]
        #[allow(deprecated, unused_variables, clippy::all, clippy::pedantic, reason = "written by a macro")]
        impl #generics #framework::IntoItems for #ty
        where
            #(#others,)*
            #shared
        {
            fn into_items(self) -> ::std::vec::Vec<#framework::Item> {
                let #this = ::std::sync::Arc::new(self);
                let mut #items = ::std::vec::Vec::with_capacity(#count);
                #(#pushed)*
                #items
            }
        }
    }
}
