//! Settings: the grammar inside an attribute's parentheses, `key`, `key = value`, `key("a", "b")`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, Lit, LitStr, Path, Token};

use super::suggest;
use crate::error::Errors;

/// One setting.
pub(super) struct Setting {
    pub(super) key: Ident,
    value: Value,
}

enum Value {
    /// The key stands alone.
    Flag,
    /// What follows `=`.
    Expr(Expr),
    /// What the parentheses hold.
    List(Vec<Expr>),
}

/// The settings of an attribute, each of them known and there once.
pub(super) struct Settings(Vec<Setting>);

impl Settings {
    /// Reads settings; unknown and repeated ones are reported and left out. `place` names the attribute, as `#[tool]`.
    pub(super) fn read(tokens: TokenStream, place: &str, known: &[&'static str], errors: &mut Errors) -> Self {
        Self::checked(parse.parse2(tokens), place, known, errors)
    }

    /// Reads settings behind a first text, which a resource's URI is.
    pub(super) fn read_after_text(
        tokens: TokenStream,
        place: &str,
        known: &[&'static str],
        errors: &mut Errors,
    ) -> (Option<LitStr>, Self) {
        let with_text = |input: ParseStream<'_>| -> syn::Result<(Option<LitStr>, Vec<Setting>)> {
            if !input.peek(LitStr) {
                return Ok((None, parse(input)?));
            }
            let text = input.parse()?;
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
            Ok((Some(text), parse(input)?))
        };
        match with_text.parse2(tokens) {
            Ok((text, settings)) => (text, Self::checked(Ok(settings), place, known, errors)),
            Err(error) => (None, Self::checked(Err(error), place, known, errors)),
        }
    }

    fn checked(parsed: syn::Result<Vec<Setting>>, place: &str, known: &[&'static str], errors: &mut Errors) -> Self {
        let mut settings = Self(Vec::new());
        for setting in errors.keep(parsed).unwrap_or_default() {
            let key = setting.key.to_string();
            if !known.contains(&key.as_str()) {
                errors.at(setting.key.span(), unknown(&key, place, known));
            } else if settings.0.iter().any(|other| other.key == setting.key) {
                errors.at(setting.key.span(), format!("`{key}` is set twice: keep one of them"));
            } else {
                settings.0.push(setting);
            }
        }
        settings
    }

    /// Takes a setting out.
    pub(super) fn take(&mut self, key: &str) -> Option<Setting> {
        let at = self.0.iter().position(|setting| setting.key == key)?;
        Some(self.0.swap_remove(at))
    }
}

fn parse(input: ParseStream<'_>) -> syn::Result<Vec<Setting>> {
    let setting = |input: ParseStream<'_>| -> syn::Result<Setting> {
        let key = input.call(Ident::parse_any).map_err(|error| {
            syn::Error::new(error.span(), "expected a setting: `key`, `key = value` or `key(\"…\")`")
        })?;
        if input.parse::<Option<Token![=]>>()?.is_some() {
            return Ok(Setting { key, value: Value::Expr(input.parse()?) });
        }
        if input.peek(syn::token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            let list = Punctuated::<Expr, Token![,]>::parse_terminated(&content)?;
            return Ok(Setting { key, value: Value::List(list.into_iter().collect()) });
        }
        if input.is_empty() || input.peek(Token![,]) {
            return Ok(Setting { key, value: Value::Flag });
        }
        Err(input.error(format!("a setting is written `{key}`, `{key} = value` or `{key}(\"…\")`")))
    };
    Ok(Punctuated::<Setting, Token![,]>::parse_terminated_with(input, setting)?.into_iter().collect())
}

/// What to write instead of a key that does not exist.
fn unknown(key: &str, place: &str, known: &[&'static str]) -> String {
    let advice = match key {
        "description" | "desc" | "doc" | "help" => Some("write it as a doc comment: `/// …`".to_owned()),
        "min" | "max" | "minimum" | "maximum" | "ge" | "le" | "gt" | "lt" if known.contains(&"range") => {
            Some("write `range = 1..=100` for a number, `min_length` or `max_length` for a text".to_owned())
        }
        "len" | "length" if known.contains(&"min_length") => Some("write `min_length` or `max_length`".to_owned()),
        "regex" | "regexp" if known.contains(&"pattern") => Some("write `pattern = \"…\"`".to_owned()),
        "required" | "optional" => {
            Some("an argument is required unless its type is `Option` or it has a `default`".to_owned())
        }
        "scope" if known.contains(&"scopes") => Some("write `scopes(\"…\")`".to_owned()),
        "tasks" | "background" if known.contains(&"task") => Some("write `task`, or `task = \"required\"`".to_owned()),
        "blocking" => Some("a plain `fn` runs on the pool of blocking threads by itself".to_owned()),
        "uri" | "template" => Some("write it first and without a key: `#[resource(\"scheme://{id}\")]`".to_owned()),
        _ => suggest::nearest(key, known).map(|word| format!("did you mean `{word}`?")),
    };
    let advice = advice.unwrap_or_else(|| format!("known are `{}`", known.join("`, `")));
    format!("`{key}` is no setting of `{place}`: {advice}")
}

impl Setting {
    /// Where its value stands; the key, if there is none.
    pub(super) fn span(&self) -> Span {
        match &self.value {
            Value::Expr(value) => value.to_token_stream().into_iter().next().map_or(self.key.span(), |t| t.span()),
            Value::Flag | Value::List(_) => self.key.span(),
        }
    }

    /// The value as it stands, for messages that mark all of it.
    pub(super) fn tokens(&self) -> TokenStream {
        match &self.value {
            Value::Expr(value) => value.to_token_stream(),
            Value::Flag | Value::List(_) => self.key.to_token_stream(),
        }
    }

    /// The value behind `=`.
    pub(super) fn expression(self, example: &str, errors: &mut Errors) -> Option<Expr> {
        match self.value {
            Value::Expr(value) => Some(value),
            Value::Flag | Value::List(_) => {
                errors.at(self.key.span(), format!("write `{} = {example}`", self.key));
                None
            }
        }
    }

    /// A text that is not blank.
    pub(super) fn text(&self, example: &str, errors: &mut Errors) -> Option<String> {
        let Value::Expr(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) = &self.value else {
            errors.on(self.tokens(), format!("`{}` takes a text: write `{} = \"{example}\"`", self.key, self.key));
            return None;
        };
        let value = text.value();
        if value.trim().is_empty() {
            errors.at(text.span(), format!("`{}` is empty: write `{} = \"{example}\"`", self.key, self.key));
            return None;
        }
        Some(value)
    }

    /// `key`, `key = true` or `key = false`; nothing if it is written in another way.
    pub(super) fn as_flag(&self) -> Option<bool> {
        match &self.value {
            Value::Flag => Some(true),
            Value::Expr(Expr::Lit(ExprLit { lit: Lit::Bool(value), .. })) => Some(value.value()),
            Value::Expr(_) | Value::List(_) => None,
        }
    }

    /// `key`, `key = true` or `key = false`.
    pub(super) fn flag(&self, errors: &mut Errors) -> Option<bool> {
        let flag = self.as_flag();
        if flag.is_none() {
            errors.on(self.tokens(), format!("write `{}`, or `{} = false`", self.key, self.key));
        }
        flag
    }

    /// A whole number from zero.
    pub(super) fn count(&self, errors: &mut Errors) -> Option<u64> {
        let number = match &self.value {
            Value::Expr(Expr::Lit(ExprLit { lit: Lit::Int(number), .. })) => number.base10_parse().ok(),
            Value::Flag | Value::Expr(_) | Value::List(_) => None,
        };
        if number.is_none() {
            let message =
                format!("`{}` takes a whole number that is not negative: write `{} = 10`", self.key, self.key);
            errors.on(self.tokens(), message);
        }
        number
    }

    /// `key("a", "b")`: at least one text, each of them once, with their places.
    pub(super) fn texts(&self, example: &str, errors: &mut Errors) -> Vec<LitStr> {
        let Value::List(list) = &self.value else {
            errors.on(self.tokens(), format!("write `{}(\"{example}\")`", self.key));
            return Vec::new();
        };
        if list.is_empty() {
            errors.at(self.key.span(), format!("`{}` lists nothing: write `{}(\"{example}\")`", self.key, self.key));
        }
        let mut texts: Vec<LitStr> = Vec::new();
        for entry in list {
            match entry {
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. })
                    if texts.iter().any(|other| other.value() == text.value()) =>
                {
                    errors.at(
                        text.span(),
                        format!("`{}` stands twice in `{}`: keep one of them", text.value(), self.key),
                    );
                }
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => texts.push(text.clone()),
                other => errors.on(other, format!("`{}` takes texts: write `{}(\"{example}\")`", self.key, self.key)),
            }
        }
        texts
    }

    /// A path, such as the name of a function.
    pub(super) fn path(self, example: &str, errors: &mut Errors) -> Option<Path> {
        let message = format!("`{}` takes a path: write `{} = {example}`", self.key, self.key);
        match self.value {
            Value::Expr(Expr::Path(path)) if path.qself.is_none() => Some(path.path),
            Value::Expr(other) => {
                errors.on(other, message);
                None
            }
            Value::Flag | Value::List(_) => {
                errors.at(self.key.span(), message);
                None
            }
        }
    }
}
