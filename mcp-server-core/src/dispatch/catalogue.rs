//! The catalogue: everything that is served at one moment. A change makes a new one; readers never wait.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::entry::{PromptEntry, ResourceEntry, ToolEntry};
use super::settings::Settings;
use crate::tool::{Item, Location};

/// Everything that is served, in the order in which it was given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Catalogue {
    pub(crate) tools: Vec<Arc<ToolEntry>>,
    pub(crate) prompts: Vec<Arc<PromptEntry>>,
    pub(crate) resources: Vec<Arc<ResourceEntry>>,
    pub(crate) templates: Vec<Arc<ResourceEntry>>,
    tools_by_name: HashMap<&'static str, Arc<ToolEntry>>,
}

impl Catalogue {
    /// Adds items; all faults are told, and then nothing is added.
    ///
    /// # Errors
    /// One sentence a fault, naming the item, and both places where two clash.
    pub(crate) fn with(&self, items: Vec<Item>, settings: &Settings) -> Result<Self, Vec<String>> {
        let mut grown = self.clone();
        let mut faults = Vec::new();
        for item in items {
            if let Err(fault) = grown.add(item, settings) {
                faults.push(fault);
            }
        }
        if faults.is_empty() { Ok(grown) } else { Err(faults) }
    }

    fn add(&mut self, item: Item, settings: &Settings) -> Result<(), String> {
        match item {
            Item::Tool(tool) => {
                let spec = tool.spec;
                legal_name("tool", spec.name, spec.location)?;
                if let Some(other) = self.tools_by_name.get(spec.name) {
                    return Err(clash("tool", spec.name, other.spec.location, spec.location));
                }
                if settings.tools.get(spec.name).is_some_and(|own| !own.enabled) {
                    return Ok(());
                }
                let entry = ToolEntry::new(tool, settings)
                    .map_err(|fault| format!("tool `{}` ({}): {fault}", spec.name, spec.location))?;
                let entry = Arc::new(entry);
                self.tools_by_name.insert(spec.name, Arc::clone(&entry));
                self.tools.push(entry);
            }
            Item::Prompt(prompt) => {
                let spec = prompt.spec;
                legal_name("prompt", spec.name, spec.location)?;
                if let Some(other) = self.prompt(spec.name) {
                    return Err(clash("prompt", spec.name, other.spec.location, spec.location));
                }
                self.prompts.push(Arc::new(PromptEntry::new(prompt)));
            }
            Item::Resource(resource) => {
                let spec = resource.spec;
                let all = self.resources.iter().chain(&self.templates);
                if let Some(other) = all.into_iter().find(|entry| entry.spec.uri == spec.uri) {
                    return Err(clash("resource", spec.uri, other.spec.location, spec.location));
                }
                let entry = ResourceEntry::new(resource)
                    .map_err(|fault| format!("resource `{}` ({}): {fault}", spec.uri, spec.location))?;
                let list = if entry.template.is_some() { &mut self.templates } else { &mut self.resources };
                list.push(Arc::new(entry));
            }
        }
        Ok(())
    }

    /// The catalogue without an item, if it is there.
    pub(crate) fn without(&self, name: &str) -> Option<Self> {
        let mut rest = self.clone();
        rest.tools.retain(|entry| entry.spec.name != name);
        rest.tools_by_name.remove(name);
        rest.prompts.retain(|entry| entry.spec.name != name);
        rest.resources.retain(|entry| entry.spec.uri != name);
        rest.templates.retain(|entry| entry.spec.uri != name);
        (rest.size() < self.size()).then_some(rest)
    }

    fn size(&self) -> usize {
        self.tools.len() + self.prompts.len() + self.resources.len() + self.templates.len()
    }

    /// A tool by name.
    pub(crate) fn tool(&self, name: &str) -> Option<&Arc<ToolEntry>> {
        self.tools_by_name.get(name)
    }

    /// A prompt by name.
    pub(crate) fn prompt(&self, name: &str) -> Option<&Arc<PromptEntry>> {
        self.prompts.iter().find(|entry| entry.spec.name == name)
    }

    /// A resource by its URI, or the first template that the URI fits, with the values of the template's variables.
    pub(crate) fn resource(&self, uri: &str) -> Option<(&Arc<ResourceEntry>, Map<String, Value>)> {
        let fixed = self.resources.iter().find(|entry| entry.spec.uri == uri).map(|entry| (entry, Map::new()));
        fixed.or_else(|| {
            let mut templates = self.templates.iter();
            templates.find_map(|entry| Some((entry, entry.template.as_ref()?.read(uri)?)))
        })
    }

    /// Whether anything here is shown to some callers alone.
    pub(crate) fn varies(&self) -> bool {
        self.tools.iter().any(|entry| !entry.spec.scopes.is_empty())
            || self.prompts.iter().any(|entry| !entry.spec.scopes.is_empty())
            || self.resources.iter().chain(&self.templates).any(|entry| !entry.spec.scopes.is_empty())
    }
}

/// Refuses a name that the specification does not allow (server/tools, Tool Names).
fn legal_name(what: &str, name: &str, at: Location) -> Result<(), String> {
    let legal = (1..=128).contains(&name.len())
        && name.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.'));
    if legal {
        return Ok(());
    }
    Err(format!("{what} `{name}` ({at}): a name has 1 to 128 of A-Z a-z 0-9 _ - ."))
}

fn clash(what: &str, name: &str, one: Location, other: Location) -> String {
    format!("{what} `{name}` is declared twice: at {one} and at {other}; rename one of them")
}
