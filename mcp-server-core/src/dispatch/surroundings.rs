//! What a call may reach of the server.

use std::any::{Any, TypeId};
use std::sync::{Arc, Weak};

use serde_json::Value;

use super::identity::Identity;
use super::service::{Service, Shared, States};
use super::settings::Settings;
use crate::guard::validate::Validator;
use crate::store::Store;
use crate::store::seal::Sealer;
use crate::telemetry::Telemetry;
use crate::tool::registrar::{Register, Registrar};
use crate::tool::{Change, Item, Surroundings};

impl Surroundings for Service {
    fn state(&self, kind: TypeId) -> Option<&(dyn Any + Send + Sync)> {
        Self::state(self, kind)
    }

    fn announce(&self, change: Change) {
        Self::announce(self, change);
    }

    fn check(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let validator = Validator::compile(schema).map_err(|fault| fault.to_string())?;
        validator
            .validate(value)
            .map_err(|violations| violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    }

    fn sealer(&self) -> &Sealer {
        Self::sealer(self)
    }

    fn store(&self) -> &Store {
        Self::store(self)
    }

    fn handles_per_principal(&self) -> u32 {
        self.settings().handles_per_principal
    }
}

/// Puts a service together.
///
/// # Errors
/// Everything that is wrong with the items, one sentence each.
pub(crate) fn assemble(
    identity: Identity,
    items: Vec<Item>,
    states: States,
    shared: Shared,
    settings: Settings,
    telemetry: Telemetry,
) -> Result<Arc<Service>, Vec<String>> {
    Service::new(identity, items, states, shared, settings, telemetry, |service| Registrar(Arc::new(Door(service))))
}

/// The service as a call reaches it to change what is served; it keeps no service alive.
#[derive(Debug)]
struct Door(Weak<Service>);

impl Register for Door {
    fn add(&self, items: Vec<Item>) -> Result<(), String> {
        let service = self.0.upgrade().ok_or("the server has stopped")?;
        let changed = service.change(|catalogue| catalogue.with(items, service.settings()));
        changed.map_err(|faults| faults.join("; "))
    }

    fn remove(&self, name: &str) -> bool {
        let service = self.0.upgrade();
        service.is_some_and(|service| service.change(|catalogue| catalogue.without(name).ok_or(())).is_ok())
    }
}
