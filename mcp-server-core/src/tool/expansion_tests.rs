//! What the macros write, seen from inside: specifications, parameters, runners.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::parameter::{Bound, ParamSpec, Parameter};
use super::{IntoItems, Item, TaskSupport, Tool};
use crate::prelude::*;

#[derive(Clone)]
struct Db;

#[derive(Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Order {
    NewestFirst,
}

/// Find tickets by free text,
/// newest first.
///
///   - not the closed ones
#[tool(
    name = "tickets.search",
    title = "Search",
    read_only,
    open_world = false,
    scopes("a", "b"),
    timeout = "1500ms",
    max_result = "64KiB",
    max_concurrency = 8
)]
async fn search(
    State(_): State<Db>,
    context: Context,
    /// Words to look for.
    #[arg(min_length = 1, max_length = 200, pattern = "^a", format = "email", header = "Query")]
    query: String,
    #[arg(range = 1..=100, default = 20)] limit: u32,
    #[arg(range = -0.5..2.5, default = -0.25)] factor: f64,
    #[arg(rename = "type", default = Order::NewestFirst)] order: Order,
    #[arg(min_items = 2, max_items = 3, secret)] r#in: Option<Vec<String>>,
) -> String {
    let Order::NewestFirst = order;
    format!("{} {query} {limit} {factor} {:?}", context.request_id(), r#in)
}

/// Blocks.
#[tool]
fn block() -> String {
    "done".to_owned()
}

/// Returns at once.
#[tool(inline)]
fn inline() -> i64 {
    1
}

#[expect(clippy::unused_async, reason = "a completer is async")]
async fn languages(_: Context, typed: String) -> Vec<String> {
    vec![typed]
}

#[prompt(title = "Review")]
async fn review(#[arg(complete = languages)] language: String) -> String {
    language
}

/// One page.
#[resource("notes://{id}{?page}", mime = "text/plain", scopes("notes"))]
fn note(id: String, page: Option<u32>) -> String {
    format!("{id} {page:?}")
}

struct Calculator;

#[items]
impl Calculator {
    const STEP: i64 = 3;

    /// Add.
    #[tool]
    async fn add(&self, left: i64, #[arg(default = Self::STEP)] right: i64) -> i64 {
        left + right
    }

    #[expect(clippy::unused_self, reason = "a method that needs nothing of its value")]
    #[prompt]
    fn ask(&self) -> &'static str {
        "ask"
    }

    #[resource("calc://last")]
    fn last() -> &'static str {
        "last"
    }
}

fn tool(items: Vec<Item>) -> Tool {
    match items.into_iter().next() {
        Some(Item::Tool(tool)) => tool,
        other => panic!("no tool: {other:?}"),
    }
}

fn argument(parameter: &Parameter) -> (&'static ParamSpec, bool) {
    match parameter {
        Parameter::Argument { spec, optional, .. } => (spec, *optional),
        other => panic!("no argument: {other:?}"),
    }
}

#[test]
fn a_tool_is_what_its_attribute_says() {
    let spec = tool(tools![search]).spec;
    assert_eq!((spec.name, spec.title), ("tickets.search", Some("Search")));
    assert_eq!(spec.description, "Find tickets by free text,\nnewest first.\n\n  - not the closed ones");
    assert_eq!((spec.effects.read_only, spec.effects.open_world), (Some(true), Some(false)));
    assert_eq!((spec.effects.destructive, spec.effects.idempotent), (None, None));
    assert_eq!(spec.scopes, ["a", "b"]);
    assert_eq!(spec.timeout, Some(Duration::from_millis(1500)));
    assert_eq!((spec.max_result, spec.max_concurrency), (Some(65_536), Some(8)));
    assert!(spec.location.file.ends_with("expansion_tests.rs"));
}

#[test]
fn parameters_carry_their_rules() {
    let parameters = tool(tools![search]).parameters;
    let [Parameter::Injected { needs: Some(_), .. }, Parameter::Injected { needs: None, .. }, arguments @ ..] =
        &parameters[..]
    else {
        panic!("state and context come first: {parameters:?}")
    };
    let arguments: Vec<_> = arguments.iter().map(argument).collect();
    let names: Vec<_> = arguments.iter().map(|(spec, optional)| (spec.name, *optional)).collect();
    assert_eq!(names, [("query", false), ("limit", false), ("factor", false), ("type", false), ("in", true)]);

    let [query, limit, factor, order, tags] = [0, 1, 2, 3, 4].map(|index: usize| arguments[index].0);
    assert_eq!(query.description, "Words to look for.");
    assert_eq!((query.min_length, query.max_length), (Some(1), Some(200)));
    assert_eq!((query.pattern, query.format, query.header), (Some("^a"), Some("email"), Some("Query")));
    assert!(tags.secret && !query.secret);
    assert_eq!((limit.minimum, limit.maximum), (Some(Bound::Int(1)), Some(Bound::Int(100))));
    assert_eq!((factor.minimum, factor.exclusive_maximum), (Some(Bound::Float(-0.5)), Some(Bound::Float(2.5))));
    assert_eq!(factor.maximum, None);
    assert_eq!((tags.min_items, tags.max_items), (Some(2), Some(3)));
    let defaults = [limit, factor, order].map(|spec| spec.default.map(|default| default()));
    assert_eq!(defaults, [Some(json!(20)), Some(json!(-0.25)), Some(json!("newest_first"))]);
    assert!(query.default.is_none() && query.complete.is_none());
}

#[test]
fn the_function_decides_how_it_runs() {
    let modes = [tools![search], tools![block], tools![inline]].map(|items| tool(items).runner.mode());
    assert_eq!(modes, ["async", "blocking", "inline"]);
}

#[test]
fn prompts_and_resources_likewise() {
    let items = prompts![review];
    let [Item::Prompt(prompt)] = &items[..] else { panic!("no prompt: {items:?}") };
    assert_eq!((prompt.spec.name, prompt.spec.title, prompt.spec.description), ("review", Some("Review"), ""));
    assert!(argument(&prompt.parameters[0]).0.complete.is_some());

    let items = resources![note];
    let [Item::Resource(resource)] = &items[..] else { panic!("no resource: {items:?}") };
    assert_eq!((resource.spec.uri, resource.spec.name), ("notes://{id}{?page}", "note"));
    assert_eq!((resource.spec.mime, resource.spec.scopes), (Some("text/plain"), &["notes"][..]));
    let names: Vec<_> =
        resource.parameters.iter().map(|parameter| (argument(parameter).0.name, argument(parameter).1)).collect();
    assert_eq!(names, [("id", false), ("page", true)]);
}

#[test]
fn a_block_gives_its_items_in_order() {
    let items = Calculator.into_items();
    let [Item::Tool(add), Item::Prompt(ask), Item::Resource(last)] = &items[..] else {
        panic!("other items: {items:?}")
    };
    assert_eq!((add.spec.name, ask.spec.name, last.spec.uri), ("add", "ask", "calc://last"));
    assert_eq!(argument(&add.parameters[1]).0.default.map(|default| default()), Some(json!(3)));
}

#[test]
fn annotated_functions_stay_functions() {
    assert_eq!(block(), "done");
    assert_eq!(inline(), 1);
    assert_eq!(note("a".to_owned(), None), "a None");
}

/// May run as a task.
#[tool(task)]
async fn may_be_a_task() -> String {
    "done".to_owned()
}

/// Runs as a task alone, once its questions are answered.
#[tool(task = "required", asks_first)]
async fn must_be_a_task(context: Context) -> String {
    context.begin_task().await;
    "done".to_owned()
}

#[test]
fn a_tool_says_whether_it_may_be_a_task() {
    let of = |mut items: Vec<Item>| match items.remove(0) {
        Item::Tool(tool) => (tool.spec.task, tool.spec.asks_first),
        _ => panic!("a tool"),
    };
    assert_eq!(of(tools![may_be_a_task]), (TaskSupport::Optional, false));
    assert_eq!(of(tools![must_be_a_task]), (TaskSupport::Required, true));
    assert_eq!(of(tools![block]), (TaskSupport::Forbidden, false));
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Nested {
    inner: Inner,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Inner {
    sure: bool,
}

/// Ask for what cannot be asked.
#[tool]
async fn asks_nested(context: Context) -> ToolResult<String> {
    let Nested { inner } = context.elicit("Sure?").await?;
    Ok(inner.sure.to_string())
}

/// Ask for what can be asked.
#[tool]
async fn asks_flat(context: Context) -> ToolResult<String> {
    let form = context.elicit::<Inner>("Sure?").key("sure").await?;
    Ok(form.sure.to_string())
}

/// A form that the protocol cannot ask is a fault at start, not an error of a call.
#[test]
fn forms_are_checked_at_start() {
    assert_eq!(tool(tools![asks_flat]).form_faults, [""; 0]);
    let faults = tool(tools![asks_nested]).form_faults;
    assert!(faults[0].contains("Nested") && faults[0].contains("`inner` is an object"), "{faults:?}");
}
