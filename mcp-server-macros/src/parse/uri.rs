//! URIs of resources, and the variables of their templates.

/// The variables of a URI or template, in order.
///
/// Of RFC 6570 the forms `{name}`, `{+name}` and `{?a,b}` are served, since only these can be read backwards without
/// a doubt.
///
/// # Errors
/// A sentence saying what to write instead.
pub(super) fn variables(uri: &str) -> Result<Vec<String>, String> {
    check_scheme(uri)?;
    if let Some(bad) = uri.chars().find(|c| c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>' | '\\'))
    {
        return Err(format!("{bad:?} may not stand in a URI: percent-encode it"));
    }
    let mut variables: Vec<String> = Vec::new();
    let mut rest = uri;
    let mut is_first = true;
    let mut has_query = false;
    while let Some((literal, after)) = rest.split_once('{') {
        if literal.contains('}') {
            return Err("a `}` without its `{`".to_owned());
        }
        let (inside, after) = after.split_once('}').ok_or("a `{` without its `}`")?;
        if has_query {
            return Err("`{?…}` must be the last part".to_owned());
        }
        has_query = inside.starts_with('?');
        if !is_first && literal.is_empty() && !has_query {
            return Err("two variables side by side cannot be told apart: put a character between them".to_owned());
        }
        for name in names(inside)? {
            if variables.contains(&name) {
                return Err(format!("`{name}` stands twice in the template: give each variable a name of its own"));
            }
            variables.push(name);
        }
        is_first = false;
        rest = after;
    }
    if rest.contains('}') {
        return Err("a `}` without its `{`".to_owned());
    }
    if has_query && !rest.is_empty() {
        return Err("`{?…}` must be the last part".to_owned());
    }
    Ok(variables)
}

/// A scheme of RFC 3986, section 3.1.
fn check_scheme(uri: &str) -> Result<(), String> {
    let scheme = uri.split_once(':').map_or("", |(scheme, _)| scheme);
    let legal = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    if legal { Ok(()) } else { Err("a URI begins with its scheme: write `notes://all` or `file:///…`".to_owned()) }
}

/// The names inside one pair of braces.
fn names(inside: &str) -> Result<Vec<String>, String> {
    let list = match inside.split_at_checked(1) {
        Some(("+", name)) => vec![name],
        Some(("?", names)) => names.split(',').collect(),
        Some(("#" | "." | "/" | ";" | "&" | "=" | "!" | "@" | "|", _)) => {
            return Err(format!("`{{{inside}}}` is not served: write `{{name}}`, `{{+name}}` or `{{?a,b}}`"));
        }
        _ => vec![inside],
    };
    let legal = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if list.iter().all(|name| legal(name)) {
        return Ok(list.into_iter().map(str::to_owned).collect());
    }
    Err(format!("`{{{inside}}}` names no variable: write the name of a parameter, as `{{id}}`"))
}

#[cfg(test)]
mod tests {
    use super::variables;

    #[test]
    fn variables_in_their_order() {
        assert_eq!(variables("test://static"), Ok(vec![]));
        assert_eq!(variables("x://{a}/{+b}{?c,d}"), Ok(["a", "b", "c", "d"].map(str::to_owned).to_vec()));
    }

    #[test]
    fn what_cannot_be_read_backwards_is_refused() {
        let bad = [
            "no-scheme",
            "://x",
            "x://{a}{b}",
            "x://{a",
            "x://a}",
            "x://a}{b}",
            "x://{/a}",
            "x://{}",
            "x://{?a}/b",
            "x://{a}/{a}",
            "x://a b",
            "x://{a-b}",
            "x://{?a}{b}",
        ];
        for template in bad {
            assert!(variables(template).is_err(), "{template}");
        }
    }
}
