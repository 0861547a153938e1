//! Parameters: names, descriptions and rules of what a function takes, and its list without our attributes.

use syn::ext::IdentExt as _;
use syn::{Attribute, FnArg, Pat, PatType, Signature};

use super::types::{self, Obstacle};
use super::{argument, docs};
use crate::error::Errors;
use crate::model::{Kind, Parameter};

/// Reads the parameters and takes our attributes, which the compiler would refuse, out of the signature.
pub(super) fn read(kind: Kind, signature: &mut Signature, errors: &mut Errors) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    for input in &mut signature.inputs {
        match input {
            FnArg::Receiver(receiver) => {
                if let Some(attribute) = strip(&mut receiver.attrs).first() {
                    errors.on(attribute, "`self` is not an argument: remove the attribute");
                }
            }
            FnArg::Typed(typed) => parameters.push(one(kind, typed, &parameters, errors)),
        }
    }
    parameters
}

/// Takes our attributes out, whatever they say.
pub(super) fn strip_all(signature: &mut Signature) {
    for input in &mut signature.inputs {
        match input {
            FnArg::Receiver(receiver) => drop(strip(&mut receiver.attrs)),
            FnArg::Typed(typed) => drop(strip(&mut typed.attrs)),
        }
    }
}

fn strip(attributes: &mut Vec<Attribute>) -> Vec<Attribute> {
    let ours = |attribute: &mut Attribute| ["arg", "doc"].iter().any(|word| attribute.path().is_ident(word));
    attributes.extract_if(.., ours).collect()
}

fn one(kind: Kind, typed: &mut PatType, others: &[Parameter], errors: &mut Errors) -> Parameter {
    let ours = strip(&mut typed.attrs);
    for attribute in &typed.attrs {
        if ["cfg", "cfg_attr"].iter().any(|word| attribute.path().is_ident(word)) {
            errors.on(attribute, "what a client sees may not depend on the build here: put `#[cfg]` on two functions");
        }
    }
    check_type(kind, typed, errors);
    let is_ruled = ours.iter().any(|attribute| attribute.path().is_ident("arg"));
    let argument::Argument { rename, rules } = argument::read(kind, &ours, errors);
    if rules.header.is_some() {
        check_header(&rules, others, &ours, errors);
    }
    let name = rename.or_else(|| match &*typed.pat {
        Pat::Ident(pattern) => Some(pattern.ident.unraw().to_string()),
        _ => None,
    });
    if let Some(name) = &name
        && others.iter().any(|other| other.name.as_ref() == Some(name))
    {
        errors.on(&typed.pat, format!("another parameter is already called `{name}`: write another `rename = \"…\"`"));
    }
    let description = docs::read(&ours);
    Parameter { ty: (*typed.ty).clone(), name, description, rules, is_ruled, is_foreign: false }
}

fn check_type(kind: Kind, typed: &PatType, errors: &mut Errors) {
    match types::obstacle(&typed.ty) {
        Some(Obstacle::Borrow) => {
            let owned = types::owned(&typed.ty);
            errors.on(&typed.ty, format!("a parameter owns its value: write {owned} instead of a reference"));
        }
        Some(Obstacle::Opaque) => {
            let word = kind.word();
            errors.on(&typed.ty, format!("a {word} has one schema: name the type instead of `impl …`"));
        }
        None => {}
    }
}

fn check_header(rules: &crate::model::Rules, others: &[Parameter], ours: &[Attribute], errors: &mut Errors) {
    let taken = others.iter().filter_map(|other| other.rules.header.as_ref());
    let Some(header) = &rules.header else { return };
    if taken.into_iter().any(|other| other.eq_ignore_ascii_case(header))
        && let Some(place) = ours.iter().find(|attribute| attribute.path().is_ident("arg"))
    {
        errors.on(place, format!("another parameter already has the header `{header}`: write another name"));
    }
}
