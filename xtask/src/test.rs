//! `test`: everything that must hold before a change lands, in order, with one closing line.

use anyhow::Result;
use clap::Args;

use crate::step::{Steps, Strictness};
use crate::{cargo, chaos, conformance, dashboards, deploy, interop, licences, model, page, siege, tidy, tools};

/// What the verb takes.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only the steps whose name contains one of these words, such as `tidy` or `conformance`.
    #[arg(long, value_name = "WORD")]
    only: Vec<String>,
}

/// Runs the steps; a failing one does not hide those after it. Returns whether all was green.
pub(crate) fn run(options: &Options) -> bool {
    let mut steps = Steps::new(Strictness::from_env());
    let chosen = |name: &str| options.only.is_empty() || options.only.iter().any(|word| name.contains(word.as_str()));
    let mut step = |name: &str, body: &mut dyn FnMut() -> Result<crate::step::Outcome>| {
        if chosen(name) {
            steps.run(name, body);
        }
    };
    step("format", &mut cargo::format);
    step("tidy", &mut || tidy::run(&tidy::Options::default()));
    step("clippy", &mut cargo::clippy);
    step("docs", &mut cargo::docs);
    step("services", &mut tools::services);
    step("unit, integration and UI tests", &mut cargo::tests);
    step("doc tests", &mut cargo::doc_tests);
    step("model", &mut || model::run(&model::Options::sample()));
    for store in conformance::Store::ALL {
        let name = format!("conformance on {store}");
        step(&name, &mut || conformance::run(&conformance::Options::on(store)));
    }
    for store in chaos::Store::ALL {
        let name = format!("chaos on {}", store.name());
        step(&name, &mut || chaos::run(&chaos::Options::on(store)));
    }
    step("siege", &mut || siege::run(&siege::Options::sample()));
    step("interop", &mut || interop::run(&interop::Options::default()));
    step("dashboards", &mut dashboards::check);
    step("operator page", &mut || page::run(&page::Options::default()));
    step("deploy", &mut deploy::run);
    step("licences", &mut licences::run);
    steps.close()
}
