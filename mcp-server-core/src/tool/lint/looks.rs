//! Looks: each finds one thing that some host refuses, cuts or changes.

use serde_json::{Map, Value};

use super::rule::{Found, Part, Shown};

/// What a name may have with the prefix of a host.
const NAME: usize = 64;
/// What of it is left beside the longest prefix that hosts are known to add.
const NAME_LEFT: usize = 40;
const DEPTH: usize = 5;
const STRICT_DEPTH: usize = 10;
const KIB: usize = 1024;

#[expect(clippy::unnecessary_wraps, reason = "it is what every look returns")]
fn text(at: &str, what: impl Into<String>) -> Found {
    Some((at.to_owned(), what.into()))
}

pub(super) fn name_length(tool: Shown<'_>) -> Found {
    let length = tool.name.chars().count();
    (length > NAME).then(|| {
        text("/name", format!("the name has {length} characters, and {NAME} are what model interfaces take"))
    })?
}

pub(super) fn name_prefix(tool: Shown<'_>) -> Found {
    let length = tool.name.chars().count();
    (length > NAME_LEFT && length <= NAME).then(|| {
        text("/name", format!("the name has {length} characters: with the prefix of a host it may pass {NAME}"))
    })?
}

pub(super) fn name_dot(tool: Shown<'_>) -> Found {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    tool.name.chars().find(|c| !legal(*c)).and_then(|c| text("/name", format!("the name has a `{c}`")))
}

pub(super) fn name_start(tool: Shown<'_>) -> Found {
    let legal = tool.name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    (!legal).then(|| text("/name", "the name does not begin with a letter"))?
}

fn length(text: &str) -> usize {
    text.trim().chars().count()
}

pub(super) fn description_missing(tool: Shown<'_>) -> Found {
    (length(tool.description) == 0).then(|| text("/description", "there is no description"))?
}

pub(super) fn description_short(tool: Shown<'_>) -> Found {
    let length = length(tool.description);
    (1..8)
        .contains(&length)
        .then(|| text("/description", format!("a description of {length} characters says little")))?
}

pub(super) fn description_long(tool: Shown<'_>) -> Found {
    let length = length(tool.description);
    (length > KIB).then(|| {
        text("/description", format!("the description has {length} characters, and 1024 are what some models take"))
    })?
}

pub(super) fn description_cut(tool: Shown<'_>) -> Found {
    let length = tool.description.len();
    (length > 2 * KIB)
        .then(|| text("/description", format!("the description has {length} bytes and is cut at 2048")))?
}

pub(super) fn size_codex(tool: Shown<'_>) -> Found {
    let size = tool.input.to_string().len();
    (size > 4750).then(|| {
        text("/inputSchema", format!("it has {size} bytes: beyond 5000 all descriptions of arguments are removed"))
    })?
}

pub(super) fn size_claude(tool: Shown<'_>) -> Found {
    let size = tool.input.to_string().len();
    (size > 16 * KIB).then(|| {
        text("/inputSchema", format!("it has {size} bytes: beyond 16384 the tool is left out without a word"))
    })?
}

pub(super) fn many_cursor(tool: Shown<'_>) -> Found {
    (tool.place == 40).then(|| text("", "it is the 41st tool: only the first 40 are seen"))?
}

pub(super) fn many_openai(tool: Shown<'_>) -> Found {
    (tool.place == 128).then(|| text("", "it is the 129th tool: a request takes 128"))?
}

pub(super) fn root_object(root: &Map<String, Value>) -> Found {
    let says = root.get("type").and_then(Value::as_str) == Some("object");
    (!says).then(|| text("/inputSchema", "the root does not say `type: object`"))?
}

pub(super) fn root_alternatives(root: &Map<String, Value>) -> Found {
    let keywords = ["oneOf", "anyOf", "allOf", "not", "if", "enum", "const", "$ref"];
    let keyword = keywords.iter().find(|keyword| root.contains_key(**keyword))?;
    text(&format!("/inputSchema/{keyword}"), format!("`{keyword}` at the root"))
}

pub(super) fn root_properties(root: &Map<String, Value>) -> Found {
    (!root.contains_key("properties")).then(|| text("/inputSchema", "the root has no `properties`"))?
}

pub(super) fn dialect(root: &Map<String, Value>) -> Found {
    root.contains_key("$schema").then(|| text("/inputSchema/$schema", "the schema names its dialect"))?
}

fn properties<'a>(part: &Part<'a>) -> impl Iterator<Item = (&'a String, &'a Value)> {
    part.members.get("properties").and_then(Value::as_object).into_iter().flatten()
}

pub(super) fn property_key(part: Part<'_>) -> Option<String> {
    let legal = |name: &str| {
        (1..=NAME).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let name = properties(&part).map(|(name, _)| name).find(|name| !legal(name))?;
    Some(format!("the name of the member `{name}` is not 1 to 64 of A-Z a-z 0-9 _"))
}

fn names<'a>(part: &Part<'a>) -> impl Iterator<Item = &'a str> {
    part.members.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

pub(super) fn required_unknown(part: Part<'_>) -> Option<String> {
    let known = |name: &str| properties(&part).any(|(known, _)| known == name);
    // Beside alternatives or in them, the properties may stand elsewhere.
    if !part.members.contains_key("properties") {
        return None;
    }
    let name = names(&part).find(|name| !known(name))?;
    Some(format!("`{name}` is required and not declared"))
}

pub(super) fn boolean(schema: &Value) -> Option<String> {
    schema.is_boolean().then(|| "`true` or `false` stands for a schema".to_owned())
}

pub(super) fn argument_description(part: Part<'_>) -> Option<String> {
    if part.depth > 0 {
        return None;
    }
    let silent =
        |property: &Value| length(property.get("description").and_then(Value::as_str).unwrap_or_default()) == 0;
    let names: Vec<String> =
        properties(&part).filter(|(_, property)| silent(property)).map(|(name, _)| format!("`{name}`")).collect();
    (!names.is_empty()).then(|| format!("nothing is said about {}", names.join(", ")))
}

fn is_array(part: &Part<'_>) -> bool {
    part.members.get("type").and_then(Value::as_str) == Some("array")
}

pub(super) fn array_items(part: Part<'_>) -> Option<String> {
    let says = part.members.get("items").is_some_and(Value::is_object);
    (is_array(&part) && !says).then(|| "an array does not say what its items are".to_owned())
}

pub(super) fn tuple(part: Part<'_>) -> Option<String> {
    part.members.contains_key("prefixItems").then(|| "a tuple".to_owned())
}

pub(super) fn several_types(part: Part<'_>) -> Option<String> {
    part.members.get("type").is_some_and(Value::is_array).then(|| "several types at once".to_owned())
}

pub(super) fn no_type(part: Part<'_>) -> Option<String> {
    let says = ["type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref", "not", "if"];
    let silent = !says.iter().any(|keyword| part.members.contains_key(*keyword));
    (silent && part.depth > 0).then(|| "any JSON is taken: no type is said".to_owned())
}

pub(super) fn reference(part: Part<'_>) -> Option<String> {
    part.members.contains_key("$ref").then(|| "a type that refers to itself needs `$ref`".to_owned())
}

pub(super) fn reference_siblings(part: Part<'_>) -> Option<String> {
    let siblings = part.members.contains_key("$ref") && part.members.len() > 1;
    siblings.then(|| "other keywords stand beside `$ref` and are ignored".to_owned())
}

pub(super) fn alternatives(part: Part<'_>) -> Option<String> {
    let keyword = ["oneOf", "allOf"].into_iter().find(|keyword| part.members.contains_key(*keyword))?;
    (part.depth > 0).then(|| format!("`{keyword}`"))
}

pub(super) fn constant(part: Part<'_>) -> Option<String> {
    part.members.contains_key("const").then(|| "`const`".to_owned())
}

pub(super) fn options(part: Part<'_>) -> Option<String> {
    let options = part.members.get("enum").and_then(Value::as_array)?;
    options.iter().any(|option| !option.is_string()).then(|| "options that are not texts".to_owned())
}

pub(super) fn keyword(part: Part<'_>) -> Option<String> {
    const KEYWORDS: [&str; 15] = [
        "exclusiveMinimum",
        "exclusiveMaximum",
        "propertyNames",
        "patternProperties",
        "if",
        "then",
        "else",
        "not",
        "unevaluatedProperties",
        "unevaluatedItems",
        "dependentSchemas",
        "dependentRequired",
        "contains",
        "multipleOf",
        "uniqueItems",
    ];
    let keyword = KEYWORDS.into_iter().find(|keyword| part.members.contains_key(*keyword))?;
    Some(format!("`{keyword}`"))
}

pub(super) fn format(part: Part<'_>) -> Option<String> {
    let format = part.members.get("format").and_then(Value::as_str).filter(|format| *format != "date-time")?;
    Some(format!("the format `{format}`"))
}

pub(super) fn pattern(part: Part<'_>) -> Option<String> {
    part.members.contains_key("pattern").then(|| "a pattern".to_owned())
}

pub(super) fn bounds(part: Part<'_>) -> Option<String> {
    let keywords = ["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"];
    let keyword = keywords.into_iter().find(|keyword| part.members.contains_key(*keyword))?;
    Some(format!("`{keyword}`"))
}

pub(super) fn closed(part: Part<'_>) -> Option<String> {
    let closed = part.members.get("additionalProperties") == Some(&Value::Bool(false));
    closed.then(|| "`additionalProperties: false`".to_owned())
}

pub(super) fn map(part: Part<'_>) -> Option<String> {
    let is_map = part.members.get("additionalProperties").is_some_and(Value::is_object);
    is_map.then(|| "a map: its keys are not known in advance".to_owned())
}

pub(super) fn depth(part: Part<'_>) -> Option<String> {
    (part.depth == DEPTH + 1).then(|| format!("it nests more than {DEPTH} levels, and models lose their way"))
}

pub(super) fn strict_depth(part: Part<'_>) -> Option<String> {
    (part.depth == STRICT_DEPTH + 1).then(|| format!("it nests more than {STRICT_DEPTH} levels"))
}

pub(super) fn strict_required(part: Part<'_>) -> Option<String> {
    let needed: Vec<&str> = names(&part).collect();
    let optional = properties(&part).map(|(name, _)| name).find(|name| !needed.contains(&name.as_str()))?;
    Some(format!("`{optional}` may be left out, and every member has to be required"))
}

pub(super) fn strict_closed(part: Part<'_>) -> Option<String> {
    let is_object = part.members.get("type").and_then(Value::as_str) == Some("object");
    let closed = part.members.get("additionalProperties") == Some(&Value::Bool(false));
    (is_object && !closed).then(|| "an object that does not say `additionalProperties: false`".to_owned())
}

pub(super) fn strict_default(part: Part<'_>) -> Option<String> {
    part.members.contains_key("default").then(|| "`default`".to_owned())
}

pub(super) fn output_boolean(part: Part<'_>) -> Option<String> {
    let in_map = |keyword: &str| part.members.get(keyword).and_then(Value::as_object).into_iter().flatten();
    let name =
        in_map("properties").chain(in_map("$defs")).find(|(_, schema)| schema.is_boolean()).map(|(name, _)| name)?;
    Some(format!("`true` or `false` stands for the schema of `{name}`"))
}

pub(super) fn dangling(part: Part<'_>) -> Option<String> {
    let target = part.members.get("$ref").and_then(Value::as_str)?;
    let leads = target.strip_prefix('#').is_some_and(|pointer| part.root.pointer(pointer).is_some());
    (!leads).then(|| format!("`$ref` to `{target}`, where nothing is"))
}
