//! `#[arg(…)]`: the rules of one argument, and which of them contradict each other.

use syn::{Attribute, Meta};

use super::settings::Settings;
use super::{default_value, names, pattern, range, suggest};
use crate::error::Errors;
use crate::model::{Kind, Rules};

const KNOWN: &[&str] = &[
    "min_length",
    "max_length",
    "range",
    "min_items",
    "max_items",
    "pattern",
    "format",
    "default",
    "rename",
    "secret",
    "header",
    "complete",
];

/// What the attributes of a parameter say.
#[derive(Default)]
pub(super) struct Argument {
    pub(super) rename: Option<String>,
    pub(super) rules: Rules,
}

/// Reads what `#[arg(…)]` says.
pub(super) fn read(kind: Kind, attributes: &[Attribute], errors: &mut Errors) -> Argument {
    let mut attributes = attributes.iter().filter(|attribute| attribute.path().is_ident("arg"));
    let Some(attribute) = attributes.next() else { return Argument::default() };
    for another in attributes {
        errors.on(another, "one `#[arg(…)]` holds all rules of a parameter: move these into the first");
    }
    let tokens = match &attribute.meta {
        Meta::List(list) if !list.tokens.is_empty() => list.tokens.clone(),
        _ => {
            errors.on(attribute, "`#[arg]` without a rule says nothing: write `#[arg(min_length = 1)]` or remove it");
            return Argument::default();
        }
    };
    let mut settings = Settings::read(tokens, "#[arg]", KNOWN, errors);
    refuse_misplaced(kind, &mut settings, errors);
    let rename = settings.take("rename").and_then(|setting| setting.text("query", errors));
    Argument { rename, rules: rules(&mut settings, errors) }
}

/// Rules that are enforced by a schema, or mean something to a client, where the function is a tool.
const OF_TOOLS: &[&str] =
    &["min_length", "max_length", "range", "min_items", "max_items", "pattern", "format", "header"];

/// Takes out and reports what would be accepted and then ignored.
fn refuse_misplaced(kind: Kind, settings: &mut Settings, errors: &mut Errors) {
    if kind == Kind::Tool {
        if let Some(setting) = settings.take("complete") {
            let message = "a client completes the arguments of prompts and templates only: remove `complete`";
            errors.at(setting.key.span(), message);
        }
        return;
    }
    for key in OF_TOOLS {
        if let Some(setting) = settings.take(key) {
            let word = kind.word();
            let message = format!("only a tool publishes a schema that `{key}` could stand in: check it in the {word}");
            errors.at(setting.key.span(), message);
        }
    }
    if kind == Kind::Resource
        && let Some(setting) = settings.take("rename")
    {
        errors.at(setting.key.span(), "the template names its variables: rename the variable in the URI");
    }
}

fn rules(settings: &mut Settings, errors: &mut Errors) -> Rules {
    let (min_length, max_length) = limits(settings, "min_length", "max_length", errors);
    let (min_items, max_items) = limits(settings, "min_items", "max_items", errors);
    let mut checked = |key: &str, example: &str, fault: fn(&str) -> Option<String>, errors: &mut Errors| {
        let setting = settings.take(key)?;
        let text = setting.text(example, errors)?;
        if let Some(message) = fault(&text) {
            errors.at(setting.span(), message);
        }
        Some(text)
    };
    let pattern = checked("pattern", "^[a-z]+$", pattern::fault, errors);
    let format = checked("format", "email", unknown_format, errors);
    let header = checked("header", "Region", names::header, errors);
    let secret = settings.take("secret").is_some_and(|setting| {
        let is_secret = setting.flag(errors).unwrap_or(false);
        if is_secret && header.is_some() {
            errors.at(setting.key.span(), "a header is read by every proxy on the way: a `secret` may not have one");
        }
        is_secret
    });
    let complete = settings.take("complete").and_then(|setting| setting.path("complete_language", errors));
    let is_text = min_length.is_some() || max_length.is_some() || pattern.is_some() || format.is_some();
    let is_list = min_items.is_some() || max_items.is_some();
    let range = settings.take("range").and_then(|setting| {
        if is_text || is_list {
            let others =
                "`min_length`, `max_length`, `pattern` and `format` for texts, `min_items` and `max_items` for lists";
            errors.at(setting.key.span(), format!("`range` is for numbers, {others}: keep one kind"));
        }
        range::read(setting, errors)
    });
    let default = settings.take("default");
    let mut rules = Rules {
        min_length,
        max_length,
        range,
        min_items,
        max_items,
        pattern,
        format,
        default: None,
        secret,
        header,
        complete,
    };
    rules.default = default.and_then(|setting| default_value::read(setting, &rules, errors));
    rules
}

/// A least and a greatest number.
fn limits(settings: &mut Settings, least: &str, greatest: &str, errors: &mut Errors) -> (Option<u64>, Option<u64>) {
    let low = settings.take(least).and_then(|setting| setting.count(errors));
    let Some(setting) = settings.take(greatest) else { return (low, None) };
    let high = setting.count(errors);
    if let (Some(low), Some(high)) = (low, high)
        && low > high
    {
        errors.at(setting.span(), format!("`{greatest}` is below `{least}` ({low}): nothing could pass"));
    }
    (low, high)
}

fn unknown_format(format: &str) -> Option<String> {
    if names::FORMATS.contains(&format) {
        return None;
    }
    let advice = suggest::nearest(format, names::FORMATS).map_or_else(
        || format!("known are `{}`", names::FORMATS.join("`, `")),
        |near| format!("did you mean `{near}`?"),
    );
    Some(format!("`{format}` is no format that is enforced: {advice}"))
}
