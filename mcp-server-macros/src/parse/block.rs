//! `impl` blocks: their annotated methods, and the block without our attributes.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{Attribute, ImplItem, ImplItemFn, ItemImpl, Meta};

use super::signature::Place;
use super::{declaration, function, parameters};
use crate::error::Errors;
use crate::model::{Entry, Kind};

/// A block, without our attributes, and the entries in it.
pub(crate) struct Block {
    pub(crate) krate: Option<syn::Path>,
    pub(crate) source: ItemImpl,
    pub(crate) entries: Vec<Entry>,
}

/// Reads a block.
pub(crate) fn read(attribute: TokenStream, mut source: ItemImpl, errors: &mut Errors) -> Block {
    let krate = declaration::krate(attribute, "#[items]", errors);
    if let Some((path, _)) = &source.trait_ {
        errors.on(path, "a trait says what its methods are: put `#[items]` on an `impl` block of the type itself");
    }
    let mut entries = Vec::new();
    for item in &mut source.items {
        if let ImplItem::Fn(method) = item {
            entries.extend(member(method, errors));
        }
    }
    if entries.is_empty() && errors.is_empty() {
        errors.at(
            source.impl_token.span,
            "no method here is annotated: put `#[tool]`, `#[prompt]` or `#[resource(\"…\")]` on at least one",
        );
    }
    report_duplicates(&entries, errors);
    Block { krate, source, entries }
}

/// Reads a method, if it is annotated.
fn member(method: &mut ImplItemFn, errors: &mut Errors) -> Option<Entry> {
    let mut ours = method.attrs.extract_if(.., |attribute| kind(attribute).is_some()).collect::<Vec<_>>().into_iter();
    let attribute = ours.next()?;
    for another in ours {
        errors.on(another, "a method is one thing: keep one of these attributes and call it from another method");
    }
    let kind = kind(&attribute)?;
    let tokens = match attribute.meta {
        Meta::Path(_) => TokenStream::new(),
        Meta::List(list) => list.tokens,
        Meta::NameValue(pair) => {
            errors.on(pair, format!("write `#[{}]` or `#[{}(…)]`", kind.word(), kind.word()));
            parameters::strip_all(&mut method.sig);
            return None;
        }
    };
    let entry = function::entry(
        kind,
        Place::Block,
        tokens,
        &method.attrs,
        &mut method.sig,
        method.block.to_token_stream(),
        errors,
    );
    if let Some(path) = &entry.declaration.krate {
        errors.on(path, "the whole block is in one framework: write `#[items(crate = …)]` above `impl`");
    }
    Some(entry)
}

/// What an attribute makes of a method; inside the block no path is resolved yet, so its last word decides.
fn kind(attribute: &Attribute) -> Option<Kind> {
    let word = &attribute.path().segments.last()?.ident;
    [Kind::Tool, Kind::Prompt, Kind::Resource].into_iter().find(|kind| word == kind.word())
}

/// Two entries of a kind may share a name only if conditions of compilation can keep them apart.
fn report_duplicates(entries: &[Entry], errors: &mut Errors) {
    let key = |entry: &Entry| match entry.kind {
        Kind::Resource => entry.declaration.uri.clone(),
        Kind::Tool | Kind::Prompt => entry.declaration.name.clone(),
    };
    for (index, entry) in entries.iter().enumerate() {
        let earlier = entries.iter().take(index).find(|other| {
            let apart = !entry.function.conditions.is_empty() && !other.function.conditions.is_empty();
            other.kind == entry.kind && key(other) == key(entry) && !apart && !key(entry).is_empty()
        });
        if let Some(earlier) = earlier {
            let (what, name) = (entry.kind.word(), key(entry));
            let place = &earlier.function.ident;
            let message = format!("the {what} `{name}` is already the method `{place}`: give one of them another name");
            errors.at(entry.function.ident.span(), message);
        }
    }
}
