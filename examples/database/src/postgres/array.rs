//! Arrays as PostgreSQL writes them in text: `{1,NULL,"a b",{2}}`.

use serde_json::Value;

/// Reads an array; each element that is neither null nor an array goes through `element`.
///
/// `None` if the text is no array.
pub(super) fn read(text: &str, delimiter: char, element: &dyn Fn(&str) -> Value) -> Option<Value> {
    // Bounds other than from 1 stand before: `[0:1]={…}`. JSON has no word for them.
    let body = if text.starts_with('[') { text.split_once('=')?.1 } else { text };
    let mut reader = Reader { rest: body, delimiter, element };
    let value = reader.array()?;
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
    delimiter: char,
    element: &'a dyn Fn(&str) -> Value,
}

impl Reader<'_> {
    fn array(&mut self) -> Option<Value> {
        self.take('{')?;
        let mut items = Vec::new();
        if self.take('}').is_some() {
            return Some(Value::Array(items));
        }
        loop {
            items.push(self.item()?);
            if self.take('}').is_some() {
                return Some(Value::Array(items));
            }
            self.take(self.delimiter)?;
        }
    }

    fn item(&mut self) -> Option<Value> {
        if self.rest.starts_with('{') {
            return self.array();
        }
        if self.take('"').is_some() {
            return self.quoted().map(|text| (self.element)(&text));
        }
        let end = self.rest.find([self.delimiter, '}'])?;
        let (text, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        Some(if text == "NULL" { Value::Null } else { (self.element)(text) })
    }

    fn quoted(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut letters = self.rest.chars();
        loop {
            match letters.next()? {
                '"' => break,
                '\\' => text.push(letters.next()?),
                other => text.push(other),
            }
        }
        self.rest = letters.as_str();
        Some(text)
    }

    fn take(&mut self, wanted: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(wanted)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn arrays_of_every_shape_are_read() {
        let text = |text: &str| Value::from(text);
        assert_eq!(read("{}", ',', &text), Some(json!([])));
        assert_eq!(read("{a,NULL,\"NULL\"}", ',', &text), Some(json!(["a", null, "NULL"])));
        assert_eq!(read(r#"{"a \"b\" \\ {,}",c}"#, ',', &text), Some(json!(["a \"b\" \\ {,}", "c"])));
        assert_eq!(read("[0:1]={{1,2},{3,4}}", ',', &text), Some(json!([["1", "2"], ["3", "4"]])));
        assert_eq!(read("{(1,2);(3,4)}", ';', &text), Some(json!(["(1,2)", "(3,4)"])));
        for broken in ["", "1 2 3", "{", "{a", "{\"a}", "{a}b"] {
            assert_eq!(read(broken, ',', &text), None, "{broken}");
        }
    }
}
