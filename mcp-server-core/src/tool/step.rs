//! Steps: side effects whose results are remembered, however many rounds a call takes and however often a task is run
//! again.

use std::future::Future;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::context::Context;
use super::error::{ToolError, ToolResult};
use super::rounds::Root;
use crate::store::seal::{Digest, random_token};
use crate::store::{Expect, Put, Store, StoreError};

/// Where the secret is that makes the keys of repeated calls unguessable. All replicas share it, and it never changes.
const SECRET: &str = "step/secret";

impl Context {
    /// Runs a side effect and remembers what it returned for the later rounds and attempts of this call.
    ///
    /// A modern call that asks its user something runs again from the top with the answer; a step that is done
    /// returns what it returned then. The name must be unique in the function. The result travels with the client,
    /// sealed, so keep it small and free of secrets. A step that fails is not remembered.
    ///
    /// In a task the result is kept in the store before this returns, so that another replica, which runs the task
    /// again when this one dies, does not repeat the step.
    ///
    /// A step runs at least once, and more than once in two cases: its process dies or is paused between the effect and
    /// the moment when the result is kept, and another replica goes on with the task; or a modern client sends the same
    /// last retry of a call twice. Exactly once is what one of these gives:
    ///
    /// - the upstream takes an idempotency key: hand it [`step_key`](Self::step_key);
    /// - `#[tool(single_use)]`: of two retries with the same state one runs;
    /// - `#[tool(idempotency)]`: of all repeats of a call one runs.
    ///
    /// # Errors
    /// What the step returns, or `internal` if its result cannot be kept.
    pub async fn step<T, F>(&self, name: &str, run: impl FnOnce() -> F) -> ToolResult<T>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = ToolResult<T>>,
    {
        let inputs = &self.shared().inputs;
        if let Some(done) = inputs.step(name) {
            return serde_json::from_value(done)
                .map_err(|error| ToolError::internal(format!("step `{name}` changed its type")).cause(error));
        }
        let value = run().await?;
        let kept = serde_json::to_value(&value)
            .map_err(|error| ToolError::internal(format!("the result of step `{name}` cannot be kept")).cause(error))?;
        if let Some(task) = self.shared().task.link() {
            task.remember(name, kept.clone()).await?;
        }
        inputs.remember(name, kept);
        Ok(value)
    }

    /// An idempotency key for a step of this call, to hand to the upstream that carries it out: 43 characters of
    /// `A-Z a-z 0-9 - _`.
    ///
    /// The key is the same in every round of the call, in every attempt of a task on every replica, and, with
    /// `#[tool(idempotency)]`, in every repeat of the call under its key. It differs for every other name and call, and
    /// nobody can guess it. So an upstream that does nothing twice under one key does nothing twice for this step,
    /// whatever dies or is sent again.
    ///
    /// ```
    /// use mcp_server_core::prelude::*;
    ///
    /// # struct Payments;
    /// # impl Payments {
    /// #     async fn charge(&self, _key: &str, _customer: u32, _cents: u64) -> ToolResult<String> { Ok(String::new()) }
    /// # }
    /// # let payments = Payments;
    /// # let _ = async |context: Context, customer: u32, cents: u64| -> ToolResult<String> {
    /// let key = context.step_key("charge").await?;
    /// // Stripe and its like take it as the header `Idempotency-Key`.
    /// let receipt = context.step("charge", || payments.charge(&key, customer, cents)).await?;
    /// # Ok(receipt)
    /// # };
    /// ```
    ///
    /// # Errors
    /// That the store cannot be reached, which is asked with `#[tool(idempotency)]` alone.
    pub async fn step_key(&self, name: &str) -> ToolResult<String> {
        let digest = match self.shared().inputs.root() {
            Root::Call(root) => Digest::of(&[b"call", root.as_bytes(), name.as_bytes()]),
            Root::Repeats(place) => {
                let secret = secret(self.shared().surroundings.store()).await?;
                Digest::of(&[b"repeats", &secret, place.as_bytes(), name.as_bytes()])
            }
        };
        Ok(URL_SAFE_NO_PAD.encode(digest.as_bytes()))
    }
}

/// The secret of all replicas; whoever needs it first makes it.
async fn secret(store: &Store) -> Result<Bytes, StoreError> {
    if let Some(entry) = store.get(SECRET).await? {
        return Ok(entry.value);
    }
    let made = Bytes::from(random_token());
    match store.put(SECRET, made.clone(), Expect::Absent, None).await? {
        Put::Stored(_) | Put::Refused(None) => Ok(made),
        Put::Refused(Some(entry)) => Ok(entry.value),
    }
}
