//! What a call remembers of its earlier rounds, and what it asks for in this one.

use std::sync::Mutex;
use std::task::Waker;
use std::time::Duration;

use futures_util::task::AtomicWaker;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::protocol::{ClientCapabilities, RpcError};
use crate::store::seal::random_id;

/// A capability of the client that a question needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// To show a form.
    ElicitationForm,
    /// To open a URL.
    ElicitationUrl,
    /// To ask its model.
    Sampling,
    /// To list its roots.
    Roots,
    /// To speak the tasks extension.
    Tasks,
}

impl Need {
    /// Whether a client can do it.
    pub(crate) fn is_met_by(self, client: ClientCapabilities) -> bool {
        match self {
            Self::ElicitationForm => client.elicitation_form,
            Self::ElicitationUrl => client.elicitation_url,
            Self::Sampling => client.sampling,
            Self::Roots => client.roots,
            Self::Tasks => client.tasks,
        }
    }

    /// The error for a client that cannot (`-32021`); its `requiredCapabilities` is an object (basic, Capabilities).
    pub(crate) fn missing(self) -> RpcError {
        let (what, required) = match self {
            Self::ElicitationForm => ("elicitation", json!({ "elicitation": {} })),
            Self::ElicitationUrl => ("elicitation by URL", json!({ "elicitation": { "url": {} } })),
            Self::Sampling => ("sampling", json!({ "sampling": {} })),
            Self::Roots => ("roots", json!({ "roots": {} })),
            Self::Tasks => ("tasks", json!({ "extensions": { "io.modelcontextprotocol/tasks": {} } })),
        };
        RpcError::new(crate::protocol::error::code::MISSING_CAPABILITY, format!("this call needs a client with {what}"))
            .with_data(json!({ "requiredCapabilities": required }))
    }
}

/// What the rounds of one call hand on, sealed into `requestState`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Memory {
    /// Which round this is, from 0.
    pub(crate) round: u32,
    /// The answers of the client by key, results as they came.
    pub(crate) answers: Map<String, Value>,
    /// The keys of the questions that the client was asked last: only answers to these are taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) outstanding: Vec<String>,
    /// What side effects returned, by name.
    pub(crate) steps: Map<String, Value>,
    /// What the keys of this call's steps are made of: random, and the same in all its rounds and attempts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) root: Option<String>,
    /// Where the repeats of this call meet, if its tool is run once for all of them.
    #[serde(skip)]
    pub(crate) repeats: Option<String>,
    /// The id of the state that held this, where a state opens once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
}

/// What tells a call from all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Root {
    /// Something random of its own.
    Call(String),
    /// Where its repeats meet; whoever knows the caller and its key knows that too.
    Repeats(String),
}

/// Why a call cannot go on now.
#[expect(clippy::large_enum_variant, reason = "there is one at a time, and it is used up at once")]
#[derive(Debug)]
pub(crate) enum Suspension {
    /// The client is to answer these and call again.
    Ask(Vec<(String, Value)>),
    /// The client lacks a capability.
    Missing(Need),
    /// The client's answer has the wrong shape.
    Fault(RpcError),
    /// It is to become a task that knows this much.
    Begin(Memory),
}

/// The input side of one call.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    state: Mutex<State>,
    /// Wakes whoever runs the call.
    waker: AtomicWaker,
    /// How long a legacy client may take to answer.
    pub(crate) patience: Duration,
}

#[derive(Debug, Default)]
struct State {
    memory: Memory,
    asked: Vec<(String, Value)>,
    missing: Option<Need>,
    fault: Option<RpcError>,
    begins: bool,
    unnamed: u32,
}

impl Inputs {
    pub(crate) fn new(memory: Memory, patience: Duration) -> Self {
        Self { state: Mutex::new(State { memory, ..State::default() }), waker: AtomicWaker::new(), patience }
    }

    /// The key of a question that its author did not name: its place in the order of asking.
    pub(crate) fn next_key(&self) -> String {
        self.state.lock().map_or_else(
            |_| String::new(),
            |mut state| {
                state.unnamed += 1;
                format!("input-{}", state.unnamed)
            },
        )
    }

    pub(crate) fn answer(&self, key: &str) -> Option<Value> {
        self.state.lock().ok()?.memory.answers.get(key).cloned()
    }

    /// Forgets an answer that does not fit, so that the question is put again.
    pub(crate) fn forget(&self, key: &str) {
        if let Ok(mut state) = self.state.lock() {
            state.memory.answers.remove(key);
        }
    }

    pub(crate) fn ask(&self, key: String, question: Value) {
        if let Ok(mut state) = self.state.lock()
            && !state.asked.iter().any(|(asked, _)| *asked == key)
        {
            state.asked.push((key, question));
        }
        self.waker.wake();
    }

    pub(crate) fn lack(&self, need: Need) {
        if let Ok(mut state) = self.state.lock() {
            state.missing = Some(need);
        }
        self.waker.wake();
    }

    pub(crate) fn fail(&self, fault: RpcError) {
        if let Ok(mut state) = self.state.lock() {
            state.fault = Some(fault);
        }
        self.waker.wake();
    }

    pub(crate) fn begin(&self) {
        if let Ok(mut state) = self.state.lock() {
            state.begins = true;
        }
        self.waker.wake();
    }

    pub(crate) fn step(&self, name: &str) -> Option<Value> {
        self.state.lock().ok()?.memory.steps.get(name).cloned()
    }

    pub(crate) fn remember(&self, name: &str, value: Value) {
        if let Ok(mut state) = self.state.lock() {
            state.memory.steps.insert(name.to_owned(), value);
        }
    }

    /// The id of the state that a call goes on from, where that opens once; gives it out once.
    pub(crate) fn take_id(&self) -> Option<String> {
        self.state.lock().ok()?.memory.id.take()
    }

    /// Has whoever runs the call woken when there is something to wait for.
    pub(crate) fn wake_by(&self, waker: &Waker) {
        self.waker.register(waker);
    }

    /// Why the call cannot go on, once its function waits.
    pub(crate) fn suspension(&self) -> Option<Suspension> {
        let mut state = self.state.lock().ok()?;
        if let Some(fault) = state.fault.take() {
            return Some(Suspension::Fault(fault));
        }
        if let Some(need) = state.missing.take() {
            return Some(Suspension::Missing(need));
        }
        if std::mem::take(&mut state.begins) {
            state.memory.root.get_or_insert_with(random_id);
            return Some(Suspension::Begin(std::mem::take(&mut state.memory)));
        }
        if state.asked.is_empty() {
            return None;
        }
        Some(Suspension::Ask(std::mem::take(&mut state.asked)))
    }

    /// What tells this call from all others: in all its rounds and attempts, and in its repeats if it has any.
    pub(crate) fn root(&self) -> Root {
        let Ok(mut state) = self.state.lock() else { return Root::Call(random_id()) };
        match &state.memory.repeats {
            Some(place) => Root::Repeats(place.clone()),
            None => Root::Call(state.memory.root.get_or_insert_with(random_id).clone()),
        }
    }

    /// What the next round is to know.
    pub(crate) fn memory(&self) -> Memory {
        let state = self.state.lock();
        state.map_or_else(
            |_| Memory::default(),
            |mut state| {
                state.memory.root.get_or_insert_with(random_id);
                state.memory.clone()
            },
        )
    }
}
