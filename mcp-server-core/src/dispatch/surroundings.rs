//! What a call may reach of the server.

use std::any::{Any, TypeId};

use serde_json::Value;

use super::service::Service;
use crate::guard::validate::Validator;
use crate::store::seal::Sealer;
use crate::tool::{Change, Item, Surroundings};

impl Surroundings for Service {
    fn state(&self, kind: TypeId) -> Option<&(dyn Any + Send + Sync)> {
        Self::state(self, kind)
    }

    fn announce(&self, change: Change) {
        self.hub.announce(&change);
    }

    fn add(&self, items: Vec<Item>) -> Result<(), String> {
        self.change(|catalogue| catalogue.with(items, self.settings())).map_err(|faults| faults.join("; "))
    }

    fn remove(&self, name: &str) -> bool {
        self.change(|catalogue| catalogue.without(name).ok_or(())).is_ok()
    }

    fn check(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let validator = Validator::compile(schema).map_err(|fault| fault.to_string())?;
        validator.validate(value).map_err(|violations| {
            violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
        })
    }

    fn sealer(&self) -> &Sealer {
        Self::sealer(self)
    }
}
