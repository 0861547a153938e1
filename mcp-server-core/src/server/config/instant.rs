//! Points in time as RFC 3339 writes them, and dates, which begin at midnight UTC.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use toml::value::{Date, Datetime, Offset, Time};

use crate::protocol::calendar::date;

/// Reads a date, or a time with its zone. A time without a zone is refused: nobody knows when it is.
pub(super) fn read(text: &str) -> Option<SystemTime> {
    let Datetime { date, time, offset } = text.parse().ok()?;
    let minutes = match (time, offset) {
        (None, None) | (Some(_), Some(Offset::Z)) => 0,
        (Some(_), Some(Offset::Custom { minutes })) => i64::from(minutes),
        _ => return None,
    };
    let seconds = days(date?) * 86_400 + time.map_or(0, seconds) - minutes * 60;
    UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(seconds).ok()?))
}

/// Writes a point in time to the second, in UTC.
pub(super) fn write(instant: SystemTime) -> String {
    let seconds = instant.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The day of a point in time, in UTC: `2026-11-21`.
pub(crate) fn day(instant: SystemTime) -> String {
    write(instant).chars().take_while(|character| *character != 'T').collect()
}

fn seconds(time: Time) -> i64 {
    i64::from(time.hour) * 3600 + i64::from(time.minute) * 60 + i64::from(time.second.unwrap_or(0))
}

/// Days from 1970 to a date of the Gregorian calendar; years begin in March, so that the leap day is their last.
fn days(date: Date) -> i64 {
    let (month, day) = (i64::from(date.month), i64::from(date.day));
    let year = i64::from(date.year) - i64::from(month <= 2);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{read, write};

    #[test]
    fn known_instants() {
        for (text, seconds) in [
            ("1970-01-01", 0),
            ("1970-01-01T00:00:01Z", 1),
            ("2000-02-29", 951_782_400),
            ("2026-11-21T08:10:00Z", 1_795_248_600),
            ("2026-11-21T10:10:00+02:00", 1_795_248_600),
            ("2026-11-21 08:10:00.999Z", 1_795_248_600),
            ("2100-03-01", 4_107_542_400),
        ] {
            assert_eq!(read(text), Some(UNIX_EPOCH + Duration::from_secs(seconds)), "{text}");
        }
        for wrong in ["", "soon", "2026-13-01", "2026-02-30", "2026-11-21T08:10:00", "08:10:00", "1969-12-31"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for day in (0..60_000).step_by(13) {
            let instant = UNIX_EPOCH + Duration::from_secs(day * 86_400 + 45_296);
            assert_eq!(read(&write(instant)), Some(instant));
        }
        assert_eq!(write(UNIX_EPOCH + Duration::from_secs(951_782_401)), "2000-02-29T00:00:01Z");
    }
}
