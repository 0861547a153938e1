//! Fields of protobuf messages, written one after the other (the encoding of proto3, wire types 0, 1, 2 and 5).

/// Writes fields to the end of a buffer. What is empty is left out, as the encoding has it.
#[derive(Debug)]
pub(super) struct Fields<'a>(pub(super) &'a mut Vec<u8>);

const FIXED64: u32 = 1;
const LENGTH: u32 = 2;
const FIXED32: u32 = 5;

impl Fields<'_> {
    /// A number of variable width.
    pub(super) fn number(&mut self, field: u32, number: u64) {
        if number != 0 {
            self.varint(u64::from(field << 3));
            self.varint(number);
        }
    }

    /// A number of 8 bytes.
    pub(super) fn fixed64(&mut self, field: u32, number: u64) {
        if number != 0 {
            self.varint(u64::from(field << 3 | FIXED64));
            self.0.extend_from_slice(&number.to_le_bytes());
        }
    }

    /// A number of 4 bytes.
    pub(super) fn fixed32(&mut self, field: u32, number: u32) {
        if number != 0 {
            self.varint(u64::from(field << 3 | FIXED32));
            self.0.extend_from_slice(&number.to_le_bytes());
        }
    }

    /// Bytes or a text.
    pub(super) fn bytes(&mut self, field: u32, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.message(field, bytes.len());
            self.0.extend_from_slice(bytes);
        }
    }

    /// The head of a message of so many bytes, which follow.
    pub(super) fn message(&mut self, field: u32, length: usize) {
        self.varint(u64::from(field << 3 | LENGTH));
        self.varint(length as u64);
    }

    /// A `KeyValue` whose value is a text.
    pub(super) fn attribute(&mut self, field: u32, key: &str, text: &str) {
        let value = head(text.len()) + text.len();
        self.message(field, head(key.len()) + key.len() + head(value) + value);
        self.bytes(1, key.as_bytes());
        self.message(2, value);
        // An empty text is a value, too.
        self.message(1, text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            #[expect(clippy::cast_possible_truncation, reason = "the lowest seven bits are wanted")]
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        #[expect(clippy::cast_possible_truncation, reason = "it is less than 128")]
        self.0.push(number as u8);
    }
}

/// The width of the head of a message of so many bytes, in a field of a number below 16.
pub(super) const fn head(length: usize) -> usize {
    let bits = usize::BITS - (length | 1).leading_zeros();
    1 + bits.div_ceil(7) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_width_of_a_head_is_what_is_written() {
        for length in [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, usize::MAX >> 1] {
            let mut bytes = Vec::new();
            Fields(&mut bytes).message(15, length);
            assert_eq!(bytes.len(), head(length), "{length}");
        }
    }
}
