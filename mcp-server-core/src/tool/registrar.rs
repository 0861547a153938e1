//! Adding and removing what is served while the server runs.

use std::fmt;
use std::sync::Arc;

use super::context::Context;
use super::definition::{IntoItems, Item};

/// Changes what is served, for every caller.
pub(crate) trait Register: Send + Sync + fmt::Debug {
    /// Adds items; replaces none.
    ///
    /// # Errors
    /// A sentence naming the item that clashes or is invalid.
    fn add(&self, items: Vec<Item>) -> Result<(), String>;
    /// Removes a tool or a prompt by name, or a resource by URI; says whether it was there.
    fn remove(&self, name: &str) -> bool;
}

/// The way of a call to what changes the catalogue: state of the server like any other.
#[derive(Clone, Debug)]
pub(crate) struct Registrar(pub(crate) Arc<dyn Register>);

impl Context {
    /// Adds tools, prompts or resources while the server runs, for every caller; subscribers are told.
    ///
    /// # Errors
    /// A sentence naming the item that clashes with one that is there, or is invalid; nothing is added then.
    pub fn add(&self, items: impl IntoItems) -> Result<(), String> {
        let registrar = self.state::<Registrar>().ok_or("what is served cannot be changed here")?;
        registrar.0.add(items.into_items())
    }

    /// Removes a tool or prompt by name, or a resource by URI, for every caller; says whether it was there.
    pub fn remove(&self, name: &str) -> bool {
        self.state::<Registrar>().is_some_and(|registrar| registrar.0.remove(name))
    }
}
