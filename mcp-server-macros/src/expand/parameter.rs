//! Parameters: what is published of each, and how its value is taken out of a call.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::declaration::docs;
use super::framework::{Framework, option};
use crate::model::{DefaultValue, Kind, Number, Parameter};

/// The names that the generated code gives to a parameter's parts.
pub(super) struct Slot<'a> {
    parameter: &'a Parameter,
    /// What the type turned out to be: injected, an argument, or all arguments.
    kind: Ident,
    spec: Ident,
    /// The value in a call.
    pub(super) value: Ident,
}

impl<'a> Slot<'a> {
    /// The names for the parameter at a place in the list.
    pub(super) fn new(index: usize, parameter: &'a Parameter) -> Self {
        let name = |part: &str| format_ident!("__{part}{index}", span = Span::mixed_site());
        Self { parameter, kind: name("kind"), spec: name("spec"), value: name("value") }
    }

    /// Statements that judge the type and hold the rules.
    pub(super) fn declare(&self, of: Kind, framework: &Framework) -> TokenStream {
        let Self { parameter, kind, spec, .. } = self;
        let ty = &parameter.ty;
        let span = ty.span();
        let placed = framework.at(span);
        let mut judged = quote_spanned!(span=> (&&&&#placed::Slot::<#ty>::NEW).kind());
        if parameter.is_foreign {
            judged = quote_spanned!(span=> #placed::foreign(#judged));
        } else {
            if of != Kind::Tool {
                judged = quote_spanned!(span=> #placed::single(#judged));
            }
            if parameter.name.is_none() {
                judged = quote_spanned!(span=> #placed::nameless(#judged));
            }
        }
        if parameter.is_ruled {
            judged = quote_spanned!(span=> #placed::ruled(#judged));
        }
        let rules = rules(parameter, framework);
        quote! {
            let #kind = #judged;
            let #spec: &'static #framework::ParamSpec = const { &#rules };
        }
    }

    /// The expression that describes it.
    pub(super) fn describe(&self, of: Kind) -> TokenStream {
        let Self { parameter, kind, spec, .. } = self;
        let ty = &parameter.ty;
        let method = match of {
            Kind::Tool => quote!(parameter),
            Kind::Prompt | Kind::Resource => quote!(prompt_parameter),
        };
        quote!(#kind.#method::<#ty>(#spec))
    }

    /// The statement that takes its value out of a call, or ends the call.
    pub(super) fn take(&self, of: Kind, call: &Ident, framework: &Framework) -> TokenStream {
        let Self { parameter, kind, spec, value } = self;
        let ty = &parameter.ty;
        let (method, failed) = match of {
            Kind::Tool => (quote!(take), quote!(#framework::Outcome::Failed)),
            Kind::Prompt | Kind::Resource => (quote!(prompt_take), quote!(::core::result::Result::Err)),
        };
        let error = Ident::new("__error", Span::mixed_site());
        quote! {
            let #value = match #kind.#method::<#ty>(&mut #call, #spec) {
                ::core::result::Result::Ok(#value) => #value,
                ::core::result::Result::Err(#error) => return #failed(#error),
            };
        }
    }
}

/// The constant that holds a parameter's rules.
fn rules(parameter: &Parameter, framework: &Framework) -> TokenStream {
    let rules = &parameter.rules;
    let mut fields = Vec::new();
    for (name, value) in [
        ("min_length", rules.min_length),
        ("max_length", rules.max_length),
        ("min_items", rules.min_items),
        ("max_items", rules.max_items),
    ] {
        fields.extend(value.map(|value| field(name, quote!(#value))));
    }
    if let Some(range) = rules.range {
        let maximum = if range.is_open { "exclusive_maximum" } else { "maximum" };
        fields.extend(range.minimum.map(|number| field("minimum", bound(number, framework))));
        fields.extend(range.maximum.map(|number| field(maximum, bound(number, framework))));
    }
    for (name, value) in [("pattern", &rules.pattern), ("format", &rules.format), ("header", &rules.header)] {
        fields.extend(value.as_ref().map(|value| field(name, quote!(#value))));
    }
    fields.extend(rules.default.as_ref().map(|default| {
        let value = match default {
            DefaultValue::Literal(literal) => quote!(#framework::serde_json::Value::from(#literal)),
            DefaultValue::Expression(expression) => {
                let framework = framework.at(expression.span());
                quote_spanned!(expression.span()=> #framework::default_value(&#expression))
            }
        };
        field("default", quote!(|| #value))
    }));
    fields.extend(rules.complete.as_ref().map(|function| {
        let (context, typed) = (mixed("__context"), mixed("__typed"));
        field("complete", quote!(|#context, #typed| ::std::boxed::Box::pin(#function(#context, #typed))))
    }));
    if rules.secret {
        fields.push(quote!(secret: true));
    }
    let name = parameter.name.as_deref().unwrap_or_default();
    let description = docs(&parameter.description);
    let plain = quote!(#framework::ParamSpec::new(#name, #description));
    if fields.is_empty() { plain } else { quote!(#framework::ParamSpec { #(#fields,)* ..#plain }) }
}

fn field(name: &str, value: TokenStream) -> TokenStream {
    let (name, value) = (Ident::new(name, Span::call_site()), option(Some(value)));
    quote!(#name: #value)
}

fn bound(number: Number, framework: &Framework) -> TokenStream {
    match number {
        Number::Int(value) => quote!(#framework::Bound::Int(#value)),
        Number::Float(value) => quote!(#framework::Bound::Float(#value)),
    }
}

fn mixed(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
