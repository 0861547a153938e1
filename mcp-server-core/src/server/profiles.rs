//! The profile of every tool: its own limits and the configuration's put together.

use std::sync::Arc;

use super::command::ToolProfile;
use crate::dispatch::{Service, ToolEntry};
use crate::tool::TaskSupport;

/// What holds for each tool, in the order in which they are served.
pub(super) fn profiles(service: &Service) -> Vec<ToolProfile> {
    let catalogue = service.catalogue();
    let findings = catalogue.findings(false);
    let profile = |entry: &Arc<ToolEntry>| {
        let mut profile = ToolProfile::new(entry.spec.name, entry.runner.mode(), entry.timeout, entry.max_result);
        profile.title = entry.spec.title.map(str::to_owned);
        profile.max_concurrency = entry.permits.as_ref().map(|permits| permits.most());
        profile.scopes = entry.spec.scopes.iter().map(ToString::to_string).collect();
        profile.effects = entry.spec.effects.words();
        profile.effects.extend(entry.spec.idempotency.map(|_| "idempotency"));
        profile.effects.extend(entry.spec.single_use.then_some("single use"));
        profile.effects.extend(match entry.spec.task {
            TaskSupport::Forbidden => None,
            TaskSupport::Optional => Some("task"),
            TaskSupport::Required => Some("task only"),
        });
        let own = findings.iter().filter(|finding| finding.tool == entry.spec.name);
        profile.lints = own.map(ToString::to_string).collect();
        profile
    };
    catalogue.tools.iter().map(profile).collect()
}
