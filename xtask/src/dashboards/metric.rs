//! An instrument as Prometheus has it: its series, and the labels that they may have.

use super::instruments::{ALL, Instrument, Measures, label};

/// Labels that Prometheus adds, or that all buckets have.
const EVERYWHERE: [&str; 3] = ["job", "instance", "le"];

/// The names of the series of an instrument.
pub(super) fn series(instrument: &Instrument) -> Vec<String> {
    let name = instrument.prometheus();
    match instrument.measures {
        Measures::Histogram(_) => ["bucket", "sum", "count"].map(|part| format!("{name}_{part}")).into(),
        Measures::Counter | Measures::Gauge => vec![name],
    }
}

/// The instrument that a series is of.
pub(super) fn of(name: &str) -> Option<&'static Instrument> {
    ALL.iter().find(|instrument| series(instrument).iter().any(|series| series == name))
}

/// Whether a series of the instrument may have a label.
pub(super) fn may_have(instrument: &Instrument, name: &str) -> bool {
    EVERYWHERE.contains(&name) || instrument.attributes.iter().any(|attribute| label(attribute) == name)
}

/// Whether anything that is told may have a label.
pub(super) fn is_label(name: &str) -> bool {
    ALL.iter().any(|instrument| may_have(instrument, name))
}
