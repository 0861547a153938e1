//! Units: durations such as `5s` and sizes such as `64KiB`.

/// Milliseconds of a duration such as `500ms`, `5s`, `2m` or `1h`.
///
/// # Errors
/// A sentence saying what to write instead.
pub(super) fn duration(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text).map_err(|()| "a duration is a whole number and a unit, as `5s`".to_owned())?;
    let factor = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "" => return Err(format!("`{number}` of what? write `{number}s` or `{number}ms`")),
        _ => return Err(format!("`{unit}` is no unit of time: write `ms`, `s`, `m` or `h`, as `5s`")),
    };
    scaled(number, factor, "a call that may take no time at all cannot end: write at least `1ms`")
}

/// Bytes of a size such as `512B`, `64KiB` or `4MiB`.
///
/// # Errors
/// A sentence saying what to write instead.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text).map_err(|()| "a size is a whole number and a unit, as `64KiB`".to_owned())?;
    let factor = match unit {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "" => return Err(format!("`{number}` of what? write `{number}B` or `{number}KiB`")),
        _ => return Err(format!("`{unit}` is no unit of size: write `B`, `KiB`, `MiB` or `GiB`, as `64KiB`")),
    };
    scaled(number, factor, "nothing fits into no bytes: write at least `1B`")
}

/// Digits and what follows them.
fn split(text: &str) -> Result<(u64, &str), ()> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    if unit.starts_with(['.', ',', '_']) {
        return Err(());
    }
    Ok((digits.parse().map_err(|_| ())?, unit.trim()))
}

fn scaled(number: u64, factor: u64, none: &str) -> Result<u64, String> {
    match number.checked_mul(factor) {
        Some(0) => Err(none.to_owned()),
        Some(value) => Ok(value),
        None => Err("this is too large to be a limit".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{duration, size};

    #[test]
    fn durations() {
        assert_eq!(duration("5s"), Ok(5_000));
        assert_eq!(duration("500 ms"), Ok(500));
        assert_eq!(duration("2h"), Ok(7_200_000));
        for bad in ["", "s", "5", "0s", "1.5s", "-1s", "5sec", "99999999999999999999s", "9999999999999999h"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes() {
        assert_eq!(size("64KiB"), Ok(65_536));
        assert_eq!(size("1B"), Ok(1));
        for bad in ["64", "64KB", "64kb", "0B", "x"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }
}
