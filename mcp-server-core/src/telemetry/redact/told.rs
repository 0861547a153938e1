//! What is told of a call on its span, where the configuration wants it.

use std::borrow::Cow;

use serde_json::Value;

use super::redactor::Redactor;
use super::values::Values;

/// The bytes of a value that are told; collectors take no more of an attribute.
const MOST: usize = 4096;

/// A value as text, without secrets and credentials, and clipped.
pub(crate) fn told(redactor: &Redactor, sent: Option<&Values>, mut value: Value) -> String {
    redactor.value(&mut value, &|text| sent.map_or(Cow::Borrowed(text), |sent| sent.scrub_secrets(text)));
    let mut text = value.to_string();
    if text.len() > MOST {
        text.truncate(text.floor_char_boundary(MOST));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_is_clipped_and_a_token_in_it_is_taken_out_before() {
        let redactor = Redactor::new(true, &[]);
        let text = format!("{} AKIAIOSFODNN7EXAMPLE", "é".repeat(2040));
        let told = told(&redactor, None, Value::String(text));
        assert!(told.len() <= MOST + '…'.len_utf8() && !told.contains("AKIA"), "{}", told.len());
    }
}
