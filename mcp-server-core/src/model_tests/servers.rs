//! The servers of one run: a service for each replica, with tools whose effects are counted outside of all of them.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::future::{pending, poll_fn};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use serde_json::{Value, json};

use super::World;
use super::faulty::Link;
use super::world::{Node, Replicas};
use crate::dispatch::{
    Asked, Event, Handled, Identity, Service, Settings, Shared, States, assemble, handle, keep_watch,
};
use crate::principal::Principal;
use crate::protocol::jsonrpc::{Message, decode};
use crate::protocol::{ClientCapabilities, Params, RequestId, Revision};
use crate::store::seal::{SealKey, Sealer};
use crate::telemetry::{CallRecord, Scope, Telemetry, Wire};
use crate::tool::rounds::{Inputs, Memory};
use crate::tool::task::TaskMode;
use crate::tool::{Caller, Context, Item, Start, Surroundings};

/// What was done, by name, and how often: as a system outside of the servers would know it.
pub(crate) type Effects = Arc<Mutex<BTreeMap<String, u32>>>;

/// Where a tool runs.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    world: Arc<World>,
    link: Arc<Link>,
    effects: Effects,
}

impl Place {
    /// Takes a time, as long as its replica works: a process that stands still or died does nothing.
    pub(crate) async fn work(&self, thousandths: u64) {
        self.world.pass(thousandths).await;
        self.stand_still().await;
    }

    /// Has an effect, and returns how often it was had by now.
    pub(crate) async fn effect(&self, name: &str) -> u32 {
        self.stand_still().await;
        let mut effects = self.effects.lock().unwrap();
        let times = effects.entry(name.to_owned()).or_default();
        *times += 1;
        *times
    }

    async fn stand_still(&self) {
        while !self.link.is_working() {
            self.world.pass(100).await;
        }
    }
}

/// The servers on the replicas of a run.
pub(crate) struct Servers {
    world: Arc<World>,
    replicas: Arc<Replicas>,
    pub(crate) settings: Settings,
    pub(crate) effects: Effects,
    /// The tools of a server of the old or the new version.
    items: fn(bool) -> Vec<Item>,
    all: Mutex<BTreeMap<String, Arc<Service>>>,
}

impl Servers {
    pub(crate) fn new(
        world: &Arc<World>,
        replicas: &Arc<Replicas>,
        settings: Settings,
        items: fn(bool) -> Vec<Item>,
    ) -> Self {
        let (world, replicas) = (Arc::clone(world), Arc::clone(replicas));
        Self { world, replicas, settings, effects: Effects::default(), items, all: Mutex::default() }
    }

    /// The server on a replica. Every third one is of the old version.
    pub(crate) fn on(&self, node: &Node) -> Arc<Service> {
        let mut all = self.all.lock().unwrap();
        for node in self.replicas.all() {
            let is_new = all.len() % 3 != 2;
            all.entry(node.replica.id().to_owned()).or_insert_with(|| self.start(&node, is_new));
        }
        let service = all.entry(node.replica.id().to_owned()).or_insert_with(|| self.start(node, true));
        Arc::clone(service)
    }

    fn start(&self, node: &Node, is_new: bool) -> Arc<Service> {
        let (world, effects) = (Arc::clone(&self.world), Arc::clone(&self.effects));
        let place = Place { world, link: Arc::clone(&node.link), effects };
        let mut states = States::new();
        states.insert(TypeId::of::<Place>(), Box::new(place));
        let sealer = Sealer::new(vec![SealKey::new("k", "0123456789abcdef0123456789abcdef").unwrap()]).unwrap();
        let shared = Shared { store: node.store.clone(), replica: Arc::clone(&node.replica), sealer };
        let identity = Identity::new("model".to_owned(), "1".to_owned(), None, None);
        let items = (self.items)(is_new);
        let service = assemble(identity, items, states, shared, self.settings.clone(), Telemetry::default()).unwrap();
        tokio::spawn(keep_watch(Arc::downgrade(&service)));
        service
    }
}

/// The answer to a modern request. It does not end while its replica stands still or is dead.
pub(crate) async fn ask(service: &Arc<Service>, who: &Principal, method: &str, params: &Value) -> Value {
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let Ok(Message::Request(request)) = decode(&Bytes::from(message.to_string())) else { return pending().await };
    let params = Params::read(request.params.as_deref()).unwrap();
    let meta = params.meta().unwrap();
    let service = Arc::clone(service);
    let asked = Asked { service, request: &request, params: &params, meta: &meta, caller: caller(who), headers: None };
    let answer = match handle(&asked, CallRecord::start(&Telemetry::default(), Wire::Task, 0)) {
        Handled::Answer(answer) => answer,
        Handled::Exchange(mut exchange) => loop {
            if let Event::Done(answer) = poll_fn(|cx| exchange.poll_event(cx)).await {
                break answer;
            }
        },
    };
    serde_json::from_slice(&answer.bytes).unwrap()
}

fn caller(who: &Principal) -> Caller {
    Caller {
        principal: who.clone(),
        revision: Revision::V2026_07_28,
        capabilities: ClientCapabilities { tasks: true, ..ClientCapabilities::default() },
        log_level: None,
        session: None,
        link: None,
    }
}

/// The context of a call that somebody makes, with so much time.
pub(crate) fn context(service: &Arc<Service>, who: &Principal, timeout: std::time::Duration) -> Context {
    Context::new(Start {
        caller: caller(who),
        request_id: RequestId::number(1),
        meta: None,
        progress_token: None,
        inputs: Inputs::new(Memory::default(), timeout),
        surroundings: Arc::clone(service) as Arc<dyn Surroundings>,
        task: TaskMode::Inline,
        timeout,
        scope: Scope::default(),
    })
}
