//! Functions: attribute and signature together become an entry, or faults.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, TokenStreamExt as _, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, ReturnType, Signature, Type, Visibility};

use super::declaration::{self, Declared};
use super::signature::{self, Place};
use super::{docs, forms, parameters};
use crate::error::Errors;
use crate::model::{Entry, Function, Kind};

/// A function as it was written; the body is passed on unread.
pub(crate) struct Source {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    pub(crate) body: TokenStream,
}

impl Parse for Source {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self {
            attributes: input.call(Attribute::parse_outer)?,
            visibility: input.parse()?,
            signature: input.parse()?,
            body: input.parse()?,
        })
    }
}

impl ToTokens for Source {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append_all(&self.attributes);
        self.visibility.to_tokens(tokens);
        self.signature.to_tokens(tokens);
        self.body.to_tokens(tokens);
    }
}

/// Reads a function; our attributes are taken out of its signature in any case.
pub(crate) fn entry(
    kind: Kind,
    place: Place,
    attribute: TokenStream,
    attributes: &[Attribute],
    signature: &mut Signature,
    body: TokenStream,
    errors: &mut Errors,
) -> Entry {
    let declared = declaration::read(kind, attribute, &signature.ident, errors);
    signature::check(kind, place, signature, errors);
    let mut parameters = parameters::read(kind, signature, errors);
    if let (Some(span), Some(_)) = (declared.inline_span, &signature.asyncness) {
        errors.at(span, "an `async fn` is polled in place already: remove `inline`, which is for plain functions");
    }
    if kind == Kind::Resource {
        match_variables(&declared, &mut parameters, errors);
    }
    let description = docs::read(attributes);
    if kind == Kind::Tool && description.is_empty() {
        errors.at(
            signature.ident.span(),
            "an agent picks a tool by its description: write a doc comment, `/// …`, above the attribute",
        );
    }
    let function = Function {
        ident: signature.ident.clone(),
        conditions: attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect(),
        description,
        is_async: signature.asyncness.is_some(),
        has_receiver: signature.receiver().is_some(),
        parameters,
        forms: if kind == Kind::Tool { forms::read(body, errors) } else { Vec::new() },
        output: output(&signature.output, signature.ident.span()),
    };
    Entry { kind, declaration: declared.declaration, function }
}

/// The type that is returned; a missing one stands at the function's name, where its message then points.
fn output(output: &ReturnType, span: Span) -> Type {
    match output {
        ReturnType::Type(_, ty) => (**ty).clone(),
        ReturnType::Default => Type::Verbatim(quote_spanned!(span=> ())),
    }
}

/// Variables of the URI and parameters have to be the same, but for injected parameters.
fn match_variables(declared: &Declared, parameters: &mut [crate::model::Parameter], errors: &mut Errors) {
    for variable in &declared.variables {
        if !parameters.iter().any(|parameter| parameter.name.as_ref() == Some(variable)) {
            let message = format!("no parameter takes `{{{variable}}}`: add `{variable}: String`");
            errors.at(declared.uri_span, message);
        }
    }
    for parameter in parameters {
        parameter.is_foreign = parameter.name.as_ref().is_none_or(|name| !declared.variables.contains(name));
    }
}
