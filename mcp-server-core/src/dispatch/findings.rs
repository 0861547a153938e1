//! Findings: what the lint says of everything that is served.

use super::catalogue::Catalogue;
use crate::protocol::Revision;
use crate::tool::lint::{Finding, Subject, lint};

impl Catalogue {
    /// What known hosts would mind about the tools, the worst of each tool first; `for_host` asks the rules too that are
    /// of interest for one host alone.
    pub(crate) fn findings(&self, for_host: bool) -> Vec<Finding> {
        let mut found = Vec::new();
        for (place, entry) in self.tools.iter().enumerate() {
            let output = entry.output.as_ref().map(|output| output.shown(Revision::V2025_11_25));
            let subject = Subject {
                name: entry.spec.name,
                description: entry.spec.description,
                input: &entry.published_input,
                output: output.as_ref(),
                notes: &entry.notes,
                place,
            };
            found.extend(lint(&subject, for_host));
        }
        found
    }
}
