//! Dates and times: chrono's, and those of time with the schema that their authors write.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

use super::entry::corpus;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Event {
    at: DateTime<Utc>,
    local: NaiveDateTime,
    day: Option<NaiveDate>,
    reminders: Vec<NaiveTime>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Stamped {
    #[serde(with = "time::serde::rfc3339")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    at: OffsetDateTime,
    #[schemars(with = "String")]
    day: Date,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Seconds {
    #[serde(with = "chrono::serde::ts_seconds")]
    #[schemars(with = "i64")]
    at: DateTime<Utc>,
}

corpus! {
    instant: DateTime<Utc>, stricter => ["2026-11-21T10:00:00Z"];
    instant_with_offset: DateTime<FixedOffset>, stricter => ["2026-11-21T10:00:00+02:00"];
    local: NaiveDateTime, stricter => ["2026-11-21T10:00:00", "2026-11-21T10:00:00.5"];
    day: NaiveDate, stricter => ["2026-11-21"];
    time_of_day: NaiveTime, stricter => ["10:00:00"];
    weekday: Weekday => ["Mon"];
    delta: TimeDelta, stricter => [[1, 0]];
    event: Event, stricter => [{"at": "2026-11-21T10:00:00Z", "local": "2026-11-21T10:00:00", "reminders": ["09:00:00"]}];
    stamped: Stamped, stricter => [{"at": "2026-11-21T10:00:00Z", "day": "2026-11-21"}];
    seconds: Seconds, stricter => [{"at": 1790000000}];
}
