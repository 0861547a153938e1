//! Sessions that no store keeps: what `initialize` agreed on goes sealed into the id, and comes back with each request.
//!
//! Any replica with the same sealing keys opens it. Nothing can be changed or ended later, for nobody remembers it: such
//! a session has a life that is fixed when it is opened.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::initialize::Hello;
use super::record::{abilities, letters};
use super::registry::Sessions;
use super::session::Session;
use crate::principal::Principal;
use crate::protocol::Revision;
use crate::store::seal::{Binding, Digest, Sealer};

const PURPOSE: &str = "session";
/// How many bytes of a client's name are sealed.
const CLIENT: usize = 64;
/// How long an id is at most. What is in it is bounded, so a longer one was never made.
const LONGEST: usize = 512;

/// What is in the id.
#[derive(Serialize, Deserialize)]
struct Sealed {
    #[serde(rename = "r")]
    revision: String,
    #[serde(rename = "c", default, skip_serializing_if = "String::is_empty")]
    capabilities: String,
    #[serde(rename = "n")]
    client: String,
    /// When it was opened, in milliseconds since 1970.
    #[serde(rename = "t")]
    created: u64,
}

impl Sessions {
    /// Whether sessions are sealed into their ids, and kept nowhere.
    pub(crate) fn are_sealed(&self) -> bool {
        self.limits.sealed_for.is_some()
    }

    /// The id of a new session that is kept nowhere; none where sessions are kept.
    pub(crate) fn seal(&self, sealer: &Sealer, hello: &Hello, owner: &Principal) -> Option<String> {
        let life = self.limits.sealed_for?;
        let client = hello.client.char_indices().take_while(|(at, char)| at + char.len_utf8() <= CLIENT);
        let created = self.now();
        let content = Sealed {
            revision: hello.revision.as_str().to_owned(),
            capabilities: letters(hello.capabilities),
            client: client.map(|(_, char)| char).collect(),
            created,
        };
        let payload = serde_json::to_vec(&content).unwrap_or_default();
        Some(sealer.seal(PURPOSE, &binding(owner), &payload, at(created) + life))
    }

    /// Opens the session in an id; none if it is somebody else's, has expired, or was made by nobody.
    pub(crate) fn unseal(&self, sealer: &Sealer, id: &str, principal: &Principal) -> Option<Arc<Session>> {
        if id.len() > LONGEST {
            return None;
        }
        let opened = sealer.open(PURPOSE, &binding(principal), id, at(self.now()));
        let payload = opened.inspect_err(|error| tracing::debug!(%error, "a sealed session is refused")).ok()?;
        let content: Sealed = serde_json::from_slice(&payload).ok()?;
        let hello = Hello {
            revision: Revision::parse(&content.revision).filter(|revision| !revision.is_modern())?,
            capabilities: abilities(&content.capabilities),
            client: content.client.into_boxed_str(),
        };
        let secret = Digest::of(&[id.as_bytes()]).short().to_be_bytes();
        Some(Session::unkept(principal.clone(), hello, secret))
    }
}

fn binding(owner: &Principal) -> Binding<'_> {
    Binding { principal: owner.key(), method: "initialize", digest: Digest::of(&[]) }
}

fn at(millis: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(millis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ClientCapabilities;
    use crate::session::SessionLimits;
    use crate::store::seal::{SealKey, random_token};
    use crate::store::{Clock, Memory, Store};

    const LIFE: Duration = Duration::from_mins(30);

    fn sealed() -> (Arc<Sessions>, Clock, Sealer) {
        let limits = SessionLimits { sealed_for: Some(LIFE), ..SessionLimits::default() };
        let clock = Clock::manual();
        let store = Store::new(Memory::with_clock(clock.clone()));
        let sealer = Sealer::new(vec![SealKey::new("a", random_token()).unwrap()]).unwrap();
        (Sessions::alone(store, limits), clock, sealer)
    }

    fn hello(client: &str) -> Hello {
        let capabilities = ClientCapabilities { roots: true, ..ClientCapabilities::default() };
        Hello { revision: Revision::V2025_06_18, capabilities, client: client.into() }
    }

    #[test]
    fn e13_e17_an_id_holds_the_session_for_its_owner_and_its_life() {
        let (sessions, clock, sealer) = sealed();
        let me = Principal::local();
        let id = sessions.seal(&sealer, &hello("c/1"), &me).unwrap();
        assert!(id.bytes().all(|byte| (0x21..=0x7e).contains(&byte)), "E13");
        let session = sessions.unseal(&sealer, &id, &me).unwrap();
        assert_eq!((session.revision(), &*session.opened.client), (Revision::V2025_06_18, "c/1"));
        assert!(session.capabilities().roots && !session.capabilities().sampling);
        assert!(sessions.unseal(&sealer, &id, &Principal::anonymous()).is_none(), "E49");
        assert!(sessions.unseal(&Sealer::ephemeral(), &id, &me).is_none());
        assert!(sessions.unseal(&sealer, &id.replace(&id[80..82], "--"), &me).is_none());
        clock.advance(LIFE);
        assert!(sessions.unseal(&sealer, &id, &me).is_none());
    }

    #[test]
    fn an_id_is_short_whatever_a_client_calls_itself() {
        let (sessions, _, sealer) = sealed();
        let id = sessions.seal(&sealer, &hello(&"\u{1F600}\"\\".repeat(64)), &Principal::local()).unwrap();
        assert!(id.len() <= LONGEST, "{}", id.len());
        assert!(sessions.unseal(&sealer, &id, &Principal::local()).is_some());
    }
}
