//! The hash of a bearer key and how it is written: `sha256:` and 64 hexadecimal digits.

use aws_lc_rs::digest;

const PREFIX: &str = "sha256:";

/// The SHA-256 of a bearer key.
pub(crate) fn of(key: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(digest::digest(&digest::SHA256, key.as_bytes()).as_ref()) {
        *to = *from;
    }
    bytes
}

/// The written form.
pub(crate) fn write(hash: &[u8; 32]) -> String {
    let mut text = PREFIX.to_owned();
    for byte in hash {
        text.extend([byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or_default()));
    }
    text
}

/// Reads the written form; upper-case digits are accepted.
pub(crate) fn read(text: &str) -> Option<[u8; 32]> {
    let digits = text.strip_prefix(PREFIX)?;
    if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut hash = [0; 32];
    for (index, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(index * 2..index * 2 + 2)?, 16).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::{of, read, write};

    #[test]
    fn the_hash_is_that_of_sha256sum() {
        let written = write(&of("abc"));
        assert_eq!(written, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(read(&written), Some(of("abc")));
        assert_eq!(read(&written.to_uppercase().replace("SHA256", "sha256")), Some(of("abc")));
    }

    #[test]
    fn anything_else_is_refused() {
        let written = write(&of("abc"));
        for wrong in
            ["", "sha256:", "abc", &written[7..], &written[..70], &format!("{written}0"), &written.replace('f', "g")]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
