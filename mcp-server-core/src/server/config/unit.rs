//! Durations and sizes as people write them: a whole number and its unit.

use std::time::Duration;

const DURATIONS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];
const SIZES: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

/// How durations are written, for messages.
pub(super) const DURATION_SYNTAX: &str = "a whole number and ms, s, m, h or d, such as 5s";

/// How sizes are written, for messages.
pub(super) const SIZE_SYNTAX: &str = "a whole number and B, KiB, MiB or GiB, such as 64KiB";

/// Reads a duration.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    quantity(text, &DURATIONS).map(Duration::from_millis)
}

/// Reads a size in bytes.
pub(crate) fn size(text: &str) -> Option<u64> {
    quantity(text, &SIZES)
}

/// Writes a duration in the greatest unit that makes it whole.
pub(crate) fn show_duration(duration: Duration) -> String {
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    if millis == 0 { "0s".to_owned() } else { show(millis, &DURATIONS) }
}

/// Writes a size in the greatest unit that makes it whole.
pub(crate) fn show_size(bytes: u64) -> String {
    if bytes == 0 { "0B".to_owned() } else { show(bytes, &SIZES) }
}

fn quantity(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let end = text.find(|character: char| !character.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(end)?;
    let (_, worth) = units.iter().find(|(name, _)| *name == unit.trim_start())?;
    number.parse::<u64>().ok()?.checked_mul(*worth)
}

fn show(amount: u64, units: &[(&str, u64)]) -> String {
    let whole = units.iter().find(|(_, worth)| amount.is_multiple_of(*worth));
    let (name, worth) = whole.copied().unwrap_or(("", 1));
    format!("{}{name}", amount / worth)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{duration, show_duration, show_size, size};

    #[test]
    fn what_is_written_is_read_back() {
        for text in ["0s", "1ms", "250ms", "5s", "90s", "10m", "36h", "7d"] {
            assert_eq!(duration(text).map(show_duration).as_deref(), Some(text));
        }
        for text in ["0B", "100B", "64KiB", "4MiB", "1GiB"] {
            assert_eq!(size(text).map(show_size).as_deref(), Some(text));
        }
        assert_eq!(duration("60s"), Some(Duration::from_mins(1)));
        assert_eq!(show_duration(Duration::from_mins(1)), "1m");
        assert_eq!(size("64 KiB"), Some(65_536));
    }

    #[test]
    fn a_number_without_a_unit_is_refused_and_so_is_a_unit_of_two_meanings() {
        for text in [
            "",
            "5",
            "0",
            "s",
            "-5s",
            "1.5s",
            "5 seconds",
            "5S",
            "1m30s",
            "99999999999999999999s",
            "18446744073709551615d",
            "５s",
        ] {
            assert_eq!(duration(text), None, "{text}");
        }
        for text in ["", "64", "64K", "64KB", "64kb", "MiB", "-1B", "18446744073709551615GiB"] {
            assert_eq!(size(text), None, "{text}");
        }
    }
}
