//! Default values: literals become JSON as they stand, anything else is serialised at start.

use quote::quote;
use syn::{Expr, ExprLit, Lit};

use super::range;
use super::settings::Setting;
use crate::error::Errors;
use crate::model::{DefaultValue, Number, Rules};

/// Reads a default and, where it is a literal, holds it against the other rules.
pub(super) fn read(setting: Setting, rules: &Rules, errors: &mut Errors) -> Option<DefaultValue> {
    let expression = setting.expression("20", errors)?;
    if let Some(number) = range::number(&expression) {
        if !within(number, rules) {
            errors.on(&expression, "the default is outside the argument's own `range`");
        }
        return Some(DefaultValue::Literal(match number {
            Number::Int(value) => quote!(#value),
            Number::Float(value) => quote!(#value),
        }));
    }
    if let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &expression {
        let count = u64::try_from(text.value().chars().count()).unwrap_or(u64::MAX);
        if rules.min_length.is_some_and(|least| count < least) || rules.max_length.is_some_and(|most| count > most) {
            errors
                .on(&expression, format!("the default has {count} characters, which the argument's own rules refuse"));
        }
        return Some(DefaultValue::Literal(quote!(#text)));
    }
    if let Expr::Lit(ExprLit { lit: Lit::Bool(value), .. }) = &expression {
        return Some(DefaultValue::Literal(quote!(#value)));
    }
    Some(DefaultValue::Expression(expression))
}

fn within(number: Number, rules: &Rules) -> bool {
    let Some(range) = rules.range else { return true };
    let above = range.minimum.is_none_or(|minimum| number.value() >= minimum.value());
    let below = range.maximum.is_none_or(|maximum| {
        if range.is_open { number.value() < maximum.value() } else { number.value() <= maximum.value() }
    });
    above && below
}
