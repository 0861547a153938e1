//! Who the server is and what it can do: the answers to `server/discover` and `initialize`.

use serde_json::{Map, Value, json};

use super::catalogue::Catalogue;
use crate::principal::Principal;
use crate::protocol::Revision;
use crate::protocol::meta::key;
use crate::task::codec::modern::EXTENSION;
use crate::tool::TaskSupport;
use crate::tool::target::Parameter;

/// Who the server is.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    name: String,
    version: String,
    title: Option<String>,
    instructions: Option<String>,
    meta: Box<[u8]>,
}

impl Identity {
    pub(crate) fn new(name: String, version: String, title: Option<String>, instructions: Option<String>) -> Self {
        let mut identity = Self { name, version, title, instructions, meta: Box::default() };
        let mut meta = Map::new();
        identity.add_to(&mut meta);
        identity.meta = Value::Object(meta).to_string().into_bytes().into_boxed_slice();
        identity
    }

    /// The server's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The server's name for people, if it has one.
    pub(crate) fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// The server's version.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// The `_meta` of a modern result as JSON text.
    pub(crate) fn meta(&self) -> &[u8] {
        &self.meta
    }

    /// Adds the server's identity to a result's `_meta`.
    pub(crate) fn add_to(&self, meta: &mut Map<String, Value>) {
        meta.insert(key::SERVER_INFO.to_owned(), self.implementation(Revision::V2026_07_28));
    }

    fn implementation(&self, revision: Revision) -> Value {
        let mut info = json!({ "name": self.name, "version": self.version });
        if let (Some(title), Some(object)) =
            (self.title.as_ref().filter(|_| revision.has_structured()), info.as_object_mut())
        {
            object.insert("title".to_owned(), title.as_str().into());
        }
        info
    }

    /// The result of `initialize`, less what the envelope adds (basic/lifecycle, Initialization).
    pub(crate) fn initialized(
        &self,
        catalogue: &Catalogue,
        revision: Revision,
        principal: &Principal,
        lasting: bool,
    ) -> Value {
        let mut result = json!({
            "protocolVersion": revision.as_str(),
            "capabilities": capabilities(catalogue, revision, lasting, !principal.is_anonymous()),
            "serverInfo": self.implementation(revision),
        });
        if let (Some(instructions), Some(object)) = (&self.instructions, result.as_object_mut()) {
            object.insert("instructions".to_owned(), instructions.as_str().into());
        }
        result
    }

    /// The members of the result of `server/discover`.
    pub(crate) fn discovered(&self, catalogue: &Catalogue, revision: Revision) -> Map<String, Value> {
        let mut members = Map::new();
        members.insert("supportedVersions".to_owned(), json!(Revision::MODERN.map(Revision::as_str)));
        members.insert("capabilities".to_owned(), capabilities(catalogue, revision, true, false));
        if let Some(instructions) = &self.instructions {
            members.insert("instructions".to_owned(), instructions.as_str().into());
        }
        members
    }
}

/// What is served, from what is there. A client can subscribe to changes and set a log level only where somebody
/// remembers it, and list its tasks only if it is known by an identity.
fn capabilities(catalogue: &Catalogue, revision: Revision, lasting: bool, known: bool) -> Value {
    let mut capabilities = Map::new();
    let (lists, resources) = if lasting {
        if has_logging(catalogue) {
            capabilities.insert("logging".to_owned(), json!({}));
        }
        (json!({ "listChanged": true }), json!({ "subscribe": true, "listChanged": true }))
    } else {
        (json!({}), json!({}))
    };
    if revision >= Revision::V2025_03_26 && has_completions(catalogue) {
        capabilities.insert("completions".to_owned(), json!({}));
    }
    if has_prompts(catalogue) {
        capabilities.insert("prompts".to_owned(), lists.clone());
    }
    if has_resources(catalogue) {
        capabilities.insert("resources".to_owned(), resources);
    }
    if has_tools(catalogue) {
        capabilities.insert("tools".to_owned(), lists);
    }
    if has_tasks(catalogue) {
        if revision.is_modern() {
            capabilities.insert("extensions".to_owned(), json!({ EXTENSION: {} }));
        } else if revision.has_session_tasks() {
            let mut tasks = json!({ "cancel": {}, "requests": { "tools": { "call": {} } } });
            if known {
                tasks["list"] = json!({});
            }
            capabilities.insert("tasks".to_owned(), tasks);
        }
    }
    Value::Object(capabilities)
}

/// Whether there are tools whose calls may run as tasks.
pub(super) fn has_tasks(catalogue: &Catalogue) -> bool {
    catalogue.tools.iter().any(|entry| entry.spec.task != TaskSupport::Forbidden)
}

/// Whether something that is served can send log messages.
fn has_logging(catalogue: &Catalogue) -> bool {
    let of = |parameters: &[Parameter]| parameters.iter().any(Parameter::can_log);
    catalogue.tools.iter().any(|entry| entry.can_log)
        || catalogue.prompts.iter().any(|entry| of(&entry.parameters))
        || catalogue.resources.iter().chain(&catalogue.templates).any(|entry| of(&entry.parameters))
}

/// Whether there are tools.
pub(super) fn has_tools(catalogue: &Catalogue) -> bool {
    !catalogue.tools.is_empty()
}

/// Whether there are prompts.
pub(super) fn has_prompts(catalogue: &Catalogue) -> bool {
    !catalogue.prompts.is_empty()
}

/// Whether there are resources or templates.
pub(super) fn has_resources(catalogue: &Catalogue) -> bool {
    !catalogue.resources.is_empty() || !catalogue.templates.is_empty()
}

/// Whether there is something to complete.
pub(super) fn has_completions(catalogue: &Catalogue) -> bool {
    has_prompts(catalogue) || !catalogue.templates.is_empty()
}
