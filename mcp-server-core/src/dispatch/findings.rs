//! Findings: what the lint says of everything that is served.

use super::catalogue::Catalogue;
use crate::tool::lint::{Finding, lint};

impl Catalogue {
    /// What known hosts would mind about the tools, the worst of each tool first.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let of_tool = |entry: &std::sync::Arc<super::entry::ToolEntry>| {
            let output = entry.output.as_ref().map(|output| &output.schema);
            lint(entry.spec.name, entry.spec.description, &entry.input_schema, output)
        };
        self.tools.iter().flat_map(of_tool).collect()
    }
}
