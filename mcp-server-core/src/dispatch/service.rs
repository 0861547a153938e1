//! The service: what every transport hands its requests to.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, Weak};

use arc_swap::{ArcSwap, Guard};
use opentelemetry::KeyValue;
use tokio_util::task::AbortOnDropHandle;
use tokio_util::task::TaskTracker;

use super::blocking::Blocking;
use super::catalogue::Catalogue;
use super::identity::{self, Identity};
use super::large::LargeMessages;
use super::relay::{self, Outgoing};
use super::settings::Settings;
use super::since::Since;
use super::subscriptions::Hub;
use super::unsettled::Unsettled;
use crate::background;
use crate::guard::budget::{Budgets, Spending};
use crate::guard::permits::Permits;
use crate::guard::repeats::Repeats;
use crate::guard::request_bytes::ByteBudget;
use crate::principal::Principal;
use crate::store::seal::Sealer;
use crate::store::{Clock, Replica, Store};
use crate::task::Desk;
use crate::telemetry::semconv::attribute;
use crate::telemetry::{Capacity, Telemetry, instruments};
use crate::tool::registrar::Registrar;
use crate::tool::{Change, Item};

/// State of the server by its type.
pub(crate) type States = HashMap<TypeId, Box<dyn Any + Send + Sync>>;

/// What a service shares with the other replicas of its server.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The store.
    pub(crate) store: Store,
    /// This process among those that use the store.
    pub(crate) replica: Arc<Replica>,
    /// What seals the state that clients carry.
    pub(crate) sealer: Sealer,
}

/// Everything that answers requests, behind every transport.
#[derive(Debug)]
pub(crate) struct Service {
    catalogue: ArcSwap<Catalogue>,
    /// Since when the lists are what they are, once that is known.
    pub(super) lists_since: OnceLock<Since>,
    /// Who changes the catalogue holds this, so that no change is lost.
    changing: Mutex<()>,
    settings: Settings,
    identity: Identity,
    shared: Shared,
    telemetry: Telemetry,
    states: States,
    pub(super) in_flight: Arc<Permits>,
    pub(super) blocking: Blocking,
    /// What calls that happen once could not tell the store yet.
    pub(super) unsettled: Arc<Unsettled>,
    /// What requests in progress may hold.
    pub(crate) request_bytes: Arc<ByteBudget>,
    /// Where large messages are read.
    pub(crate) large: LargeMessages,
    /// Calls that go on without their clients.
    pub(crate) apart: TaskTracker,
    pub(crate) hub: Arc<Hub>,
    desk: Arc<Desk>,
    budgets: Option<Arc<Budgets>>,
    repeats: Repeats,
    /// What the other replicas are to know.
    pub(super) outgoing: Arc<Outgoing>,
}

impl Service {
    /// Puts a service together.
    ///
    /// # Errors
    /// Everything that is wrong with the items, one sentence each.
    pub(super) fn new(
        identity: Identity,
        items: Vec<Item>,
        mut states: States,
        shared: Shared,
        settings: Settings,
        telemetry: Telemetry,
        registrar: impl FnOnce(Weak<Self>) -> Registrar,
    ) -> Result<Arc<Self>, Vec<String>> {
        let catalogue = Catalogue::default().with(items, &settings)?;
        let budgets = Budgets::new(settings.budget.clone(), shared.store.clone(), telemetry.clone());
        let desk = Desk::new(shared.store.clone(), Arc::clone(&shared.replica), settings.tasks.clone());
        Ok(Arc::new_cyclic(|service| {
            states.insert(TypeId::of::<Registrar>(), Box::new(registrar(Weak::clone(service))));
            Self {
                catalogue: ArcSwap::from_pointee(catalogue),
                lists_since: OnceLock::new(),
                changing: Mutex::new(()),
                in_flight: Permits::new(settings.in_flight),
                unsettled: Unsettled::new(shared.store.clone()),
                apart: TaskTracker::new(),
                blocking: Blocking::new(settings.blocking),
                request_bytes: ByteBudget::new(settings.request_bytes),
                large: LargeMessages::new(),
                hub: Hub::new(),
                outgoing: Arc::default(),
                desk: Arc::new(desk),
                budgets,
                repeats: Repeats::new(settings.repeat_window),
                settings,
                identity,
                shared,
                telemetry,
                states,
            }
        }))
    }

    /// Has what there is of things read whenever somebody looks at the metrics.
    pub(crate) fn measure(self: &Arc<Self>) {
        self.store().measured(&self.telemetry);
        let Some(meters) = self.telemetry.meters() else { return };
        #[expect(clippy::cast_precision_loss, reason = "there are never so many")]
        let count = |count: u64| count as f64;
        meters.watch(&instruments::TASKS, Arc::downgrade(self), move |service| {
            vec![(Vec::new(), count(service.desk.working() as u64))]
        });
        meters.watch_capacity("idempotency_ends", &Arc::downgrade(&self.unsettled), Unsettled::ends);
        meters.watch_capacity("idempotency_answer_bytes", &Arc::downgrade(&self.unsettled), Unsettled::answers);
        meters.watch_capacity("request_bytes", &Arc::downgrade(&self.request_bytes), ByteBudget::capacity);
        meters.watch_capacity("blocking_calls", &Arc::downgrade(self), |service| service.blocking.capacity());
        meters.watch_capacity("calls_in_flight", &Arc::downgrade(&self.in_flight), |permits| Capacity {
            used: permits.taken() as usize,
            limit: permits.most() as usize,
        });
        meters.watch(&instruments::BACKGROUND_TASKS, Arc::downgrade(self), move |_| {
            let running = background::running().into_iter();
            running
                .map(|(name, tasks)| (vec![KeyValue::new(attribute::BACKGROUND_TASK, name)], count(tasks as u64)))
                .collect()
        });
        meters.watch(&instruments::THREADS_STUCK, Arc::downgrade(self), move |service| {
            let stuck = service.blocking.stuck().now();
            stuck
                .into_iter()
                .map(|(tool, threads)| (vec![KeyValue::new(attribute::TOOL, tool)], count(threads)))
                .collect()
        });
    }

    /// Joins the other replicas: they are told of changes, and so are subscribers here of theirs, until the handle is
    /// dropped.
    pub(crate) async fn attach(&self) -> AbortOnDropHandle<()> {
        let (store, me) = (self.store().clone(), self.replica().id().to_owned());
        relay::attach(store, me, Arc::clone(&self.hub), Arc::clone(&self.outgoing)).await
    }

    /// What is served now.
    pub(crate) fn catalogue(&self) -> Guard<Arc<Catalogue>> {
        self.catalogue.load()
    }

    /// Whether there are resources.
    pub(crate) fn has_resources(&self) -> bool {
        identity::has_resources(&self.catalogue())
    }

    /// Returns whether a URI names a resource, or fits a template, that somebody may read.
    pub(crate) fn may_read(&self, principal: &Principal, uri: &str) -> bool {
        let catalogue = self.catalogue();
        catalogue
            .resource(uri)
            .is_some_and(|(entry, _)| entry.spec.scopes.iter().all(|scope| principal.has_scope(scope)))
    }

    /// The limits.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Who the server is.
    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Seals what clients keep.
    pub(crate) fn sealer(&self) -> &Sealer {
        &self.shared.sealer
    }

    /// The store that all replicas share.
    pub(crate) fn store(&self) -> &Store {
        &self.shared.store
    }

    /// The clock of the server: all replicas have the same time.
    pub(crate) fn clock(&self) -> &Clock {
        self.store().clock()
    }

    /// What measures it.
    pub(crate) fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    /// This process among those that use the store.
    pub(crate) fn replica(&self) -> &Arc<Replica> {
        &self.shared.replica
    }

    /// The tasks that this process works on.
    pub(crate) fn desk(&self) -> &Arc<Desk> {
        &self.desk
    }

    /// What calls that happen once could not tell the store yet.
    #[cfg(test)]
    pub(crate) fn unsettled(&self) -> &Unsettled {
        &self.unsettled
    }

    /// What may be used within a window, if anything is limited.
    pub(crate) fn budgets(&self) -> Option<&Arc<Budgets>> {
        self.budgets.as_ref()
    }

    /// Who used most of a budget, if anything is limited.
    pub(crate) fn spending(&self) -> Option<Spending> {
        self.budgets.as_ref().map(|budgets| budgets.spending())
    }

    /// The calls of the last while.
    pub(super) fn repeats(&self) -> &Repeats {
        &self.repeats
    }

    /// State of the server.
    pub(super) fn state(&self, kind: TypeId) -> Option<&(dyn Any + Send + Sync)> {
        self.states.get(&kind).map(|state| &**state)
    }

    /// Changes what is served and tells subscribers which lists changed.
    pub(super) fn change<E>(&self, change: impl FnOnce(&Catalogue) -> Result<Catalogue, E>) -> Result<(), E> {
        let changed = {
            let _alone = self.changing.lock();
            let before = self.catalogue.load_full();
            let after = Arc::new(change(&before)?);
            self.catalogue.store(Arc::clone(&after));
            [
                (before.tools.len() != after.tools.len(), Change::Tools),
                (before.prompts.len() != after.prompts.len(), Change::Prompts),
                (
                    before.resources.len() + before.templates.len() != after.resources.len() + after.templates.len(),
                    Change::Resources,
                ),
            ]
        };
        for (is_changed, list) in changed {
            if is_changed {
                self.announce(list);
            }
        }
        Ok(())
    }

    /// Tells subscribers of a change, here and on the other replicas.
    pub(super) fn announce(&self, change: Change) {
        self.hub.announce(&change);
        self.outgoing.add(change);
    }
}
