//! What an agent is told of a result that is off.

use std::time::Duration;

use crate::telemetry::quality::{Deviation, Normal, Seen, Size};

/// Says what is normal, what this result is, and what not to conclude.
pub(super) fn note(deviation: Deviation, seen: &Seen, normal: &Normal) -> String {
    let last = normal.results;
    match deviation {
        Deviation::Empty if normal.rows.is_none() && normal.empty > 0.5 => {
            "Note: this tool has not returned anything yet. Do not conclude that there is nothing without checking."
                .to_owned()
        }
        Deviation::Empty => {
            let what = normal.rows.map_or_else(
                || format!("something (all but {:.1} % of the last {last} results)", normal.empty * 100.0),
                |rows| format!("rows (median {rows} of the last {last} results)"),
            );
            format!(
                "Note: this tool normally returns {what}; this result has none. Do not conclude that there are none \
                 without checking."
            )
        }
        Deviation::Small(size) => {
            let (value, median, unit) = match size {
                Size::Rows => (seen.rows, normal.rows, "rows"),
                Size::Bytes => (seen.bytes, normal.bytes, "bytes"),
            };
            format!(
                "Note: this tool normally returns more (median {} {unit} of the last {last} results); this result has {} \
                 {unit}. It may be incomplete: check before you rely on it.",
                median.unwrap_or_default(),
                value.unwrap_or_default()
            )
        }
        Deviation::Slow => format!(
            "Note: this call took {}; the median of the last {last} results is {}. What it depends on may be overloaded: \
             do not repeat it needlessly.",
            seconds(seen.took),
            seconds(normal.took)
        ),
    }
}

fn seconds(took: Option<Duration>) -> String {
    let seconds = took.unwrap_or_default().as_secs_f64();
    if seconds < 1.0 { format!("{:.0} ms", seconds * 1000.0) } else { format!("{seconds:.1} s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NORMAL: Normal =
        Normal { results: 480, rows: Some(12), bytes: Some(900), took: Some(Duration::from_millis(120)), empty: 0.001 };

    #[test]
    fn each_says_what_is_normal_and_what_this_result_is() {
        let seen = Seen { empty: false, rows: Some(2), bytes: Some(300), took: Some(Duration::from_millis(4230)) };
        let empty = note(Deviation::Empty, &seen, &NORMAL);
        assert!(empty.contains("rows (median 12 of the last 480 results)"), "{empty}");
        let unstructured = note(Deviation::Empty, &seen, &Normal { rows: None, ..NORMAL });
        assert!(unstructured.contains("something (all but 0.1 % of the last 480 results)"), "{unstructured}");
        let rows = note(Deviation::Small(Size::Rows), &seen, &NORMAL);
        assert!(rows.contains("median 12 rows") && rows.contains("has 2 rows"), "{rows}");
        let bytes = note(Deviation::Small(Size::Bytes), &seen, &NORMAL);
        assert!(bytes.contains("median 900 bytes") && bytes.contains("has 300 bytes"), "{bytes}");
        let slow = note(Deviation::Slow, &seen, &NORMAL);
        assert!(slow.contains("took 4.2 s") && slow.contains("is 120 ms"), "{slow}");
    }
}
