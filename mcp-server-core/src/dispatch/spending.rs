//! Spending: what a call uses is known, held against budgets, and told to an agent that goes in circles.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::entry::ToolEntry;
use super::request::Asked;
use super::tasks::Way;
use crate::guard::budget::Payer;
use crate::guard::repeats::{Who, note};
use crate::telemetry::CallRecord;
use crate::tool::ToolError;

/// Has everybody pay for a call who has a budget.
///
/// # Errors
/// `budget_exhausted` if one of them is spent.
pub(super) fn within_budget(asked: &Asked<'_>, record: &mut CallRecord) -> Result<(), ToolError> {
    let Some(budgets) = asked.service.budgets() else { return Ok(()) };
    let caller = &asked.caller;
    let payer = Payer { session: caller.session, principal: &caller.principal, trace: record.joined() };
    record.billed(budgets.pass(&payer)?);
    Ok(())
}

/// Notes what the model wrote.
pub(super) fn argued(asked: &Asked<'_>, record: &mut CallRecord) {
    let Some(raw) = asked.params.arguments else { return record.argued(0, Bytes::new) };
    let text = raw.get().as_bytes();
    let slice = || asked.request.params.as_ref().map(|params| params.slice_ref(text)).unwrap_or_default();
    record.argued(text.len(), slice);
}

/// What an agent is to be told that makes the same call again and again. Callers of whom nothing is known may be many,
/// and a further round of a call is none of its own; what becomes a task has no result to say it in.
pub(super) fn repeated(
    asked: &Asked<'_>,
    entry: &ToolEntry,
    way: &Way,
    arguments: &Map<String, Value>,
    record: &CallRecord,
) -> Option<String> {
    if entry.repeats == 0 || asked.params.request_state.is_some() || matches!(way, Way::Task(_)) {
        return None;
    }
    let caller = &asked.caller;
    let known = (!caller.principal.is_anonymous()).then(|| Who::Principal(caller.principal.key()));
    let who = caller.session.map(Who::Session).or_else(|| record.joined().map(Who::Trace)).or(known)?;
    let name = entry.spec.name;
    let times = asked.service.repeats().count(who, name, arguments);
    if times <= entry.repeats {
        return None;
    }
    if times == entry.repeats.saturating_add(1) {
        tracing::info!(target: "mcp_server::tool", name, times, "an agent makes the same call again and again");
    }
    if let Some(meters) = record.telemetry().meters() {
        meters.looped(name);
    }
    Some(note(times, asked.service.settings().repeat_window))
}
