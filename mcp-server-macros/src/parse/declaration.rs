//! Declarations: what `#[tool(…)]`, `#[prompt(…)]` and `#[resource(…)]` say.

use proc_macro2::{Ident, Span, TokenStream};
use syn::Path;
use syn::ext::IdentExt as _;

use super::settings::{Setting, Settings};
use super::{names, units, uri};
use crate::error::Errors;
use crate::model::{Declaration, Effects, Idempotency, Kind, Limits, Once, TaskSupport, Tasks};

const TOOL: &[&str] = &[
    "name",
    "title",
    "read_only",
    "destructive",
    "idempotent",
    "open_world",
    "scopes",
    "timeout",
    "max_result",
    "max_concurrency",
    "task",
    "asks_first",
    "idempotency",
    "single_use",
    "may_be_empty",
    "inline",
    "crate",
];
const PROMPT: &[&str] = &["name", "title", "scopes", "inline", "crate"];
const RESOURCE: &[&str] = &["name", "title", "mime", "scopes", "inline", "crate"];

/// A declaration, and what only its function can confirm.
pub(super) struct Declared {
    pub(super) declaration: Declaration,
    /// The variables of a resource's URI.
    pub(super) variables: Vec<String>,
    /// Where the URI stands.
    pub(super) uri_span: Span,
    /// Where `inline` stands, if it does.
    pub(super) inline_span: Option<Span>,
}

/// Reads the attribute of a function of this name.
pub(super) fn read(kind: Kind, tokens: TokenStream, ident: &Ident, errors: &mut Errors) -> Declared {
    let mut declaration = Declaration::default();
    let mut variables = Vec::new();
    let mut uri_span = ident.span();
    let mut settings = match kind {
        Kind::Tool => Settings::read(tokens, "#[tool]", TOOL, errors),
        Kind::Prompt => Settings::read(tokens, "#[prompt]", PROMPT, errors),
        Kind::Resource => {
            let errors_before = errors.is_empty();
            let (text, settings) = Settings::read_after_text(tokens, "#[resource]", RESOURCE, errors);
            match text {
                Some(text) => {
                    uri_span = text.span();
                    declaration.uri = text.value();
                    match uri::variables(&declaration.uri) {
                        Ok(found) => variables = found,
                        Err(message) => errors.at(uri_span, message),
                    }
                }
                None if errors_before && !errors.is_empty() => {}
                None => errors.at(
                    Span::call_site(),
                    "a resource needs its URI first: write `#[resource(\"notes://all\")]` or `#[resource(\"notes://{id}\")]`",
                ),
            }
            settings
        }
    };
    let inline = settings.take("inline");
    let inline_span = inline.as_ref().map(|setting| setting.key.span());
    declaration.inline = inline.and_then(|setting| setting.flag(errors)).unwrap_or(false);
    declaration.krate = settings.take("crate").and_then(|setting| setting.path("::mcp_server_core", errors));
    declaration.name = name(kind, settings.take("name"), ident, errors);
    declaration.title = settings.take("title").and_then(|setting| setting.text("Search tickets", errors));
    declaration.scopes = settings.take("scopes").map(|setting| scopes(&setting, errors)).unwrap_or_default();
    declaration.mime = settings.take("mime").and_then(|setting| mime(&setting, errors));
    declaration.effects = effects(&mut settings, errors);
    declaration.limits = limits(&mut settings, errors);
    declaration.tasks = tasks(&mut settings, errors);
    declaration.once = once(&mut settings, &declaration, errors);
    declaration.may_be_empty = settings.take("may_be_empty").and_then(|setting| reason(&setting, errors));
    Declared { declaration, variables, uri_span, inline_span }
}

/// Reads an attribute that can only say where the framework is.
pub(crate) fn krate(tokens: TokenStream, place: &str, errors: &mut Errors) -> Option<Path> {
    let mut settings = Settings::read(tokens, place, &["crate"], errors);
    settings.take("crate").and_then(|setting| setting.path("::mcp_server_core", errors))
}

fn name(kind: Kind, setting: Option<Setting>, ident: &Ident, errors: &mut Errors) -> String {
    let (name, span) = match setting {
        Some(setting) => {
            let Some(name) = setting.text("search_tickets", errors) else { return String::new() };
            (name, setting.span())
        }
        None => (ident.unraw().to_string(), ident.span()),
    };
    // The name of a resource is only shown; the URI is what it is asked for by.
    if kind != Kind::Resource
        && let Some(message) = names::item(&name)
    {
        errors.at(span, message);
    }
    name
}

fn scopes(setting: &Setting, errors: &mut Errors) -> Vec<String> {
    let texts = setting.texts("tickets:read", errors);
    for text in &texts {
        if let Some(message) = names::scope(&text.value()) {
            errors.at(text.span(), message);
        }
    }
    texts.iter().map(syn::LitStr::value).collect()
}

/// What it means that a result says nothing.
fn reason(setting: &Setting, errors: &mut Errors) -> Option<String> {
    let reason = setting.text("no alarm is active", errors)?;
    if reason.trim().is_empty() {
        errors.at(setting.span(), "say what an empty result means: `may_be_empty = \"no alarm is active\"`");
    }
    Some(reason)
}

fn mime(setting: &Setting, errors: &mut Errors) -> Option<String> {
    let mime = setting.text("text/plain", errors)?;
    if let Some(message) = names::mime(&mime) {
        errors.at(setting.span(), message);
    }
    Some(mime)
}

fn effects(settings: &mut Settings, errors: &mut Errors) -> Effects {
    let mut spans = Vec::new();
    let mut flag = |key: &str, errors: &mut Errors| {
        let setting = settings.take(key)?;
        let value = setting.flag(errors);
        if value == Some(true) {
            spans.push((key.to_owned(), setting.key.span()));
        }
        value
    };
    let effects = Effects {
        read_only: flag("read_only", errors),
        destructive: flag("destructive", errors),
        idempotent: flag("idempotent", errors),
        open_world: flag("open_world", errors),
    };
    if effects.read_only == Some(true)
        && let Some((_, span)) = spans.iter().find(|(key, _)| key == "destructive")
    {
        errors.at(*span, "a tool that is `read_only` destroys nothing: remove `destructive` or `read_only`");
    }
    effects
}

fn limits(settings: &mut Settings, errors: &mut Errors) -> Limits {
    let mut unit = |key: &str, example: &str, read: fn(&str) -> Result<u64, String>, errors: &mut Errors| {
        let setting = settings.take(key)?;
        match read(&setting.text(example, errors)?) {
            Ok(value) => Some(value),
            Err(message) => {
                errors.at(setting.span(), message);
                None
            }
        }
    };
    let timeout_ms = unit("timeout", "5s", units::duration, errors);
    let max_result = unit("max_result", "64KiB", units::size, errors);
    let max_concurrency = settings.take("max_concurrency").and_then(|setting| {
        let number = setting.count(errors)?;
        let number = u32::try_from(number).ok().filter(|number| *number > 0);
        if number.is_none() {
            errors.at(setting.span(), "at least one call must be able to run: write a number from 1 to 4294967295");
        }
        number
    });
    Limits { timeout_ms, max_result, max_concurrency }
}

fn tasks(settings: &mut Settings, errors: &mut Errors) -> Tasks {
    let support = settings.take("task").map_or(TaskSupport::Forbidden, |setting| support(&setting, errors));
    let asks_first = settings.take("asks_first").and_then(|setting| {
        let value = setting.flag(errors)?;
        if value && support == TaskSupport::Forbidden {
            errors.at(setting.key.span(), "`asks_first` is about tasks: write `task, asks_first`");
        }
        Some(value)
    });
    Tasks { support, asks_first: asks_first.unwrap_or(false) }
}

/// `task`, or `task = "required"`.
fn support(setting: &Setting, errors: &mut Errors) -> TaskSupport {
    if let Some(wanted) = setting.as_flag() {
        return if wanted { TaskSupport::Optional } else { TaskSupport::Forbidden };
    }
    match setting.text("required", errors).as_deref() {
        None => TaskSupport::Optional,
        Some("required") => TaskSupport::Required,
        Some(_) => {
            let message = "write `task` for calls that may run as tasks, or `task = \"required\"` for calls that must";
            errors.at(setting.span(), message);
            TaskSupport::Optional
        }
    }
}

fn once(settings: &mut Settings, declaration: &Declaration, errors: &mut Errors) -> Once {
    let idempotency = settings.take("idempotency").and_then(|setting| {
        if declaration.tasks.support != TaskSupport::Forbidden {
            let message = "a task is known by its id, not by a key: remove `idempotency` or `task`";
            errors.at(setting.key.span(), message);
        }
        if declaration.effects.read_only == Some(true) {
            let message = "a tool that is `read_only` has no effect to do once: remove `idempotency` or `read_only`";
            errors.at(setting.key.span(), message);
        }
        if let Some(wanted) = setting.as_flag() {
            return wanted.then_some(Idempotency { keep_ms: None });
        }
        match units::duration(&setting.text("24h", errors)?) {
            Ok(millis) => Some(Idempotency { keep_ms: Some(millis) }),
            Err(message) => {
                errors.at(setting.span(), message);
                None
            }
        }
    });
    let single_use = settings.take("single_use").and_then(|setting| setting.flag(errors)).unwrap_or(false);
    Once { idempotency, single_use }
}
