//! Ranges of numbers, as `1..=100`, `0..10` or `0.5..`.

use syn::{Expr, ExprLit, ExprRange, ExprUnary, Lit, RangeLimits, UnOp};

use super::settings::Setting;
use crate::error::Errors;
use crate::model::{Number, Range};

/// Reads a range.
pub(super) fn read(setting: Setting, errors: &mut Errors) -> Option<Range> {
    let expression = setting.expression("1..=100", errors)?;
    let Expr::Range(ExprRange { start, end, limits, .. }) = &expression else {
        errors.on(&expression, "`range` takes a range: write `range = 1..=100`, `1..` or `..=100`");
        return None;
    };
    let mut bound = |side: &Option<Box<Expr>>| match side.as_deref().map(number) {
        Some(None) => {
            errors.on(side, "a bound is a number that stands here, at most 64 bits long: write `range = 1..=100`");
            None
        }
        Some(Some(number)) => Some(number),
        None => None,
    };
    let (minimum, maximum) = (bound(start), bound(end));
    let is_open = matches!(limits, RangeLimits::HalfOpen(_));
    if start.is_none() && end.is_none() {
        errors.on(&expression, "`..` bounds nothing: write `range = 1..=100`, `1..` or `..=100`");
    }
    if let (Some(low), Some(high)) = (minimum, maximum)
        && (low.value() > high.value() || (is_open && low.value() >= high.value()))
    {
        errors.on(&expression, "this range is empty: write the smaller number first, as `1..=100`");
    }
    Some(Range { minimum, maximum, is_open })
}

/// A number that stands there, with or without a sign.
pub(super) fn number(expression: &Expr) -> Option<Number> {
    let (text, is_float) = digits(expression)?;
    if is_float {
        return text.parse::<f64>().ok().filter(|value| value.is_finite()).map(Number::Float);
    }
    text.parse().ok().map(Number::Int)
}

/// The digits with their sign, and whether they are a fraction.
fn digits(expression: &Expr) -> Option<(String, bool)> {
    match expression {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => {
            let is_float = matches!(number.suffix(), "f32" | "f64");
            Some((number.base10_digits().to_owned(), is_float))
        }
        Expr::Lit(ExprLit { lit: Lit::Float(number), .. }) => Some((number.base10_digits().to_owned(), true)),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) if !matches!(&**expr, Expr::Unary(_)) => {
            digits(expr).map(|(text, is_float)| (format!("-{text}"), is_float))
        }
        Expr::Group(group) => digits(&group.expr),
        Expr::Paren(paren) => digits(&paren.expr),
        _ => None,
    }
}
