//! The index of a short text: whether a value can stand in it, decided in a few nanoseconds without a look at the text.

/// Bytes of a window.
const WINDOW: usize = 3;
/// Windows of a value that are looked up at most.
const HEAD: usize = 48;
/// Bits of the table.
const BITS: usize = 1 << 16;

/// Which windows of three bytes stand in some texts, letter case aside.
pub(super) struct TextIndex {
    table: Box<[u64]>,
}

impl TextIndex {
    /// An index of nothing.
    pub(super) fn new() -> Self {
        Self { table: vec![0; BITS / 64].into_boxed_slice() }
    }

    /// Adds a text.
    pub(super) fn add(&mut self, text: &str) {
        for window in text.as_bytes().windows(WINDOW) {
            let bit = bit(window);
            if let Some(word) = self.table.get_mut(bit / 64) {
                *word |= 1 << (bit % 64);
            }
        }
    }

    /// Whether the beginning of a value may stand in one of the texts. It errs on the side of yes.
    pub(super) fn may_hold(&self, value: &str) -> bool {
        let value = value.as_bytes();
        value.get(..HEAD).unwrap_or(value).windows(WINDOW).all(|window| {
            let bit = bit(window);
            self.table.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
        })
    }
}

fn bit(window: &[u8]) -> usize {
    let number = window.iter().fold(0_u32, |number, byte| number << 8 | u32::from(byte.to_ascii_lowercase()));
    (number.wrapping_mul(0x9E37_79B1) >> 16) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_does_not_stand_in_the_text_is_nearly_always_known_at_once() {
        let mut index = TextIndex::new();
        index.add("no such column: amount_due (near \"select\")");
        assert!(index.may_hold("AMOUNT_due") && index.may_hold("select") && index.may_hold("no"));
        let wrong = (0..10_000).filter(|number| index.may_hold(&format!("value-{number}"))).count();
        assert!(wrong < 10, "{wrong}");
    }

    proptest! {
        #[test]
        fn what_stands_in_the_text_is_never_missed(before in ".*", value in ".*", after in ".*") {
            let mut index = TextIndex::new();
            index.add(&format!("{before}{value}{after}"));
            prop_assert!(index.may_hold(&value));
            prop_assert!(index.may_hold(&value.to_ascii_uppercase()));
        }
    }
}
