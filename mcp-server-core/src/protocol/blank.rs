//! Blank text: text that shows nothing to a reader, whatever code points it is made of.

/// Returns whether a character shows nothing: white space, a control character, or one of the format and filler
/// characters that have no glyph (Unicode, `Default_Ignorable_Code_Point`, and the blank Braille pattern).
pub(crate) fn is_invisible(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Returns the text without what is invisible at its ends; empty if nothing of it is visible.
pub(crate) fn visible(text: &str) -> &str {
    text.trim_matches(is_invisible)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_a_glyph_is_blank_and_any_glyph_is_not() {
        for blank in
            ["", " \t\r\n", "\u{200b}", "\u{feff}", "\u{a0}\u{2007}", "\u{2060}\u{ad}", "\u{2800}", "\u{e0020}\0"]
        {
            assert_eq!(visible(blank), "", "{blank:?}");
        }
        for (text, shown) in [(" a\u{200d}b ", "a\u{200d}b"), ("\u{feff}0", "0"), ("👍🏽", "👍🏽"), (".", "."), ("ㅤ-", "-")]
        {
            assert_eq!(visible(text), shown, "{text:?}");
        }
    }
}
