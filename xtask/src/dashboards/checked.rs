//! What was checked, said line by line.

use crate::step::{Outcome, Tally};

/// The checks so far.
#[derive(Debug, Default)]
pub(super) struct Checked(Tally);

impl Checked {
    /// Something went well.
    pub(super) fn fine(&mut self, what: &str) {
        self.judge(what, &[]);
    }

    /// Something went well unless there are faults, each of which is said.
    pub(super) fn judge(&mut self, what: &str, faults: &[String]) {
        println!("{what}: {}", if faults.is_empty() { "ok" } else { "FAILED" });
        for fault in faults {
            println!("    {}", fault.trim_end().replace('\n', "\n    "));
        }
        self.0 += Tally::one(faults.is_empty());
    }
}

impl From<Checked> for Outcome {
    fn from(checked: Checked) -> Self {
        checked.0.into()
    }
}
