//! The tokenizer: `o200k_base`, which stands for those of other models, whose counts differ by some percent.

/// Whether this build has one.
pub(crate) const fn is_built_in() -> bool {
    cfg!(feature = "tokenizer")
}

/// How many tokens a text has; its first use loads the vocabulary. Nothing in a build without a tokenizer.
#[cfg(feature = "tokenizer")]
#[expect(clippy::unnecessary_wraps, reason = "a build without a tokenizer has nothing")]
pub(super) fn count(text: &str) -> Option<u64> {
    Some(bpe_openai::o200k_base().count(text) as u64)
}

/// Nothing: this build has no tokenizer.
#[cfg(not(feature = "tokenizer"))]
pub(super) fn count(_text: &str) -> Option<u64> {
    None
}

#[cfg(all(test, feature = "tokenizer"))]
mod tests {
    use super::*;

    #[test]
    fn counts_are_those_that_the_makers_of_the_vocabulary_publish() {
        let published = [
            ("antidisestablishmentarianism", 6),
            ("2 + 2 = 4", 7),
            ("お誕生日おめでとう", 8),
            ("tiktoken is great!", 6),
            ("hello world", 2),
            ("", 0),
        ];
        for (text, tokens) in published {
            assert_eq!(count(text), Some(tokens), "{text}");
        }
    }
}
