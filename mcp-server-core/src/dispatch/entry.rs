//! Entries: a tool, prompt or resource as it is served: checked, compiled, its list lines written.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::settings::Settings;
use crate::guard::mirror::Mirror;
use crate::guard::permits::{Permit, Permits};
use crate::guard::validate::Validator;
use crate::guard::violation;
use crate::protocol::Revision;
use crate::telemetry::quality::Watch;
use crate::telemetry::redact::Marks;
use crate::telemetry::{Answered, Scope};
use crate::tool::emptiness::RowLists;
use crate::tool::schema::{self, OutputForm, Publishing, Side};
use crate::tool::target::{Parameter, Prompt, PromptSpec, Resource, ResourceSpec, Runner, ToolSpec};
use crate::tool::{
    Contents, DecoderNote, Effects, ErrorKind, Messages, Outcome, Reply, TaskSupport, Template, Tool, ToolError,
};

/// Under which key of its `_meta` a tool says that repeats of a call get the answer of the first.
const IDEMPOTENCY: &str = "rs.mcp-server/idempotency";

/// The lines of one item in the lists, one for each revision.
#[derive(Debug)]
pub(crate) struct Lines([Box<[u8]>; Revision::ALL.len()]);

impl Lines {
    fn write(line: impl Fn(Revision) -> Value) -> Self {
        Self(Revision::ALL.map(|revision| line(revision).to_string().into_bytes().into_boxed_slice()))
    }

    /// The line as JSON text.
    pub(crate) fn of(&self, revision: Revision) -> &[u8] {
        self.0.get(revision as usize).map_or(b"{}", |line| line)
    }
}

/// A served tool.
#[derive(Debug)]
pub(crate) struct ToolEntry {
    pub(crate) spec: &'static ToolSpec,
    pub(crate) runner: Runner<Outcome>,
    pub(crate) input: Validator,
    pub(crate) output: Option<Output>,
    pub(crate) timeout: Duration,
    /// How long its work may take as a task.
    pub(crate) task_timeout: Duration,
    pub(crate) max_result: u64,
    pub(crate) permits: Option<Arc<Permits>>,
    /// After how many equal calls an agent is told so; never with 0.
    pub(crate) repeats: u32,
    /// What its results are held against.
    pub(crate) quality: Option<Watch>,
    /// The `Mcp-Param-*` headers that repeat arguments.
    pub(crate) mirrors: Vec<Mirror>,
    /// The schema of its arguments, as it is enforced.
    pub(crate) input_schema: Value,
    /// The same as it is shown.
    pub(crate) published_input: Value,
    /// What of its arguments is secret.
    pub(crate) marks: Arc<Marks>,
    /// Whether its function can send log messages to the client.
    pub(crate) can_log: bool,
    /// What its decoders do that the schema does not say.
    pub(crate) notes: Vec<DecoderNote>,
    pub(crate) lines: Lines,
}

/// The schema of a tool's structured result.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) validator: Validator,
    /// As it is enforced.
    pub(crate) schema: Value,
    /// As it is shown.
    pub(crate) published: Value,
    /// What of it is secret.
    pub(crate) marks: Marks,
    /// Its lists of rows.
    pub(crate) lists: RowLists,
    /// Whether every result is an object: before 2026-07-28 it has to be, so anything else is wrapped there.
    is_object: bool,
}

impl ToolEntry {
    /// Checks a tool and makes it ready.
    ///
    /// # Errors
    /// What is wrong with it, for its author.
    pub(crate) fn new(tool: Tool, settings: &Settings) -> Result<Self, String> {
        let spec = tool.spec;
        if let Some(fault) = tool.form_faults.first() {
            return Err(fault.clone());
        }
        let own = settings.tools.get(spec.name);
        let input_schema = schema::input_schema(&tool.parameters)?;
        let input = Validator::compile(&input_schema).map_err(|fault| format!("its input schema: {fault}"))?;
        let mirrors = Mirror::all_of(&input_schema)?;
        let output = tool.output.map(|schema| Output::new(schema, settings.publishing)).transpose()?;
        let published_input = schema::published(&input_schema, Side::Input, settings.publishing);
        let most = own.and_then(|own| own.max_concurrency).or(spec.max_concurrency);
        let own_timeout = own.and_then(|own| own.timeout).or(spec.timeout);
        let timeout = own_timeout.unwrap_or(settings.timeout);
        let task_timeout = own_timeout.unwrap_or(settings.tasks.timeout);
        if let Some(idempotency) = spec.idempotency {
            kept_long_enough(spec.name, idempotency.keep, settings, timeout)?;
        }
        let max_result = own.and_then(|own| own.max_result).or(spec.max_result).unwrap_or(settings.max_result);
        let repeats = own.and_then(|own| own.repeats).unwrap_or(settings.repeats);
        let lines = Lines::write(|revision| tool_line(spec, &published_input, output.as_ref(), revision));
        let permits = most.map(Permits::new);
        let quality = settings.quality.map(|quality| Watch::new(quality.after));
        Ok(Self {
            spec,
            runner: tool.runner,
            input,
            output,
            timeout,
            task_timeout,
            max_result,
            permits,
            repeats,
            quality,
            mirrors,
            marks: Arc::new(Marks::of(&input_schema)),
            input_schema,
            published_input,
            can_log: tool.parameters.iter().any(Parameter::can_log),
            notes: tool.parameters.iter().flat_map(Parameter::notes).collect(),
            lines,
        })
    }

    /// Whether its work may be done twice: its author says so.
    pub(super) fn may_run_again(&self) -> bool {
        let effects = self.spec.effects;
        effects.idempotent.unwrap_or(effects.read_only == Some(true))
    }

    /// A permit of the tool's own, if it has any to give.
    ///
    /// # Errors
    /// `overloaded` if they are all taken.
    pub(super) fn permit(&self) -> Result<Option<Permit>, ToolError> {
        let Some(permits) = &self.permits else { return Ok(None) };
        let busy = || ToolError::overloaded(format!("{} calls of this tool run already", permits.most()));
        permits.take().ok_or_else(busy).map(Some)
    }

    /// Judges what the function of a call in this scope ended in, and holds a result against the published output schema
    /// before it passes on.
    pub(super) fn judged(&self, outcome: Outcome, scope: &Scope) -> Outcome {
        let none = RowLists::default();
        let lists = self.output.as_ref().map_or(&none, |output| &output.lists);
        let outcome = outcome.judged(lists, self.spec.may_be_empty);
        let outcome = match scope.upstream_error() {
            Some(answered) => behind(answered, outcome),
            None => outcome,
        };
        let (Outcome::Complete(reply) | Outcome::Empty(reply) | Outcome::Partial(reply)) = &outcome else {
            return outcome;
        };
        let Some(output) = &self.output else { return outcome };
        let Reply { structured: Some(value), .. } = reply else {
            return Outcome::Failed(ToolError::invalid_output("the tool promises structured data and returned none"));
        };
        match output.validator.validate(value) {
            Ok(()) => outcome,
            Err(violations) => {
                violation::measure(scope.telemetry(), self.spec.name, &violations);
                Outcome::Failed(violation::invalid_output(&violations))
            }
        }
    }
}

/// A result that has nothing while a service failed is no answer, whatever reason the tool gives.
fn behind(answered: Answered, outcome: Outcome) -> Outcome {
    match &outcome {
        Outcome::Failed(error) if error.kind() == ErrorKind::UnexplainedEmpty => {}
        // "There is none" may be what the service said.
        Outcome::Empty(_) if !answered.says_none() => {}
        _ => return outcome,
    }
    let cause = format!("a request of the tool ended in {}, and the tool returned nothing", answered.error_type());
    Outcome::Failed(
        ToolError::bad_upstream("a service that the tool asked failed, and the tool returned nothing").cause(cause),
    )
}

/// What the parameters of a prompt or a resource are called, and which of them are secret.
fn marks(parameters: &[Parameter]) -> Arc<Marks> {
    let named = parameters.iter().filter_map(|parameter| match parameter {
        Parameter::Argument { spec, .. } => Some((spec.name, spec.secret)),
        _ => None,
    });
    Arc::new(Marks::named(named))
}

impl Output {
    fn new(schema: Value, publishing: Publishing) -> Result<Self, String> {
        let OutputForm { enforced: schema, is_object } = OutputForm::new(schema);
        let validator = Validator::compile(&schema).map_err(|fault| format!("its output schema: {fault}"))?;
        let published = schema::published(&schema, Side::Output, publishing);
        Ok(Self { validator, marks: Marks::of(&schema), lists: RowLists::of(&schema), published, schema, is_object })
    }

    /// Whether a revision sees schema and value inside an object.
    pub(super) fn is_wrapped(&self, revision: Revision) -> bool {
        !revision.is_modern() && !self.is_object
    }

    /// The schema as a revision may see it.
    pub(super) fn shown(&self, revision: Revision) -> Value {
        if self.is_wrapped(revision) { schema::wrapped(&self.published) } else { self.published.clone() }
    }
}

/// Refuses an answer that would be forgotten before a client that waits for its call can ask again.
fn kept_long_enough(tool: &str, own: Option<Duration>, settings: &Settings, timeout: Duration) -> Result<(), String> {
    let kept = match own {
        Some(keep) => vec![("`keep` of `idempotency`", keep)],
        None => vec![
            ("the key idempotency.keep", settings.remember),
            ("the key idempotency.keep_unkeyed", settings.remember_unkeyed),
        ],
    };
    match kept.into_iter().find(|(_, keep)| *keep < timeout) {
        None => Ok(()),
        Some((key, keep)) => Err(format!(
            "{key} is {} s, less than the timeout of the tool, {} s: an answer would be forgotten before its client can \
             ask for it again; raise {key}, or lower tools.{tool}.timeout",
            keep.as_secs_f64(),
            timeout.as_secs_f64()
        )),
    }
}

fn tool_line(spec: &ToolSpec, input: &Value, output: Option<&Output>, revision: Revision) -> Value {
    let mut line = Map::new();
    line.insert("name".to_owned(), spec.name.into());
    if let Some(title) = spec.title.filter(|_| revision.has_structured()) {
        line.insert("title".to_owned(), title.into());
    }
    line.insert("description".to_owned(), spec.description.into());
    line.insert("inputSchema".to_owned(), input.clone());
    if let Some(output) = output.filter(|_| revision.has_structured()) {
        line.insert("outputSchema".to_owned(), output.shown(revision));
    }
    if revision.has_annotations()
        && let Some(annotations) = annotations(spec.effects)
    {
        line.insert("annotations".to_owned(), annotations);
    }
    if revision.has_session_tasks() && spec.task != TaskSupport::Forbidden {
        line.insert("execution".to_owned(), json!({ "taskSupport": spec.task.as_str() }));
    }
    if revision.has_structured() && spec.idempotency.is_some() {
        line.insert("_meta".to_owned(), json!({ IDEMPOTENCY: true }));
    }
    Value::Object(line)
}

/// The hints that the author gave; what was not said is left out (server/tools, `ToolAnnotations`).
fn annotations(effects: Effects) -> Option<Value> {
    let hints = [
        ("readOnlyHint", effects.read_only),
        ("destructiveHint", effects.destructive),
        ("idempotentHint", effects.idempotent),
        ("openWorldHint", effects.open_world),
    ];
    let said: Map<String, Value> =
        hints.into_iter().filter_map(|(name, said)| said.map(|said| (name.to_owned(), said.into()))).collect();
    (!said.is_empty()).then_some(Value::Object(said))
}

/// A served prompt.
#[derive(Debug)]
pub(crate) struct PromptEntry {
    pub(crate) spec: &'static PromptSpec,
    pub(crate) runner: Runner<Result<Messages, ToolError>>,
    pub(crate) parameters: Vec<Parameter>,
    /// Which of its arguments are secret.
    pub(crate) marks: Arc<Marks>,
    pub(crate) lines: Lines,
}

impl PromptEntry {
    pub(crate) fn new(prompt: Prompt) -> Self {
        let spec = prompt.spec;
        let arguments: Vec<Value> = prompt
            .parameters
            .iter()
            .filter_map(|parameter| match parameter {
                Parameter::Argument { spec, optional, .. } => {
                    let mut argument = json!({ "name": spec.name });
                    if !spec.description.is_empty() {
                        argument["description"] = spec.description.into();
                    }
                    argument["required"] = (!optional && spec.default.is_none()).into();
                    Some(argument)
                }
                _ => None,
            })
            .collect();
        let lines = Lines::write(|revision| {
            let mut line = json!({ "name": spec.name });
            if let Some(title) = spec.title.filter(|_| revision.has_structured()) {
                line["title"] = title.into();
            }
            line["description"] = spec.description.into();
            if !arguments.is_empty() {
                line["arguments"] = Value::Array(arguments.clone());
            }
            line
        });
        let marks = marks(&prompt.parameters);
        Self { spec, runner: prompt.runner, parameters: prompt.parameters, marks, lines }
    }
}

/// A served resource, or a template of resources.
#[derive(Debug)]
pub(crate) struct ResourceEntry {
    pub(crate) spec: &'static ResourceSpec,
    pub(crate) runner: Runner<Result<Contents, ToolError>>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) template: Option<Template>,
    /// Which of its variables are secret.
    pub(crate) marks: Arc<Marks>,
    pub(crate) lines: Lines,
}

impl ResourceEntry {
    /// Checks a resource and makes it ready.
    ///
    /// # Errors
    /// What is wrong with its URI.
    pub(crate) fn new(resource: Resource) -> Result<Self, String> {
        let spec = resource.spec;
        let template = Template::is_one(spec.uri).then(|| Template::parse(spec.uri)).transpose()?;
        let variables = template.as_ref().map(Template::variables).unwrap_or_default();
        for parameter in &resource.parameters {
            if let Parameter::Argument { spec: argument, .. } = parameter
                && !variables.contains(&argument.name)
            {
                return Err(format!("the parameter `{}` is no variable of its URI `{}`", argument.name, spec.uri));
            }
        }
        let member = if template.is_some() { "uriTemplate" } else { "uri" };
        let lines = Lines::write(|revision| {
            let mut line = json!({ member: spec.uri, "name": spec.name });
            if let Some(title) = spec.title.filter(|_| revision.has_structured()) {
                line["title"] = title.into();
            }
            if !spec.description.is_empty() {
                line["description"] = spec.description.into();
            }
            if let Some(mime) = spec.mime {
                line["mimeType"] = mime.into();
            }
            line
        });
        let marks = marks(&resource.parameters);
        Ok(Self { spec, runner: resource.runner, parameters: resource.parameters, template, marks, lines })
    }
}
