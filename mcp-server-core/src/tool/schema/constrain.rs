//! Constraints: what is declared of a parameter, put into the schema of its type.

use serde_json::{Map, Value, json};

use super::parts::type_of;
use crate::tool::parameter::{Bound, ParamSpec};

/// The greatest integer that every client can read exactly; beyond it nothing can be mirrored in a header.
const EXACT: i64 = (1 << 53) - 1;

/// Puts the constraints of a parameter into the schema of its type.
///
/// # Errors
/// A constraint that says nothing about this type, or that contradicts it or another one.
pub(super) fn constrain(members: &mut Map<String, Value>, spec: &ParamSpec) -> Result<(), String> {
    counts(members, "string", "min_length", "minLength", spec.min_length)?;
    counts(members, "string", "max_length", "maxLength", spec.max_length)?;
    counts(members, "array", "min_items", "minItems", spec.min_items)?;
    counts(members, "array", "max_items", "maxItems", spec.max_items)?;
    text(members, "pattern", spec.pattern)?;
    text(members, "format", spec.format)?;
    range(members, spec)?;
    ordered(members, "minLength", "maxLength")?;
    ordered(members, "minItems", "maxItems")?;
    ordered(members, "minimum", "maximum")?;
    if let Some(header) = spec.header {
        mirror(members, spec, header)?;
    }
    if spec.secret {
        // Hosts that know the keyword show no such value either.
        members.insert("writeOnly".to_owned(), true.into());
    }
    if let Some(default) = spec.default {
        let default = default();
        fits(members, &default)?;
        members.insert("default".to_owned(), default);
    }
    Ok(())
}

fn needs(members: &Map<String, Value>, type_: &str, constraint: &str) -> Result<(), String> {
    match type_of(members) {
        Some(own) if own == type_ => Ok(()),
        Some(own) => Err(format!("`{constraint}` is for type `{type_}`, and this is of type `{own}`")),
        None => Err(format!("`{constraint}` is for type `{type_}`, and this type allows several or does not say")),
    }
}

fn counts(
    members: &mut Map<String, Value>,
    type_: &str,
    name: &str,
    keyword: &str,
    count: Option<u64>,
) -> Result<(), String> {
    let Some(count) = count else { return Ok(()) };
    needs(members, type_, name)?;
    members.insert(keyword.to_owned(), count.into());
    Ok(())
}

fn text(members: &mut Map<String, Value>, keyword: &str, value: Option<&str>) -> Result<(), String> {
    let Some(value) = value else { return Ok(()) };
    needs(members, "string", keyword)?;
    if keyword == "format" && !super::derive::FORMATS.contains(&value) {
        return Err(format!("`{value}` is no format of JSON Schema that is checked"));
    }
    members.insert(keyword.to_owned(), value.into());
    Ok(())
}

fn range(members: &mut Map<String, Value>, spec: &ParamSpec) -> Result<(), String> {
    if spec.minimum.is_none() && spec.maximum.is_none() && spec.exclusive_maximum.is_none() {
        return Ok(());
    }
    let integer = match type_of(members) {
        Some("integer") => true,
        Some("number") => false,
        other => return Err(format!("a range is for numbers, and this is of type `{}`", other.unwrap_or("several"))),
    };
    if let Some(minimum) = spec.minimum {
        tighten(members, "minimum", minimum, integer)?;
    }
    if let Some(maximum) = spec.maximum {
        tighten(members, "maximum", maximum, integer)?;
    }
    match spec.exclusive_maximum {
        // Hosts that know little of JSON Schema know `maximum` better.
        Some(Bound::Int(end)) if integer => tighten(members, "maximum", Bound::Int(end.saturating_sub(1)), true),
        Some(end) => tighten(members, "exclusiveMaximum", end, integer),
        None => Ok(()),
    }
}

/// Sets a bound; one that the type itself could not reach is a mistake.
fn tighten(members: &mut Map<String, Value>, keyword: &str, bound: Bound, integer: bool) -> Result<(), String> {
    let value = match bound {
        Bound::Int(value) => Value::from(value),
        Bound::Float(_) if integer => return Err(format!("`{keyword}` of an integer must be an integer")),
        Bound::Float(value) if value.is_finite() => Value::from(value),
        Bound::Float(_) => return Err(format!("`{keyword}` must be a finite number")),
    };
    let own = members.get(keyword).and_then(Value::as_f64);
    let wanted = value.as_f64().unwrap_or_default();
    let beyond = own.is_some_and(|own| if keyword == "minimum" { wanted < own } else { wanted > own });
    if beyond {
        return Err(format!(
            "the range goes beyond the type: `{keyword}` is {value}, and the type ends at {}",
            own.unwrap_or_default()
        ));
    }
    members.insert(keyword.to_owned(), value);
    Ok(())
}

fn ordered(members: &Map<String, Value>, least: &str, most: &str) -> Result<(), String> {
    let number = |keyword: &str| members.get(keyword).and_then(Value::as_f64);
    match (number(least), number(most)) {
        (Some(low), Some(high)) if low > high => {
            Err(format!("`{least}` is {low} and `{most}` is {high}: nothing fits"))
        }
        _ => Ok(()),
    }
}

/// Marks a parameter as repeated in a header (server/tools, `x-mcp-header`).
fn mirror(members: &mut Map<String, Value>, spec: &ParamSpec, header: &str) -> Result<(), String> {
    if spec.secret {
        return Err("it is secret, and headers are logged by what lies between client and server".to_owned());
    }
    match type_of(members) {
        Some("string" | "boolean") => {}
        Some("integer") => {
            for (keyword, bound) in [("minimum", -EXACT), ("maximum", EXACT)] {
                let own = members.get(keyword).and_then(Value::as_f64);
                let wide = own.is_none_or(|own| own.abs() > 9_007_199_254_740_991.0);
                if wide {
                    members.insert(keyword.to_owned(), json!(bound));
                }
            }
        }
        other => {
            return Err(format!(
                "only a string, integer or boolean can be mirrored in a header, and this is of type `{}`",
                other.unwrap_or("several")
            ));
        }
    }
    members.insert("x-mcp-header".to_owned(), header.into());
    Ok(())
}

/// Whether a default keeps the constraints that are easy to tell; it would fail at the first call otherwise.
fn fits(members: &Map<String, Value>, default: &Value) -> Result<(), String> {
    let number = |keyword: &str| members.get(keyword).and_then(Value::as_f64);
    let right_type = match type_of(members) {
        Some("string") => default.is_string(),
        Some("integer") => default.is_i64() || default.is_u64(),
        Some("number") => default.is_number(),
        Some("boolean") => default.is_boolean(),
        Some("array") => default.is_array(),
        Some("object") => default.is_object(),
        _ => true,
    };
    let size = match default {
        Value::String(text) => Some((text.chars().count(), "minLength", "maxLength")),
        Value::Array(items) => Some((items.len(), "minItems", "maxItems")),
        _ => None,
    };
    #[expect(clippy::cast_precision_loss, reason = "a default of 2^53 items does not exist")]
    let sized = size.is_none_or(|(size, least, most)| {
        number(least).is_none_or(|least| size as f64 >= least) && number(most).is_none_or(|most| size as f64 <= most)
    });
    let ranged = default.as_f64().is_none_or(|value| {
        number("minimum").is_none_or(|least| value >= least)
            && number("maximum").is_none_or(|most| value <= most)
            && number("exclusiveMaximum").is_none_or(|most| value < most)
    });
    let listed = members.get("enum").and_then(Value::as_array).is_none_or(|options| options.contains(default));
    if right_type && sized && ranged && listed {
        return Ok(());
    }
    Err(format!("the default {default} breaks its own schema"))
}
