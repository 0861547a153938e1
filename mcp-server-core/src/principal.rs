//! Principals: who calls, and what they may do.

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::peer::Peer;

/// Who calls, as the credentials proved it: an owner for stored things, scopes, an end.
///
/// A clone is a counter. The token that proved it is not kept, so that nothing can pass it on
/// (basic/authorization, Access Token Privilege Restriction).
///
/// ```
/// use mcp_server_core::Principal;
///
/// let caller = Principal::new("https://login.example", "alice", ["tickets:read"]);
/// assert!(caller.has_scope("tickets:read"));
/// assert!(!caller.has_scope("tickets:write"));
/// assert_eq!(caller.key(), "21:https://login.example:alice");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Principal(Arc<Inner>);

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Inner {
    key: Box<str>,
    id: Box<str>,
    scopes: Scopes,
    expires: Option<SystemTime>,
    anonymous: bool,
    /// What tells callers without credentials apart in quotas: their address.
    quota: Option<Box<str>>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Scopes {
    /// Every scope there is.
    Every,
    /// These, sorted and without repeats.
    These(Box<[Box<str>]>),
}

static ANONYMOUS: LazyLock<Principal> =
    LazyLock::new(|| Principal::known("anonymous", "anonymous", Scopes::These(Box::default()), true));
static OPEN: LazyLock<Principal> = LazyLock::new(|| Principal::known("anonymous", "anonymous", Scopes::Every, true));
static LOCAL: LazyLock<Principal> = LazyLock::new(|| Principal::known("local", "local", Scopes::Every, false));

impl Principal {
    /// Somebody who showed no credentials, and has no scope.
    pub fn anonymous() -> Self {
        ANONYMOUS.clone()
    }

    /// Somebody without credentials on a server that asks for none and that only this machine can reach: every scope.
    pub fn open() -> Self {
        OPEN.clone()
    }

    /// The owner of the process, on stdio: every scope, since whoever starts the process can do all that it can.
    pub fn local() -> Self {
        LOCAL.clone()
    }

    /// A caller who proved an identity.
    ///
    /// The `issuer` says who vouches for `id`: two issuers may use one id for two people, so both make the
    /// [`key`](Self::key).
    pub fn new<S: Into<Box<str>>>(issuer: &str, id: &str, scopes: impl IntoIterator<Item = S>) -> Self {
        // The length keeps issuer and id apart: no pair can spell the key of another, nor one of the fixed keys.
        let key = format!("{}:{issuer}:{id}", issuer.len());
        let mut scopes: Vec<Box<str>> = scopes.into_iter().map(Into::into).collect();
        scopes.sort_unstable();
        scopes.dedup();
        Self::known(&key, id, Scopes::These(scopes.into_boxed_slice()), false)
    }

    fn known(key: &str, id: &str, scopes: Scopes, anonymous: bool) -> Self {
        Self(Arc::new(Inner { key: key.into(), id: id.into(), scopes, expires: None, anonymous, quota: None }))
    }

    /// The caller in a form that can be kept for work that goes on without it.
    pub(crate) fn keep(&self) -> Kept {
        Kept(Inner::clone(&self.0))
    }

    /// The same caller with every scope.
    pub fn with_every_scope(mut self) -> Self {
        Arc::make_mut(&mut self.0).scopes = Scopes::Every;
        self
    }

    /// The same caller until a time: what was proved holds no longer.
    pub fn expiring(mut self, at: SystemTime) -> Self {
        Arc::make_mut(&mut self.0).expires = Some(at);
        self
    }

    /// The owner key of what is stored for this caller: stable, and different for different callers.
    pub fn key(&self) -> &str {
        &self.0.key
    }

    /// The key under which quotas count this caller: its [`key`](Self::key), or the address of a caller without
    /// credentials. It changes when such a caller moves, so it owns nothing.
    pub(crate) fn quota_key(&self) -> &str {
        self.0.quota.as_deref().unwrap_or(&self.0.key)
    }

    /// The same caller, counted by its address in quotas. One with credentials is counted by its key.
    pub(crate) fn counted_by(mut self, peer: Peer) -> Self {
        if self.0.anonymous {
            Arc::make_mut(&mut self.0).quota = Some(format!("anonymous@{peer}").into_boxed_str());
        }
        self
    }

    /// The name that the issuer gave the caller.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// Whether a scope is granted.
    pub fn has_scope(&self, scope: &str) -> bool {
        match &self.0.scopes {
            Scopes::Every => true,
            Scopes::These(scopes) => scopes.iter().any(|granted| &**granted == scope),
        }
    }

    /// Whether every scope is granted, whatever its name.
    pub fn has_every_scope(&self) -> bool {
        self.0.scopes == Scopes::Every
    }

    /// The scopes granted by name, sorted; none where [every scope](Self::has_every_scope) is granted.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        let named: &[Box<str>] = match &self.0.scopes {
            Scopes::Every => &[],
            Scopes::These(scopes) => scopes,
        };
        named.iter().map(AsRef::as_ref)
    }

    /// Whether no credentials were shown.
    pub fn is_anonymous(&self) -> bool {
        self.0.anonymous
    }

    /// When the credentials end: a stream that is still open then has to end too.
    pub fn expires(&self) -> Option<SystemTime> {
        self.0.expires
    }

    /// Whether the credentials have ended.
    pub fn is_expired(&self, now: SystemTime) -> bool {
        self.0.expires.is_some_and(|at| at <= now)
    }
}

/// A caller as it is kept for work that goes on without it; there is nothing in it that proves anything.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept(Inner);

impl Kept {
    /// The caller again.
    pub(crate) fn principal(self) -> Principal {
        Principal(Arc::new(self.0))
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Kept").field(&self.0.key).finish()
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("Principal");
        text.field("key", &self.0.key);
        match &self.0.scopes {
            Scopes::Every => text.field("scopes", &"every"),
            Scopes::These(scopes) => text.field("scopes", scopes),
        };
        text.field("expires", &self.0.expires).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NONE: [&str; 0] = [];

    /// SE8, J20: the owner key tells issuers, ids and the fixed principals apart.
    #[test]
    fn keys_differ_where_callers_do() {
        let all = [
            Principal::anonymous(),
            Principal::local(),
            Principal::new("a", "b:c", NONE),
            Principal::new("a:b", "c", NONE),
            Principal::new("", "anonymous", NONE),
            Principal::new("", "local", NONE),
        ];
        for (index, one) in all.iter().enumerate() {
            for other in all.iter().skip(index + 1) {
                assert_ne!(one.key(), other.key());
            }
        }
        assert_eq!(Principal::new("a", "b", NONE).key(), Principal::new("a", "b", ["x"]).key());
    }

    #[test]
    fn callers_without_credentials_are_counted_by_their_address() {
        let at = |caller: Principal, address: &str| caller.counted_by(Peer::new(address.parse().unwrap()));
        let (one, other) = (at(Principal::anonymous(), "192.0.2.1"), at(Principal::open(), "192.0.2.2"));
        assert_ne!(one.quota_key(), other.quota_key());
        assert_eq!(one.quota_key(), at(Principal::open(), "192.0.2.1").quota_key());
        assert_eq!(one.key(), other.key(), "what they own they own together");
        let known = Principal::new("i", "x", NONE);
        assert_eq!(at(known.clone(), "192.0.2.1").quota_key(), known.key());
        assert_eq!(Principal::anonymous().quota_key(), Principal::anonymous().key());
    }

    #[test]
    fn scopes_are_as_granted() {
        assert!(!Principal::anonymous().has_scope("a"));
        assert!(Principal::open().has_scope("a") && Principal::open().is_anonymous());
        assert!(Principal::local().has_scope("a") && !Principal::local().is_anonymous());
        let caller = Principal::new("i", "x", ["b", "a", "b"]);
        assert_eq!(caller.scopes().collect::<Vec<_>>(), ["a", "b"]);
        assert!(caller.has_scope("a") && !caller.has_scope("c") && !caller.has_scope(""));
        assert!(caller.with_every_scope().has_scope("c"));
    }

    #[test]
    fn credentials_end() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(10);
        let caller = Principal::new("i", "x", NONE);
        assert!(!caller.is_expired(now));
        assert!(caller.clone().expiring(now).is_expired(now));
        assert!(!caller.expiring(now + Duration::from_secs(1)).is_expired(now));
    }
}
