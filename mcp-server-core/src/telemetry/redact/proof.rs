//! Proofs: whether what looks like a number of somebody is one.

/// Whether a run of digits can be the number of a payment card: an issuer's range, and the check digit (ISO/IEC 7812-1).
pub(super) fn is_card(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|character| character.to_digit(10)).collect();
    let head = |length: usize| digits.iter().take(length).fold(0, |head, digit| head * 10 + digit);
    let issued = match digits.len() {
        13 | 19 => head(1) == 4 || head(2) == 62,
        14 => matches!(head(2), 36 | 38 | 39) || matches!(head(3), 300..=305),
        15 => matches!(head(2), 34 | 37),
        16 => {
            head(1) == 4
                || matches!(head(2), 51..=55 | 62 | 65)
                || matches!(head(4), 2221..=2720 | 3528..=3589 | 6011)
                || matches!(head(3), 644..=649)
        }
        _ => false,
    };
    let sum: u32 = digits.iter().rev().enumerate().map(|(place, digit)| luhn(place, *digit)).sum();
    issued && sum.is_multiple_of(10)
}

fn luhn(place: usize, digit: u32) -> u32 {
    match (place % 2, digit * 2) {
        (0, _) => digit,
        (_, twice) if twice > 9 => twice - 9,
        (_, twice) => twice,
    }
}

/// Whether a text is an IBAN: its two check digits are right (ISO 13616).
pub(super) fn is_iban(text: &str) -> bool {
    let plain: Vec<char> = text.chars().filter(|character| *character != ' ').collect();
    if !(15..=34).contains(&plain.len()) {
        return false;
    }
    let (country, account) = plain.split_at(4);
    let rest = account.iter().chain(country).filter_map(|character| character.to_digit(36));
    rest.fold(0, |rest, value| (rest * if value > 9 { 100 } else { 10 } + value) % 97) == 1
}

/// Whether `AAA-GG-SSSS` can be a social security number of the United States: some ranges are never given out.
pub(super) fn is_social(text: &str) -> bool {
    let mut parts = text.split('-');
    let (area, group, serial) = (parts.next(), parts.next(), parts.next());
    !matches!(area, None | Some("000" | "666"))
        && !text.starts_with('9')
        && group != Some("00")
        && serial != Some("0000")
}

/// Whether a text is long enough for a number that can be called from abroad (E.164), and short enough.
pub(super) fn is_phone(text: &str) -> bool {
    (9..=15).contains(&text.bytes().filter(u8::is_ascii_digit).count())
}

/// Whether what follows `Bearer` can be a token: words are none.
pub(super) fn is_token(text: &str) -> bool {
    text.len() >= 24 || text.bytes().any(|byte| byte.is_ascii_digit())
}

/// Whatever looks like it is it.
pub(super) fn any(_: &str) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_that_can_be_somebodys_are() {
        for card in ["4111111111111111", "5555 5555 5555 4444", "3782-822463-10005", "6011111111111117"] {
            assert!(is_card(card), "{card}");
        }
        for other in ["4111111111111112", "1763733252123", "1763733252123456789", "0000000000000000", "123"] {
            assert!(!is_card(other), "{other}");
        }
        assert!(is_iban("DE89 3704 0044 0532 0130 00") && is_iban("GB29NWBK60161331926819"));
        assert!(!is_iban("DE89 3704 0044 0532 0130 01") && !is_iban("AB12"));
        assert!(is_social("219-09-9999") && !is_social("000-12-3456") && !is_social("912-12-3456"));
        assert!(is_phone("+49 30 123456") && !is_phone("+12 34"));
        assert!(is_token("abcdef0123") && !is_token("authentication"));
    }
}
