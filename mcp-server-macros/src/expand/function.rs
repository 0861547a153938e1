//! Annotated functions: the function as it was, and beside it a type of its name that knows its definition.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};

use super::definition::{Owner, definition};
use super::framework::{Framework, method};
use super::stand_in;
use crate::error::Errors;
use crate::model::{Entry, Kind};
use crate::parse::{self, Place, Source};

/// Expands `#[tool]`, `#[prompt]` and `#[resource]`.
pub(crate) fn function(kind: Kind, attribute: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Ok(mut source) = syn::parse2::<Source>(item.clone()) else {
        let word = kind.word();
        let message = format!(
            "`#[{word}]` goes on a function; for methods put `#[items]` on the `impl` block and `#[{word}]` on each of them"
        );
        errors.on(item, message);
        let report = errors.report();
        return quote!(#report #item);
    };
    let body = source.body.clone();
    let Source { attributes, signature, .. } = &mut source;
    let entry = parse::entry(kind, Place::Free, attribute, attributes, signature, body, &mut errors);
    let quiet = quiet(entry.function.is_async);
    let written = quote!(#quiet #source);
    if errors.is_empty() {
        let beside = beside(&entry, &source);
        return quote!(#written #beside);
    }
    let report = errors.report();
    // Inside an `impl` block no type can stand beside the method.
    let stand_in = entry
        .function
        .has_receiver
        .then(TokenStream::new)
        .unwrap_or_else(|| stand_in::function(&entry, &source.visibility.to_token_stream()));
    quote!(#report #written #stand_in)
}

/// What a linter would say of the function, not knowing what calls it.
pub(super) fn quiet(is_async: bool) -> TokenStream {
    let unused = if is_async { quote!(clippy::unused_async) } else { quote!(clippy::missing_const_for_fn) };
    quote!(#[allow(
        #unused, clippy::needless_pass_by_value, clippy::too_many_arguments,
        reason = "the framework decides how this is called"
    )])
}

/// The type that knows the definition; in braces, so that it takes no name from the function.
fn beside(entry: &Entry, source: &Source) -> TokenStream {
    let framework = Framework::new(entry.declaration.krate.as_ref());
    let (ident, conditions) = (&entry.function.ident, &entry.function.conditions);
    let (visibility, kind) = (&source.visibility, entry.kind);
    let (function, method, definition_type) = (framework.function(kind), method(kind), framework.definition(kind));
    let name = if kind == Kind::Resource { &entry.declaration.uri } else { &entry.declaration.name };
    let definition = definition(entry, Owner::Nobody, &framework);
    quote! {
        #(#conditions)*
        #[doc(hidden)]
        #[allow(
            non_camel_case_types, unreachable_pub, missing_debug_implementations, clippy::all, clippy::pedantic,
            reason = "it stands for the function of its name"
        )]
        #visibility struct #ident {}

        #(#conditions)*
        #[automatically_derived]
        #[allow(deprecated, clippy::all, clippy::pedantic, reason = "written by a macro")]
        impl #function for #ident {
            const NAME: &'static str = #name;

            fn #method() -> #definition_type {
                #definition
            }
        }
    }
}
