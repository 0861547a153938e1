//! The verb: writes the files, or holds them against what it would write and against Prometheus' own tools.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;

use super::alerts::{self, Alert};
use super::checked::Checked;
use super::rules::{self, Settings};
use super::{grafana, inhibition, names, promtool, recording, runbook};
use crate::process::Output;
use crate::step::Outcome;
use crate::tools::{need, program};
use crate::workspace;

const DASHBOARD: &str = "grafana-dashboard.json";
const RULES: &str = "prometheus-rules.yml";
const RUNBOOK: &str = "RUNBOOK.md";
const CASES: &str = "rules-test.yml";
const INHIBITION: &str = "alertmanager-example.yml";

/// What the verb takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    /// Write nothing: compare, and have `promtool` check and test the rules.
    #[arg(long, conflicts_with_all = ["out", "objective", "runbook"])]
    check: bool,
    /// The folder to write to; the files of the repository are in mcp-server-core/observability.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// The share of tool calls, in percent, that are to succeed: from it follows when failures are too many.
    #[arg(long, value_name = "PERCENT", default_value_t = 99.0, value_parser = objective)]
    objective: f64,
    /// Where people read the runbook; an alert's address is this and its anchor.
    #[arg(long, value_name = "URL", default_value = RUNBOOK)]
    runbook: String,
}

impl Options {
    fn settings(&self) -> Settings {
        Settings { objective: self.objective, runbook: self.runbook.clone() }
    }
}

/// What the repository holds.
fn standard() -> Settings {
    Settings { objective: 99.0, runbook: RUNBOOK.to_owned() }
}

fn objective(text: &str) -> Result<f64, String> {
    // 14.4 times what may fail has to be less than everything.
    match text.parse() {
        Ok(percent) if (94.0..100.0).contains(&percent) => Ok(percent),
        _ => Err("it is a number of percent from 94 up to, and less than, 100, such as 99.5".to_owned()),
    }
}

/// Writes, or checks.
pub(crate) fn run(options: &Options) -> Result<Outcome> {
    if options.check {
        return check();
    }
    let home = home();
    let folder = options.out.as_ref().unwrap_or(&home);
    if *folder == home && (options.settings().objective, options.runbook.as_str()) != (standard().objective, RUNBOOK) {
        bail!("--objective and --runbook make files of your own: say with --out where they go");
    }
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let mut checked = Checked::default();
    for (name, text) in files(&options.settings())? {
        let path = folder.join(name);
        std::fs::write(&path, text).with_context(|| path.display().to_string())?;
        checked.fine(&path.display().to_string());
    }
    Ok(checked.into())
}

/// Holds the files of the repository against the constants, and the rules against Prometheus.
pub(crate) fn check() -> Result<Outcome> {
    need!(program("promtool", "prometheus")?);
    let mut checked = Checked::default();
    for (name, text) in files(&standard())? {
        let is = std::fs::read_to_string(home().join(name)).unwrap_or_default();
        checked.judge(&format!("{name} is what the constants make"), &different(&is, &text));
    }
    let (alerts, cases) = (alerts(), read(CASES)?);
    let entries = runbook::faults(&read(RUNBOOK)?, &alerts);
    checked.judge("every alert has its entry in the runbook, and every entry its alert", &entries);
    checked.judge("the example for Alertmanager names alerts that exist", &inhibition::faults(&alerts));
    let missing = untested(&cases, &alerts);
    checked.judge("every alert has a case in which it fires, and one in which it is silent", &missing);
    checked.judge("the cases say in which order the groups are evaluated", &unordered(&cases));
    let panels = grafana::expressions();
    checked.judge("every metric and label that is asked for exists", &unknown(&panels));
    let said = |output: Output| if output.success { Vec::new() } else { vec![output.text] };
    checked.judge("the rules can be loaded, by promtool", &said(promtool::check(&home().join(RULES))?));
    checked.judge("the panels can be asked, by promtool", &said(promtool::parse(&panels)?));
    checked.judge("alerts fire when they should, by promtool", &said(promtool::test(&home().join(CASES))?));
    Ok(checked.into())
}

/// What panels and rules name though it does not exist.
fn unknown(panels: &[String]) -> Vec<String> {
    let recorded = recording::groups().into_iter().flat_map(|group| group.rules).map(|rule| rule.name);
    let recorded: Vec<String> = recorded.collect();
    let rules = rules::expressions(standard().objective);
    rules.iter().chain(panels).flat_map(|expression| names::faults(expression, &recorded)).collect()
}

fn home() -> PathBuf {
    workspace::root().join("mcp-server-core/observability")
}

fn read(name: &str) -> Result<String> {
    let path = home().join(name);
    std::fs::read_to_string(&path).with_context(|| path.display().to_string())
}

fn alerts() -> Vec<Alert> {
    alerts::all(standard().objective).into_iter().flat_map(|(_, alerts)| alerts).collect()
}

/// The files by name.
fn files(settings: &Settings) -> Result<Vec<(&'static str, String)>> {
    let runbook = runbook::renewed(&read(RUNBOOK)?, &alerts());
    let runbook = runbook.with_context(|| format!("{RUNBOOK} has lost the marks around its tables"))?;
    Ok(vec![
        (DASHBOARD, grafana::file()?),
        (RULES, rules::file(settings)),
        (RUNBOOK, runbook),
        (INHIBITION, inhibition::file()),
    ])
}

/// Where two texts part.
fn different(is: &str, should: &str) -> Vec<String> {
    if is == should {
        return Vec::new();
    }
    let line = is.lines().zip(should.lines()).take_while(|(is, should)| is == should).count();
    let show = |text: &str| text.lines().nth(line).unwrap_or("(the end of the file)").trim().to_owned();
    let (is, should) = (show(is), show(should));
    vec![format!("line {}: it says {is:?} and should say {should:?}; `cargo xtask dashboards` writes it", line + 1)]
}

/// Alerts for which a case is missing. The name of a case begins with that of its alert.
fn untested(cases: &str, alerts: &[Alert]) -> Vec<String> {
    let has = |name: &str, what: &str| cases.contains(&format!("- name: '{name} {what}"));
    let missing = |alert: &Alert| {
        let words = ["fires", "is silent"].into_iter().filter(|what| !has(alert.name, what));
        let word = |what: &str| format!("no case in {CASES} is named '{} {what} …'", alert.name);
        words.map(word).collect::<Vec<_>>()
    };
    alerts.iter().flat_map(missing).collect()
}

/// Groups that a case would find in any order.
fn unordered(cases: &str) -> Vec<String> {
    let recorded = recording::groups().into_iter().map(|group| group.name);
    let names = recorded.chain(alerts::all(standard().objective).into_iter().map(|(name, _)| name));
    let missing = names.filter(|name| !cases.contains(&format!("\n  - {name}\n")));
    missing.map(|name| format!("`group_eval_order` in {CASES} lacks {name}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_shown_with_the_remedy() {
        assert_eq!(different("a\nb\n", "a\nb\n"), Vec::<String>::new());
        let [fault] = different("a\nb\n", "a\nc\n").try_into().unwrap();
        assert!(fault.starts_with("line 2") && fault.contains("cargo xtask dashboards"), "{fault}");
    }

    #[test]
    fn an_objective_under_which_no_alert_could_fire_is_refused() {
        assert_eq!(objective("99.5"), Ok(99.5));
        for text in ["100", "90", "all"] {
            assert!(objective(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_case_that_is_missing_is_named() {
        let alerts: Vec<Alert> = alerts().into_iter().take(1).collect();
        let fires = format!("  - name: '{} fires at once'\n", alerts[0].name);
        assert_eq!(untested(&fires, &alerts).len(), 1);
        assert!(untested(&format!("{fires}  - name: '{} is silent'\n", alerts[0].name), &alerts).is_empty());
    }
}
