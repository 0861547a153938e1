//! What a call may reach of the server around it.

use std::any::{Any, TypeId};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::store::Store;
use crate::store::seal::Sealer;

/// Something that changed and that clients may have subscribed to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The list of tools.
    Tools,
    /// The list of prompts.
    Prompts,
    /// The list of resources.
    Resources,
    /// What one resource holds.
    Resource(String),
}

/// The server around a call.
pub trait Surroundings: Send + Sync + fmt::Debug {
    /// State that was given to the builder.
    fn state(&self, kind: TypeId) -> Option<&(dyn Any + Send + Sync)>;
    /// Tells every subscriber that something changed.
    fn announce(&self, change: Change);
    /// Checks a value against a schema.
    ///
    /// # Errors
    /// A sentence naming what does not fit.
    fn check(&self, schema: &Value, value: &Value) -> Result<(), String>;
    /// Seals what the client keeps.
    fn sealer(&self) -> &Sealer;
    /// The store that all replicas share.
    fn store(&self) -> &Store;
    /// How many handles one principal may have.
    fn handles_per_principal(&self) -> u32;
}
