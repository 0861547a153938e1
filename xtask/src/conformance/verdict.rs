//! The verdict on a run: strict, by name, and with no list of expected failures.

use super::plan;
use super::suite::{Check, Checks};
use crate::step::Tally;

/// What a run came to: its counts, what is wrong with it, and what it left out.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) tally: Tally,
    pub(crate) faults: Vec<String>,
    pub(crate) skipped: Vec<String>,
}

impl Verdict {
    fn fault(&mut self, text: String) {
        self.tally.failed += 1;
        self.faults.push(text);
    }

    fn skip(&mut self, text: String) {
        self.tally.skipped += 1;
        self.skipped.push(text);
    }
}

/// Judges the checks of a run against the scenarios that it should have had.
pub(crate) fn judge(expected: &[String], checks: &Checks) -> Verdict {
    let mut verdict = Verdict::default();
    for scenario in expected {
        let found = checks.get(scenario).map_or(&[][..], Vec::as_slice);
        match plan::not_yet_served(scenario) {
            Some(reason) if passes(found) => {
                verdict
                    .fault(format!("{scenario}: passes, so it must leave the list of what is not served ({reason})"));
            }
            Some(reason) => verdict.skip(format!("{scenario}: not served: {reason}")),
            None => served(scenario, found, &mut verdict),
        }
    }
    for scenario in checks.keys().filter(|scenario| !expected.contains(scenario)) {
        verdict.fault(format!("{scenario}: ran, though the suite does not list it for this run"));
    }
    verdict
}

/// Scenarios of the suite which no run selects and no list names: nothing may be left out silently.
pub(crate) fn unaccounted(all: &[String], selected: &[String]) -> Verdict {
    let mut verdict = Verdict::default();
    for scenario in all.iter().filter(|scenario| !selected.contains(scenario)) {
        match plan::not_yet_served(scenario) {
            Some(reason) => verdict.skip(format!("{scenario}: not served: {reason}")),
            None => verdict.fault(format!("{scenario}: is in no run")),
        }
    }
    verdict
}

fn served(scenario: &str, checks: &[Check], verdict: &mut Verdict) {
    for check in checks {
        match check.status.as_str() {
            "SUCCESS" => verdict.tally.passed += 1,
            "INFO" => {}
            "SKIPPED" => verdict.skip(format!("{scenario}: {}", line(check))),
            _ => verdict.fault(format!("{scenario}: {} {}", check.status, line(check))),
        }
    }
    if !checks.iter().any(|check| check.status != "INFO" && check.status != "SKIPPED") {
        verdict.fault(format!("{scenario}: left no result: it broke, timed out, or proved nothing"));
    }
}

fn passes(checks: &[Check]) -> bool {
    checks.iter().any(|check| check.status == "SUCCESS" && check.id != "wire-schema-valid")
        && checks.iter().all(|check| matches!(check.status.as_str(), "SUCCESS" | "INFO"))
}

fn line(check: &Check) -> String {
    let why = check.error_message.as_deref().unwrap_or_default();
    format!("[{}] {} {why}", check.id, check.description).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: &str) -> Check {
        Check { id: "id".into(), status: status.into(), description: "what".into(), error_message: None }
    }

    fn judged(scenario: &str, statuses: &[&str]) -> Tally {
        let checks = [(scenario.to_owned(), statuses.iter().map(|status| check(status)).collect())].into();
        judge(&[scenario.to_owned()], &checks).tally
    }

    #[test]
    fn a_warning_fails_like_a_failure() {
        assert_eq!(judged("tools-list", &["SUCCESS", "INFO"]), Tally { passed: 1, failed: 0, skipped: 0 });
        assert_eq!(judged("tools-list", &["SUCCESS", "WARNING"]).failed, 1);
        assert_eq!(judged("tools-list", &["FAILURE"]).failed, 1);
        assert_eq!(judged("tools-list", &["SOMETHING NEW"]).failed, 1);
    }

    #[test]
    fn a_scenario_without_a_result_fails() {
        assert_eq!(judge(&["ping".to_owned()], &Checks::new()).tally.failed, 1);
        assert_eq!(judged("ping", &[]).failed, 1);
        assert_eq!(judged("ping", &["INFO", "SKIPPED"]), Tally { passed: 0, failed: 1, skipped: 1 });
    }

    #[test]
    fn a_scenario_that_nobody_expected_fails() {
        let checks = [("ping".to_owned(), vec![check("SUCCESS")])].into();
        assert_eq!(judge(&[], &checks).tally.failed, 1);
    }

    #[test]
    fn what_is_not_served_is_skipped_until_it_passes() {
        assert_eq!(
            judged("sep-2640-skills-manifest", &["SUCCESS", "FAILURE"]),
            Tally { skipped: 1, ..Tally::default() }
        );
        assert_eq!(judged("sep-2640-skills-manifest", &["SUCCESS"]).failed, 1);
    }

    #[test]
    fn a_scenario_in_no_run_must_be_on_the_list() {
        let all = ["ping", "new-one", "sep-2640-skills-manifest"].map(str::to_owned);
        let verdict = unaccounted(&all, &["ping".to_owned()]);
        assert_eq!(verdict.tally, Tally { passed: 0, failed: 1, skipped: 1 });
        assert!(verdict.faults[0].contains("new-one"));
    }
}
