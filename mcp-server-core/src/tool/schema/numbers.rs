//! Numbers: the bounds behind Rust's names of them, which no client knows.

use serde_json::{Map, Number, Value};

use super::derive::FORMATS;
use super::side::Side;

/// Says with `minimum` and `maximum` what a name such as `int32` says, and takes the name away.
///
/// The ends of 64 bits and of `float` are checked on input and never published: see [`is_extreme`].
pub(super) fn bound(members: &mut Map<String, Value>, side: Side) {
    let Some(format) = members.get("format").and_then(Value::as_str) else { return };
    if FORMATS.contains(&format) {
        return;
    }
    let bounds: Option<(Number, Number)> = match format {
        "int8" => Some((i8::MIN.into(), i8::MAX.into())),
        "int16" => Some((i16::MIN.into(), i16::MAX.into())),
        "int32" => Some((i32::MIN.into(), i32::MAX.into())),
        "uint8" => Some((0.into(), u8::MAX.into())),
        "uint16" => Some((0.into(), u16::MAX.into())),
        "uint32" => Some((0.into(), u32::MAX.into())),
        _ if side == Side::Output => None,
        "int64" | "int" => Some((i64::MIN.into(), i64::MAX.into())),
        // The reader of JSON knows no integer beyond these.
        "int128" => Some((i64::MIN.into(), u64::MAX.into())),
        "uint64" | "uint" | "uint128" => Some((0.into(), u64::MAX.into())),
        "float" => Number::from_f64(-f64::from(f32::MAX)).zip(Number::from_f64(f64::from(f32::MAX))),
        _ => None,
    };
    let is_number = super::parts::type_of(members).is_none_or(|own| matches!(own, "integer" | "number"));
    if is_number {
        members.shift_remove("format");
    }
    if let Some((least, most)) = bounds.filter(|_| is_number) {
        members.entry("minimum").or_insert(least.into());
        members.entry("maximum").or_insert(most.into());
    }
}

/// Whether a bound is the end of what a Rust type holds and beyond what a client's language reads exactly.
pub(super) fn is_extreme(bound: &Value) -> bool {
    bound.as_f64().is_some_and(|bound| bound.abs() > 9_007_199_254_740_991.0)
}
