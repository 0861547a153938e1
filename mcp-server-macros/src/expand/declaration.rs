//! Declarations as constants: `ToolSpec`, `PromptSpec`, `ResourceSpec`.

use proc_macro2::TokenStream;
use quote::quote;

use super::framework::{Framework, option};
use crate::model::{Declaration, Docs, Entry, Kind, TaskSupport};

/// A reference to the constant that says what was declared.
pub(super) fn spec(entry: &Entry, framework: &Framework) -> TokenStream {
    let Declaration { name, title, scopes, effects, limits, tasks, once, may_be_empty, uri, mime, .. } =
        &entry.declaration;
    let title = option(title.as_ref());
    let description = docs(&entry.function.description);
    let common = quote! {
        name: #name,
        title: #title,
        description: #description,
        scopes: &[#(#scopes),*],
        location: #framework::Location { file: ::core::file!(), line: ::core::line!() },
    };
    match entry.kind {
        Kind::Tool => {
            let timeout = option(limits.timeout_ms.map(|ms| quote!(::core::time::Duration::from_millis(#ms))));
            let max_result = option(limits.max_result);
            let max_concurrency = option(limits.max_concurrency);
            let read_only = option(effects.read_only);
            let destructive = option(effects.destructive);
            let idempotent = option(effects.idempotent);
            let open_world = option(effects.open_world);
            let task = match tasks.support {
                TaskSupport::Forbidden => quote!(Forbidden),
                TaskSupport::Optional => quote!(Optional),
                TaskSupport::Required => quote!(Required),
            };
            let asks_first = tasks.asks_first;
            let idempotency = option(once.idempotency.as_ref().map(|own| {
                let keep = option(own.keep_ms.map(|ms| quote!(::core::time::Duration::from_millis(#ms))));
                quote!(#framework::Idempotency { keep: #keep })
            }));
            let single_use = once.single_use;
            let may_be_empty = option(may_be_empty.as_ref());
            quote!(const {
                &#framework::ToolSpec {
                    #common
                    effects: #framework::Effects {
                        read_only: #read_only,
                        destructive: #destructive,
                        idempotent: #idempotent,
                        open_world: #open_world,
                    },
                    timeout: #timeout,
                    max_result: #max_result,
                    max_concurrency: #max_concurrency,
                    task: #framework::TaskSupport::#task,
                    asks_first: #asks_first,
                    idempotency: #idempotency,
                    single_use: #single_use,
                    may_be_empty: #may_be_empty,
                }
            })
        }
        Kind::Prompt => quote!(const { &#framework::PromptSpec { #common } }),
        Kind::Resource => {
            let mime = option(mime.as_ref());
            quote!(const { &#framework::ResourceSpec { uri: #uri, mime: #mime, #common } })
        }
    }
}

/// Documentation as an expression that is a constant text.
pub(super) fn docs(docs: &Docs) -> TokenStream {
    match docs {
        Docs::Text(text) => quote!(#text),
        Docs::Pieces(pieces) => quote!(::core::concat!(#(#pieces, "\n"),*)),
    }
}
