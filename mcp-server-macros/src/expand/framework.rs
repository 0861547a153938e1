//! The framework's paths: everything that is written names it from the root, so that nothing of the author's can shadow
//! it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Path;

use crate::model::Kind;

/// The path of what the macros may name.
pub(super) struct Framework(TokenStream);

impl Framework {
    /// The framework at a path, or at its usual place.
    pub(super) fn new(path: Option<&Path>) -> Self {
        Self(path.map_or_else(|| quote!(::mcp_server_core::__private), |path| quote!(#path::__private)))
    }

    /// The same path, where messages about what it names should point.
    pub(super) fn at(&self, span: Span) -> Self {
        let moved = self.0.clone().into_iter().map(|mut token| {
            token.set_span(token.span().located_at(span));
            token
        });
        Self(moved.collect())
    }

    /// The type of a definition.
    pub(super) fn definition(&self, kind: Kind) -> TokenStream {
        let name = match kind {
            Kind::Tool => quote!(Tool),
            Kind::Prompt => quote!(Prompt),
            Kind::Resource => quote!(Resource),
        };
        quote!(#self::#name)
    }

    /// The trait of an annotated function.
    pub(super) fn function(&self, kind: Kind) -> TokenStream {
        let name = match kind {
            Kind::Tool => quote!(ToolFunction),
            Kind::Prompt => quote!(PromptFunction),
            Kind::Resource => quote!(ResourceFunction),
        };
        quote!(#self::#name)
    }

    /// The variant of `Item`.
    pub(super) fn item(&self, kind: Kind) -> TokenStream {
        let name = match kind {
            Kind::Tool => quote!(Tool),
            Kind::Prompt => quote!(Prompt),
            Kind::Resource => quote!(Resource),
        };
        quote!(#self::Item::#name)
    }
}

impl ToTokens for Framework {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}

/// The method of the trait of annotated functions.
pub(super) fn method(kind: Kind) -> Ident {
    Ident::new(kind.word(), Span::call_site())
}

/// An option as code.
pub(super) fn option<T: ToTokens>(value: Option<T>) -> TokenStream {
    value.map_or_else(|| quote!(::core::option::Option::None), |value| quote!(::core::option::Option::Some(#value)))
}
