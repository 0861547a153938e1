//! Regular expressions, checked while the author still looks at them.

/// What is wrong with a pattern.
///
/// The syntax is that of the engine that enforces it: it runs in linear time, so it has no look-around and no
/// back-references.
pub(super) fn fault(pattern: &str) -> Option<String> {
    let error = regex_syntax::Parser::new().parse(pattern).err()?;
    let reason = match &error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        _ => "it cannot be read".to_owned(),
    };
    Some(format!("this pattern does not compile: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn patterns_compile_or_say_why() {
        for good in ["^[a-z]+$", r"^\d{4}-\d{2}$", r"^(?:a|b)\/c\-d$", r"^\p{Letter}+$", r"^\u00e9$"] {
            assert_eq!(fault(good), None, "{good}");
        }
        for bad in ["[a-z", "(", "a)", "*a", r"(a)\1", "(?=a)", "a{2,1}"] {
            assert!(fault(bad).is_some(), "{bad}");
        }
    }
}
