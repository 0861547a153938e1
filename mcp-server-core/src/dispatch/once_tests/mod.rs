//! What happens once, on two replicas over one store: idempotent calls, state that opens once, handles, locks, nonces.

mod calls;
mod ends;
mod held;
mod outage;
mod rounds;

use std::any::TypeId;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::{Asked, Event, Exchange, Handled, Identity, Service, Settings, Shared, States, assemble, handle};
use crate::principal::Principal;
use crate::protocol::jsonrpc::{Message, decode};
use crate::protocol::{ClientCapabilities, Params, RequestId, Revision};
use crate::store::seal::{SealKey, Sealer};
use crate::store::{Replica, Store};
use crate::telemetry::{CallRecord, Scope, Telemetry, Wire};
use crate::tool::rounds::{Inputs, Memory};
use crate::tool::{Caller, Context, Item, Start};

/// How long a lease lives here.
const LEASE: Duration = Duration::from_millis(400);

/// What the tools under test do, seen from outside.
#[derive(Clone)]
struct World {
    /// How often a function began.
    runs: Arc<AtomicU32>,
    /// A function that began adds a permit.
    began: Arc<Semaphore>,
    /// A function ends when it gets a permit.
    gate: Arc<Semaphore>,
}

impl World {
    fn new() -> Self {
        Self { runs: Arc::default(), began: Arc::new(Semaphore::new(0)), gate: Arc::new(Semaphore::new(0)) }
    }

    fn open() -> Self {
        let world = Self::new();
        world.gate.add_permits(1_000);
        world
    }

    /// What a function does: one side effect, and then what takes its time.
    async fn work(&self) -> u32 {
        let run = self.begin();
        self.gate.acquire().await.unwrap().forget();
        run
    }

    fn begin(&self) -> u32 {
        let run = self.runs.fetch_add(1, Ordering::SeqCst) + 1;
        self.began.add_permits(1);
        run
    }

    async fn wait_for_begin(&self) {
        self.began.acquire().await.unwrap().forget();
    }

    fn runs(&self) -> u32 {
        self.runs.load(Ordering::SeqCst)
    }
}

/// A replica of a server with these tools.
async fn replica(store: &Store, world: &World, items: Vec<Item>) -> Arc<Service> {
    let settings = Settings { handles_per_principal: 3, ..Settings::default() };
    replica_with(store, world, items, settings).await.unwrap()
}

async fn replica_with(
    store: &Store,
    world: &World,
    items: Vec<Item>,
    settings: Settings,
) -> Result<Arc<Service>, Vec<String>> {
    let mut states = States::new();
    states.insert(TypeId::of::<World>(), Box::new(world.clone()));
    let key = SealKey::new("k", "0123456789abcdef0123456789abcdef").unwrap();
    let replica = Replica::join(store, LEASE, String::new()).await.unwrap();
    let shared = Shared { store: store.clone(), replica, sealer: Sealer::new(vec![key]).unwrap() };
    let identity = Identity::new("test".into(), "1".into(), None, None);
    assemble(identity, items, states, shared, settings, Telemetry::default())
}

fn alice() -> Principal {
    Principal::new("test", "alice", ["all"])
}

fn bob() -> Principal {
    Principal::new("test", "bob", ["all"])
}

fn caller(principal: Principal) -> Caller {
    let capabilities = ClientCapabilities { elicitation_form: true, ..ClientCapabilities::default() };
    Caller { principal, revision: Revision::V2026_07_28, capabilities, log_level: None, session: None, link: None }
}

/// Begins a call.
fn begin(service: &Arc<Service>, principal: Principal, params: &Value) -> Handled {
    begin_as(service, caller(principal), params)
}

fn begin_as(service: &Arc<Service>, caller: Caller, params: &Value) -> Handled {
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    let Ok(Message::Request(request)) = decode(&Bytes::from(message.to_string())) else { panic!("{message}") };
    let params = Params::read(request.params.as_deref()).unwrap();
    let meta = params.meta().unwrap();
    let service = Arc::clone(service);
    let asked = Asked { service, request: &request, params: &params, meta: &meta, caller, headers: None };
    handle(&asked, CallRecord::start(&Telemetry::default(), Wire::Task, 0))
}

/// A call of a tool with a number, and a key if there is one.
fn call(tool: &str, number: u32, key: Option<&str>) -> Value {
    let mut params = json!({ "name": tool, "arguments": { "number": number } });
    if let Some(key) = key {
        params["_meta"] = json!({ "rs.mcp-server/idempotencyKey": key });
    }
    params
}

/// Calls and waits for the answer.
async fn ask(service: &Arc<Service>, principal: Principal, params: &Value) -> Value {
    answered(begin(service, principal, params)).await
}

async fn answered(handled: Handled) -> Value {
    match handled {
        Handled::Answer(answer) => serde_json::from_slice(&answer.bytes).unwrap(),
        Handled::Exchange(exchange) => end(exchange).await,
    }
}

/// Waits for the answer of a call that was begun.
async fn end(mut exchange: Exchange) -> Value {
    loop {
        if let Event::Done(answer) = poll_fn(|cx| exchange.poll_event(cx)).await {
            return serde_json::from_slice(&answer.bytes).unwrap();
        }
    }
}

/// Begins a call, waits until its function runs, and goes away.
async fn begin_and_leave(service: &Arc<Service>, world: &World, params: &Value) {
    let Handled::Exchange(mut exchange) = begin(service, alice(), params) else { panic!("it is answered at once") };
    tokio::select! {
        _ = poll_fn(|cx| exchange.poll_event(cx)) => panic!("it ended"),
        () = world.wait_for_begin() => {}
    }
}

fn text(answer: &Value) -> &str {
    answer["result"]["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{answer}"))
}

fn error(answer: &Value) -> &Value {
    &answer["result"]["_meta"]["rs.mcp-server/error"]
}

fn is_replayed(answer: &Value) -> bool {
    answer["result"]["_meta"]["rs.mcp-server/replayed"] == true
}

/// The context of a call that somebody makes.
fn context(service: &Arc<Service>, principal: Principal) -> Context {
    Context::new(Start {
        caller: caller(principal),
        request_id: RequestId::number(1),
        meta: None,
        progress_token: None,
        inputs: Inputs::new(Memory::default(), Duration::ZERO),
        surroundings: Arc::clone(service) as Arc<dyn crate::tool::Surroundings>,
        timeout: Duration::from_secs(5),
        task: crate::tool::task::TaskMode::Inline,
        scope: Scope::default(),
    })
}
