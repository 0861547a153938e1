//! Who a store belongs to: one server, by its name and the data that it serves.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::handle::Store;
use super::kv::{Entry, Expect, Put};
use super::seal::Digest;

/// The key of the record in the store.
const RECORD: &str = "owner";

/// A server as the owner of a store.
///
/// The version is not a part of it: replicas of two versions share a store during a deployment.
///
/// ```
/// use mcp_server_core::store::Owner;
///
/// let staging = Owner::new("tickets").instance("staging");
/// assert_eq!(staging.to_string(), "`tickets` (instance `staging`)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    name: String,
    /// Which data it serves, in the words of its author.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    /// The path of the program, which tells two programs of one name apart where nobody says which store to use.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    program: String,
}

impl Owner {
    /// The server of this name that this process runs.
    pub fn new(name: impl Into<String>) -> Self {
        let program = std::env::current_exe().map(|path| path.display().to_string()).unwrap_or_default();
        Self { name: name.into(), instance: None, program }
    }

    /// Names the data that it serves.
    #[must_use]
    pub fn instance(mut self, instance: impl Into<String>) -> Self {
        self.instance = Some(instance.into());
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A short text that no other name, instance and program has.
    pub(crate) fn fingerprint(&self) -> String {
        let instance = self.instance.as_deref();
        let parts: [&[u8]; 4] = [
            self.name.as_bytes(),
            if instance.is_some() { b"instance" } else { b"" },
            instance.unwrap_or_default().as_bytes(),
            self.program.as_bytes(),
        ];
        let digest = Digest::of(&parts);
        digest.as_bytes().iter().take(6).fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    /// Whether both are one server, perhaps in two versions or on two machines.
    fn is_same_server(&self, other: &Self) -> bool {
        (&self.name, &self.instance) == (&other.name, &other.instance)
    }

    /// Finds out whether a store belongs to this server, or to nobody yet.
    ///
    /// # Errors
    /// [`StoreError::Owned`] if it belongs to another server, and what the store says.
    pub(crate) async fn look(&self, store: &Store) -> Result<(), StoreError> {
        match store.get(RECORD).await? {
            Some(entry) => self.compare(store, &entry),
            None => Ok(()),
        }
    }

    /// Takes a store that belongs to nobody yet, and finds out whether it belongs to this server otherwise.
    ///
    /// # Errors
    /// As [`look`](Self::look).
    pub(crate) async fn claim(&self, store: &Store) -> Result<(), StoreError> {
        if let Some(entry) = store.get(RECORD).await? {
            return self.compare(store, &entry);
        }
        let record = serde_json::to_vec(self).unwrap_or_default();
        match store.put(RECORD, record, Expect::Absent, None).await? {
            Put::Refused(Some(entry)) => self.compare(store, &entry),
            Put::Stored(_) | Put::Refused(None) => Ok(()),
        }
    }

    fn compare(&self, store: &Store, entry: &Entry) -> Result<(), StoreError> {
        let owner: Self = serde_json::from_slice(&entry.value)
            .map_err(|error| StoreError::Corrupt { engine: store.engine(), source: error.into() })?;
        if owner.is_same_server(self) {
            return Ok(());
        }
        let program =
            if owner.program.is_empty() { String::new() } else { format!(", first started as {}", owner.program) };
        Err(StoreError::Owned { owner: format!("{owner}{program}"), asking: self.to_string() })
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.instance {
            Some(instance) => write!(f, "`{}` (instance `{instance}`)", self.name),
            None => write!(f, "`{}`", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreErrorKind;

    #[tokio::test]
    async fn a_store_belongs_to_the_first_server_whatever_its_version_and_program() {
        let store = Store::memory();
        let first = Owner::new("tickets");
        first.look(&store).await.unwrap();
        first.claim(&store).await.unwrap();
        let elsewhere = Owner { program: "/opt/releases/43/tickets".to_owned(), ..first.clone() };
        elsewhere.claim(&store).await.unwrap();
        for other in [Owner::new("Tickets"), Owner::new("tickets").instance("staging"), Owner::new("")] {
            for refused in [other.look(&store).await, other.claim(&store).await] {
                let error = refused.unwrap_err();
                assert_eq!(error.kind(), StoreErrorKind::Misconfigured);
                let text = error.to_string();
                assert!(text.contains("`tickets`") && text.contains(&other.to_string()), "{text}");
            }
        }
        first.claim(&store).await.unwrap();
    }

    #[tokio::test]
    async fn of_servers_that_start_together_one_gets_the_store() {
        let store = Store::memory();
        let all = (0..8).map(|number| {
            let store = store.clone();
            tokio::spawn(async move { Owner::new(format!("server{number}")).claim(&store).await.is_ok() })
        });
        let got = futures_util::future::join_all(all).await;
        assert_eq!(got.into_iter().filter(|got| *got.as_ref().unwrap()).count(), 1);
    }

    #[tokio::test]
    async fn a_record_that_cannot_be_read_is_no_leave_to_take_the_store() {
        let store = Store::memory();
        store.set(RECORD, "tickets", None).await.unwrap();
        assert_eq!(Owner::new("tickets").claim(&store).await.unwrap_err().kind(), StoreErrorKind::Corrupt);
    }

    #[test]
    fn fingerprints_differ_where_name_instance_or_program_do() {
        let owner = Owner::new("tickets");
        let program = Owner { program: "/elsewhere/tickets".to_owned(), ..owner.clone() };
        let others =
            [Owner::new("ticket").instance("s"), owner.clone().instance(""), owner.clone().instance("a"), program];
        assert_eq!(owner.fingerprint(), Owner::new("tickets").fingerprint());
        for other in others {
            assert_ne!(owner.fingerprint(), other.fingerprint(), "{other:?}");
        }
    }
}
