//! URI templates (RFC 6570): simple and reserved expansion, and queries, read backwards.

use serde_json::{Map, Value};

/// A template, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Template(Vec<Piece>);

#[derive(Clone, Debug)]
enum Piece {
    Literal(String),
    /// A variable: one segment of a path, or with `{+name}` anything.
    Variable {
        name: String,
        reserved: bool,
    },
    /// `{?a,b}`: each may be absent.
    Query(Vec<String>),
}

impl Template {
    /// Whether a URI is a template.
    pub(crate) fn is_one(uri: &str) -> bool {
        uri.contains('{')
    }

    /// Takes a template apart.
    ///
    /// # Errors
    /// A sentence saying what is wrong with it, or which operator is not served.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once('{') {
            if !literal.is_empty() {
                pieces.push(Piece::Literal(literal.to_owned()));
            }
            let (inside, after) = after.split_once('}').ok_or("a `{` without its `}`")?;
            pieces.push(Piece::parse(inside)?);
            rest = after;
        }
        if rest.contains('}') {
            return Err("a `}` without its `{`".to_owned());
        }
        if !rest.is_empty() {
            pieces.push(Piece::Literal(rest.to_owned()));
        }
        let adjacent = pieces.windows(2).any(|pair| matches!(pair, [Piece::Variable { .. }, Piece::Variable { .. }]));
        if adjacent {
            return Err("two variables side by side cannot be told apart: put a character between them".to_owned());
        }
        if pieces.iter().rev().skip(1).any(|piece| matches!(piece, Piece::Query(_))) {
            return Err("`{?…}` must be the last part".to_owned());
        }
        Ok(Self(pieces))
    }

    /// The names of the variables, in order.
    pub(crate) fn variables(&self) -> Vec<&str> {
        self.0
            .iter()
            .flat_map(|piece| match piece {
                Piece::Literal(_) => Vec::new(),
                Piece::Variable { name, .. } => vec![name.as_str()],
                Piece::Query(names) => names.iter().map(String::as_str).collect(),
            })
            .collect()
    }

    /// Reads a URI by the template; `None` if it is none of its kind.
    pub(crate) fn read(&self, uri: &str) -> Option<Map<String, Value>> {
        let mut values = Map::new();
        read_from(&self.0, uri, &mut values).then_some(values)
    }
}

impl Piece {
    fn parse(inside: &str) -> Result<Self, String> {
        let name_of = |name: &str| -> Result<String, String> {
            let legal = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
            legal.then(|| name.to_owned()).ok_or_else(|| format!("`{{{inside}}}` names no variable"))
        };
        match inside.split_at_checked(1) {
            Some(("+", name)) => Ok(Self::Variable { name: name_of(name)?, reserved: true }),
            Some(("?", names)) => Ok(Self::Query(names.split(',').map(name_of).collect::<Result<_, _>>()?)),
            Some(("#" | "." | "/" | ";" | "&" | "=" | "!" | "@" | "|", _)) => {
                Err(format!("`{{{inside}}}`: of RFC 6570 the forms {{name}}, {{+name}} and {{?a,b}} are served"))
            }
            _ => Ok(Self::Variable { name: name_of(inside)?, reserved: false }),
        }
    }
}

fn read_from(pieces: &[Piece], uri: &str, values: &mut Map<String, Value>) -> bool {
    let Some((piece, rest)) = pieces.split_first() else { return uri.is_empty() };
    match piece {
        Piece::Literal(literal) => uri.strip_prefix(literal.as_str()).is_some_and(|uri| read_from(rest, uri, values)),
        Piece::Query(names) => rest.is_empty() && read_query(names, uri, values),
        Piece::Variable { name, reserved } => {
            let stop = if *reserved { uri.len() } else { uri.find(['/', '?', '#']).unwrap_or(uri.len()) };
            // The longest value first, as an expansion would be read by a person; an empty one is no value.
            (1..=stop).rev().filter(|end| uri.is_char_boundary(*end)).any(|end| {
                let (value, after) = uri.split_at(end);
                let mut attempt = values.clone();
                if !read_from(rest, after, &mut attempt) {
                    return false;
                }
                let Some(decoded) = decode(value).filter(|value| *reserved || is_segment(value)) else { return false };
                attempt.insert(name.clone(), Value::String(decoded));
                *values = attempt;
                true
            })
        }
    }
}

fn read_query(names: &[String], uri: &str, values: &mut Map<String, Value>) -> bool {
    if uri.is_empty() {
        return true;
    }
    let Some(query) = uri.strip_prefix('?') else { return false };
    query.split('&').all(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let known = names.iter().any(|known| known == name) && !values.contains_key(name);
        known
            && decode(value).filter(|value| !value.chars().any(char::is_control)).is_some_and(|value| {
                values.insert(name.to_owned(), Value::String(value));
                true
            })
    })
}

/// Whether a value is one segment of a path and nothing else: code that puts it into a path or a query stays where it is.
/// A variable that may be more is written `{+name}`.
fn is_segment(value: &str) -> bool {
    value != "." && value != ".." && !value.chars().any(|c| c.is_control() || matches!(c, '/' | '\\'))
}

/// Percent-decodes a value (RFC 3986 section 2.1); `None` if it is no UTF-8 or an escape is broken.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first != b'%' {
            bytes.push(*first);
            rest = after;
            continue;
        }
        let (digits, after) = after.split_at_checked(2)?;
        let digits = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(template: &str, uri: &str) -> Option<Value> {
        Template::parse(template).unwrap().read(uri).map(Value::Object)
    }

    #[test]
    fn a_variable_stops_at_a_slash() {
        assert_eq!(read("test://template/{id}/data", "test://template/123/data"), Some(json!({"id": "123"})));
        assert_eq!(read("test://template/{id}/data", "test://template/1/2/data"), None);
        assert_eq!(read("test://template/{id}/data", "test://template//data"), None);
        assert_eq!(read("file:///{+path}", "file:///a/b.txt"), Some(json!({"path": "a/b.txt"})));
    }

    #[test]
    fn values_are_decoded_after_matching() {
        assert_eq!(read("x://{a}/{b}", "x://1%202/3"), Some(json!({"b": "3", "a": "1 2"})));
        // An encoded separator is data of the variable, never a separator.
        assert_eq!(read("x://{+a}/{b}", "x://1%2F2/3"), Some(json!({"b": "3", "a": "1/2"})));
        assert_eq!(read("x://{a}", "x://%ff"), None);
        assert_eq!(read("x://{a}", "x://%2"), None);
    }

    /// What leaves its place in a path, or a line, reaches an author only where the template says so.
    #[test]
    fn a_variable_is_one_segment_unless_the_template_says_otherwise() {
        for value in ["..", ".", "%2e%2e", "a%2fb", "a%5Cb", "a%00b", "a%0Ab", "%0d", "%7f", "..%2f..%2fetc%2fpasswd"] {
            assert_eq!(read("x://{a}", &format!("x://{value}")), None, "{value}");
            assert_eq!(read("x://{a}/more", &format!("x://{value}/more")), None, "{value}");
            assert!(read("x://{+a}", &format!("x://{value}")).is_some(), "{value}");
        }
        for value in ["a..b", "...", "a.b", "a%20b", "%C3%A9", "a%3Fb"] {
            assert!(read("x://{a}", &format!("x://{value}")).is_some(), "{value}");
        }
        assert_eq!(read("x://list{?q}", "x://list?q=a%0Ab"), None);
        assert!(read("x://list{?q}", "x://list?q=a/../b").is_some());
    }

    #[test]
    fn queries_are_optional() {
        assert_eq!(read("x://list{?q,page}", "x://list"), Some(json!({})));
        assert_eq!(read("x://list{?q,page}", "x://list?page=2&q=a%20b"), Some(json!({"page": "2", "q": "a b"})));
        assert_eq!(read("x://list{?q}", "x://list?other=1"), None);
    }

    #[test]
    fn what_cannot_be_read_backwards_is_refused() {
        for template in ["x://{a}{b}", "x://{a", "x://a}", "x://{/a}", "x://{}", "x://{?a}/b"] {
            assert!(Template::parse(template).is_err(), "{template}");
        }
    }
}
