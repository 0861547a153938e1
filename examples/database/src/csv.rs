//! Comma-separated values as RFC 4180 has them: fields that hold a comma or a quote stand in quotes.

/// The records of a text; no field spans two lines.
pub(crate) fn records(text: &str) -> impl Iterator<Item = Vec<String>> {
    text.lines().map(fields)
}

fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![];
    let (mut field, mut quoted) = (String::new(), false);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                field.push('"');
                letters.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            _ => field.push(letter),
        }
    }
    fields.push(field);
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_guard_commas() {
        assert_eq!(fields("a,\"b, \"\"c\"\"\",,d"), ["a", "b, \"c\"", "", "d"]);
    }
}
