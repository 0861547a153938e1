//! `dashboards`: what a team loads into Grafana and Prometheus, made of the same constants as the metrics themselves.
//!
//! The two files with the names are compiled a second time, as modules of this program: a dependency on the core would
//! make every chore, `tidy` among them, wait for the build of a hundred packages, and these two need none.

mod alerts;
mod checked;
mod grafana;
mod inhibition;
#[path = "../../../mcp-server-core/src/telemetry/instruments.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the instruments of the core, of which not every one is drawn by its name"
)]
mod instruments;
mod metric;
mod names;
mod promql;
mod promtool;
mod recording;
mod rules;
mod runbook;
#[path = "../../../mcp-server-core/src/telemetry/semconv.rs"]
#[allow(dead_code, unreachable_pub, reason = "the names of the core, most of which are attributes of spans")]
#[allow(rustdoc::broken_intra_doc_links, reason = "they lead to the core")]
mod semconv;
mod verb;

pub(crate) use verb::{Options, check, run};
