//! Signatures: what the framework cannot call, or not safely.

use syn::{ReceiverKind, ReturnType, Safety, Signature, Type};

use super::types::{self, Obstacle};
use crate::error::Errors;
use crate::model::Kind;

/// Where a function stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// By itself, or so it seems: `#[items]` is not above it.
    Free,
    /// In an `impl` block with `#[items]`.
    Block,
}

/// Reports what keeps a function from being called.
pub(super) fn check(kind: Kind, place: Place, signature: &Signature, errors: &mut Errors) {
    let word = kind.word();
    if let Some(token) = &signature.constness {
        errors.on(token, format!("a {word} is called when a client asks: remove `const`"));
    }
    if let Safety::Unsafe(token) = &signature.safety {
        errors
            .on(token, format!("a {word} is called with what a client sends: remove `unsafe` and wrap what needs it"));
    }
    if let Some(abi) = &signature.abi {
        errors.on(abi, format!("a {word} is called from Rust: remove `extern`"));
    }
    if !signature.generics.params.is_empty() {
        errors.on(
            &signature.generics,
            format!(
                "a {word} has one schema, so it cannot be generic: name the types, and call a generic function from it"
            ),
        );
    }
    if let Some(clause) = &signature.generics.where_clause {
        errors.on(clause, format!("a {word} is not generic: remove the `where` clause"));
    }
    check_receiver(kind, place, signature, errors);
    if let ReturnType::Type(_, ty) = &signature.output {
        check_output(kind, ty, errors);
    }
}

fn check_receiver(kind: Kind, place: Place, signature: &Signature, errors: &mut Errors) {
    let Some(receiver) = signature.receiver() else { return };
    let word = kind.word();
    if place == Place::Free {
        let message = format!("`#[{word}]` on a method needs `#[items]` on its `impl` block: add it above `impl`");
        errors.on(receiver, message);
        return;
    }
    match &receiver.kind {
        ReceiverKind::Reference(_, None, None) => {}
        ReceiverKind::Reference(_, _, Some(_)) => errors.on(
            receiver,
            "calls run side by side: take `&self`, and keep what changes behind a `Mutex` or in an atomic",
        ),
        _ => errors.on(receiver, "the value serves many calls: take `&self`"),
    }
}

fn check_output(kind: Kind, ty: &Type, errors: &mut Errors) {
    let word = kind.word();
    match types::obstacle(ty) {
        Some(Obstacle::Borrow) => errors.on(
            ty,
            format!("the result of a {word} outlives the call: return an owned type such as `String`, not a reference"),
        ),
        Some(Obstacle::Opaque) => {
            errors.on(ty, format!("the result of a {word} decides its schema: name the type instead of `impl …`"));
        }
        None => {}
    }
}
