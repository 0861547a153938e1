//! Forms: the types that a function's body puts to the user, where it spells them, so that the start can check them.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::spanned::Spanned as _;
use syn::{GenericArgument, PathArguments, Type};

use crate::error::Errors;

const METHOD: &str = "elicit";

/// Finds the forms that a body asks for by name: `context.elicit::<Form>(…)`, `let form: Form = context.elicit(…)` and
/// `let Form { field } = context.elicit(…)`.
///
/// A body that declares or imports names of its own is passed over: what it means cannot be named outside of it.
pub(super) fn read(body: TokenStream, errors: &mut Errors) -> Vec<Type> {
    let mut forms = Vec::new();
    if !is_asking(body.clone()) || has_names_of_its_own(body.clone()) {
        return forms;
    }
    search(body, &mut forms);
    forms.retain(|form| !mentions(form, "Self") && !mentions(form, "_"));
    forms.retain(|form| {
        let is_struct = is_struct(form);
        if !is_struct {
            errors.at(form.span(), "a form is a struct with named fields: put this into a field of one");
        }
        is_struct
    });
    forms
}

fn any(tokens: TokenStream, found: &impl Fn(&str) -> bool) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => any(group.stream(), found),
        TokenTree::Ident(ident) => found(&ident.to_string()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

fn is_asking(body: TokenStream) -> bool {
    any(body, &|ident| ident == METHOD)
}

fn has_names_of_its_own(body: TokenStream) -> bool {
    any(body, &|ident| matches!(ident, "use" | "struct" | "enum" | "type" | "cfg" | "macro_rules" | "mod"))
}

fn mentions(form: &Type, name: &str) -> bool {
    let name = name.to_owned();
    any(quote::quote!(#form), &|ident| ident == name)
}

fn search(tokens: TokenStream, forms: &mut Vec<Type>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => search(group.stream(), forms),
            TokenTree::Ident(ident) if *ident == METHOD && is_punct(tokens.get(index.wrapping_sub(1)), '.') => {
                let after = tokens.get(index + 1..).unwrap_or_default();
                forms.extend(turbofish(after));
            }
            TokenTree::Ident(ident) if ident == "let" => {
                let after = tokens.get(index + 1..).unwrap_or_default();
                forms.extend(annotated(after));
            }
            _ => {}
        }
    }
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

/// The type between `::<` and its `>`.
fn turbofish(after: &[TokenTree]) -> Option<Type> {
    if !(is_punct(after.first(), ':') && is_punct(after.get(1), ':') && is_punct(after.get(2), '<')) {
        return None;
    }
    let mut depth = 1;
    let mut inside = Vec::new();
    for token in after.get(3..)? {
        if is_punct(Some(token), '<') {
            depth += 1;
        }
        if is_punct(Some(token), '>') {
            depth -= 1;
            if depth == 0 {
                return syn::parse2(inside.into_iter().collect()).ok();
            }
        }
        inside.push(token.clone());
    }
    None
}

/// The type that a `let` gives to what was asked.
fn annotated(after: &[TokenTree]) -> Option<Type> {
    let end = after.iter().position(|token| is_punct(Some(token), ';'))?;
    let statement = after.get(..end)?;
    let equals = statement.iter().position(|token| is_punct(Some(token), '='))?;
    let (pattern, value) = (statement.get(..equals)?, statement.get(equals + 1..)?);
    if !is_plain_question(value) {
        return None;
    }
    let spelled: Vec<TokenTree> = match pattern.iter().position(|token| is_punct(Some(token), ':')) {
        Some(colon) if !is_punct(pattern.get(colon + 1), ':') => pattern.get(colon + 1..)?.to_vec(),
        _ => match pattern.split_last()? {
            (TokenTree::Group(group), path) if group.delimiter() == Delimiter::Brace => path.to_vec(),
            _ => return None,
        },
    };
    let form: Type = syn::parse2(spelled.into_iter().collect()).ok()?;
    Some(inside_answer(&form).unwrap_or(form))
}

/// Whether a value is a question and what is asked of it alone, such as `context.elicit(…).key(…).await?`.
fn is_plain_question(value: &[TokenTree]) -> bool {
    let Some(at) = value.iter().position(|token| matches!(token, TokenTree::Ident(ident) if *ident == METHOD)) else {
        return false;
    };
    let is_call = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis);
    let rest = value.get(at + 2..).unwrap_or_default();
    is_call(value.get(at + 1))
        && rest.iter().all(|token| match token {
            TokenTree::Ident(ident) => ident == "key" || ident == "answer" || ident == "await",
            TokenTree::Punct(punct) => matches!(punct.as_char(), '.' | '?'),
            TokenTree::Group(_) => true,
            TokenTree::Literal(_) => false,
        })
}

/// The form in `Answer<Form>`.
fn inside_answer(form: &Type) -> Option<Type> {
    let Type::Path(path) = form else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == "Answer")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(form) => Some(form.clone()),
        _ => None,
    }
}

/// Whether a spelling can be a struct.
fn is_struct(form: &Type) -> bool {
    const NONE: [&str; 24] = [
        "String", "str", "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128",
        "isize", "f32", "f64", "Vec", "Option", "HashMap", "BTreeMap", "HashSet", "BTreeSet",
    ];
    match form {
        Type::Path(path) => path.path.segments.last().is_some_and(|segment| {
            let name = segment.ident.to_string();
            !NONE.contains(&name.as_str())
        }),
        Type::Paren(inner) => is_struct(&inner.elem),
        Type::Group(inner) => is_struct(&inner.elem),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use quote::{ToTokens as _, quote};

    use super::*;

    fn found(body: &TokenStream) -> Vec<String> {
        let mut errors = Errors::default();
        let forms = read(quote!({ #body }), &mut errors);
        assert!(errors.is_empty());
        forms.iter().map(|form| form.to_token_stream().to_string()).collect()
    }

    #[test]
    fn forms_are_found_where_they_are_spelled() {
        assert_eq!(
            found(&quote!(if x {
                context.elicit::<a::Form>("?").await?
            })),
            ["a :: Form"]
        );
        assert_eq!(found(&quote!(let Form { sure } = context.elicit("?").key("k").await?;)), ["Form"]);
        assert_eq!(found(&quote!(let form: Form = self.context().elicit("?").await?;)), ["Form"]);
        assert_eq!(found(&quote!(let a: Answer<Form> = context.elicit("?").answer().await?;)), ["Form"]);
        assert_eq!(found(&quote!(let a = context.elicit::<Page<Form>>("?").await?;)), ["Page < Form >"]);
    }

    #[test]
    fn what_cannot_be_named_outside_is_passed_over() {
        for body in [
            quote!(use a::Form;, context.elicit::<Form>("?").await?),
            quote!(struct Form;, context.elicit::<Form>("?").await?),
            quote!(context.elicit::<Self>("?").await?),
            quote!(context.elicit::<_>("?").await?),
            quote!(let x: u32 = sum(context.elicit("?").await?);),
            quote!(let x: u32 = context.elicit("?").await?.number();),
            quote!(ask(context).await?),
        ] {
            assert_eq!(found(&body), [""; 0]);
        }
    }

    #[test]
    fn what_is_no_struct_is_refused() {
        for body in [
            quote!(context.elicit::<Vec<Form>>("?").await?),
            quote!(context.elicit::<Option<Form>>("?").await?),
            quote!(context.elicit::<(u8, u8)>("?").await?),
            quote!(let text: String = context.elicit("?").await?;),
        ] {
            let mut errors = Errors::default();
            assert!(read(quote!({ #body }), &mut errors).is_empty() && !errors.is_empty());
        }
    }
}
