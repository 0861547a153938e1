//! The record of a session: what the store keeps of it, so that it outlives the process.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::change::SessionChange;
use super::initialize::Hello;
use crate::principal::Principal;
use crate::protocol::error::code;
use crate::protocol::{ClientCapabilities, LogLevel, Revision, RpcError};

/// The version of the stored form. A record of another version is read as no session, and its client opens a new one.
const FORMAT: u8 = 2;

/// What `initialize` fixed for the life of a session.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Opened {
    /// The hash of the secret part of its id.
    pub(super) hash: Box<str>,
    /// The key of its owner.
    pub(super) owner: Box<str>,
    /// The name under which its owner's sessions are counted, as a hash.
    pub(super) account: Box<str>,
    pub(super) revision: Revision,
    pub(super) capabilities: ClientCapabilities,
    /// The client's name and version, for the log.
    pub(super) client: Box<str>,
    /// When it was opened, in milliseconds since 1970.
    pub(super) created: u64,
}

/// A session as it is stored. It is a value: a change makes another record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SessionRecord {
    pub(super) opened: Arc<Opened>,
    /// How many changes made it. Compare-and-swap makes this a total order of all records of a session.
    pub(super) sequence: u64,
    /// The least level of the log messages that its client wants.
    pub(super) log_level: Option<LogLevel>,
    /// The resources that it subscribed to.
    pub(super) subscriptions: Arc<[Box<str>]>,
    /// When it was last known to be in use, in milliseconds since 1970.
    pub(super) last_used: u64,
    /// Whether it has done anything but open.
    pub(super) is_used: bool,
    /// The number and the version of the slot that it has among its owner's sessions.
    pub(super) slot: Option<(u32, u64)>,
}

/// A record in its stored form.
#[derive(Serialize, Deserialize)]
struct Form<'a> {
    #[serde(rename = "v")]
    format: u8,
    #[serde(rename = "q")]
    sequence: u64,
    #[serde(rename = "h", borrow)]
    hash: Cow<'a, str>,
    #[serde(rename = "o", borrow)]
    owner: Cow<'a, str>,
    #[serde(rename = "a", borrow)]
    account: Cow<'a, str>,
    #[serde(rename = "r", borrow)]
    revision: Cow<'a, str>,
    /// One letter each.
    #[serde(rename = "c", borrow, default, skip_serializing_if = "str::is_empty")]
    capabilities: Cow<'a, str>,
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    log_level: Option<LogLevel>,
    #[serde(rename = "u", default, skip_serializing_if = "Vec::is_empty")]
    subscriptions: Vec<Box<str>>,
    #[serde(rename = "n", borrow)]
    client: Cow<'a, str>,
    #[serde(rename = "t")]
    created: u64,
    #[serde(rename = "w")]
    last_used: u64,
    #[serde(rename = "d", default, skip_serializing_if = "std::ops::Not::not")]
    is_used: bool,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    slot: Option<(u32, u64)>,
}

impl SessionRecord {
    /// The first record of a session.
    pub(super) fn first(hash: String, owner: &Principal, account: &str, hello: Hello, created: u64) -> Self {
        let opened = Opened {
            hash: hash.into(),
            owner: owner.key().into(),
            account: account.into(),
            revision: hello.revision,
            capabilities: hello.capabilities,
            client: hello.client,
            created,
        };
        Self {
            opened: Arc::new(opened),
            sequence: 1,
            log_level: None,
            subscriptions: Arc::default(),
            last_used: created,
            is_used: false,
            slot: None,
        }
    }

    /// The record after a change, with the next sequence number.
    ///
    /// # Errors
    /// The refusal if the session subscribes to `max_subscriptions` resources already.
    pub(super) fn with(&self, change: &SessionChange, max_subscriptions: usize) -> Result<Self, RpcError> {
        let mut next = Self { sequence: self.sequence + 1, ..self.clone() };
        match change {
            SessionChange::SetLogLevel(level) => next.log_level = Some(*level),
            SessionChange::Subscribe(uri) if self.subscriptions.contains(uri) => {}
            SessionChange::Subscribe(_) if self.subscriptions.len() >= max_subscriptions => {
                let message = format!(
                    "the session subscribes to {max_subscriptions} resources already: end one first \
                     (limits.uris_per_subscription)"
                );
                return Err(RpcError::new(code::UNAVAILABLE, message));
            }
            SessionChange::Subscribe(uri) => {
                next.subscriptions = self.subscriptions.iter().chain([uri]).cloned().collect();
            }
            SessionChange::Unsubscribe(uri) => {
                next.subscriptions = self.subscriptions.iter().filter(|other| *other != uri).cloned().collect();
            }
            SessionChange::Renew => {}
        }
        Ok(next)
    }

    /// The record with a later use, and with the slot that its owner's sessions have given it.
    pub(super) fn used(mut self, at: u64, is_used: bool, slot: Option<(u32, u64)>) -> Self {
        self.last_used = self.last_used.max(at);
        self.is_used |= is_used;
        self.slot = slot;
        self
    }

    /// Reads a record. Returns `None` for another format or a revision that is no longer served.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let form: Form<'_> = serde_json::from_slice(bytes).ok()?;
        let revision = Revision::parse(&form.revision).filter(|revision| !revision.is_modern())?;
        if form.format != FORMAT {
            return None;
        }
        let opened = Opened {
            hash: form.hash.into(),
            owner: form.owner.into(),
            account: form.account.into(),
            revision,
            capabilities: abilities(&form.capabilities),
            client: form.client.into(),
            created: form.created,
        };
        Some(Self {
            opened: Arc::new(opened),
            sequence: form.sequence,
            log_level: form.log_level,
            subscriptions: form.subscriptions.into(),
            last_used: form.last_used,
            is_used: form.is_used,
            slot: form.slot,
        })
    }

    /// The record as it is stored, in memory of its exact size: some stores keep it as it is.
    pub(super) fn write(&self) -> Bytes {
        let opened = &*self.opened;
        let form = Form {
            format: FORMAT,
            sequence: self.sequence,
            hash: Cow::Borrowed(&opened.hash),
            owner: Cow::Borrowed(&opened.owner),
            account: Cow::Borrowed(&opened.account),
            revision: Cow::Borrowed(opened.revision.as_str()),
            capabilities: Cow::Owned(letters(opened.capabilities)),
            log_level: self.log_level,
            subscriptions: self.subscriptions.to_vec(),
            client: Cow::Borrowed(&opened.client),
            created: opened.created,
            last_used: self.last_used,
            is_used: self.is_used,
            slot: self.slot,
        };
        Bytes::from(serde_json::to_vec(&form).unwrap_or_default().into_boxed_slice())
    }
}

/// What a client can do, from its letters.
pub(super) fn abilities(letters: &str) -> ClientCapabilities {
    let has = |letter| letters.contains(letter);
    ClientCapabilities {
        elicitation_form: has('f'),
        elicitation_url: has('u'),
        sampling: has('s'),
        sampling_tools: has('S'),
        roots: has('r'),
        tasks: has('t'),
    }
}

/// What a client can do, one letter each.
pub(super) fn letters(capabilities: ClientCapabilities) -> String {
    let all = [
        (capabilities.elicitation_form, 'f'),
        (capabilities.elicitation_url, 'u'),
        (capabilities.sampling, 's'),
        (capabilities.sampling_tools, 'S'),
        (capabilities.roots, 'r'),
        (capabilities.tasks, 't'),
    ];
    all.into_iter().filter_map(|(has, letter)| has.then_some(letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> SessionRecord {
        let capabilities = ClientCapabilities { sampling: true, roots: true, ..ClientCapabilities::default() };
        let hello = Hello { revision: Revision::V2025_06_18, capabilities, client: "c/\"1\"".into() };
        let owner = Principal::new("https://login.example", "alice", ["a"]);
        SessionRecord::first("h".repeat(43), &owner, "account", hello, 1)
    }

    fn after(changes: &[SessionChange]) -> SessionRecord {
        changes.iter().fold(record(), |record, change| record.with(change, 2).unwrap())
    }

    fn subscribe(uri: &str) -> SessionChange {
        SessionChange::Subscribe(uri.into())
    }

    #[test]
    fn a_record_reads_back() {
        let record = after(&[subscribe("x://a\n"), SessionChange::SetLogLevel(LogLevel::Alert)]);
        for record in [self::record(), record.used(9, true, Some((3, 9)))] {
            assert_eq!(SessionRecord::read(&record.write()).unwrap(), record);
        }
    }

    #[test]
    fn a_record_that_cannot_be_served_is_no_session() {
        let text = String::from_utf8(record().write().to_vec()).unwrap();
        assert!(SessionRecord::read(text.replace(r#""v":2"#, r#""v":1"#).as_bytes()).is_none());
        assert!(SessionRecord::read(text.replace("2025-06-18", "2026-07-28").as_bytes()).is_none());
        assert!(SessionRecord::read(b"{").is_none());
    }

    #[test]
    fn each_change_raises_the_sequence_and_repeating_one_changes_nothing_else() {
        let changes = [subscribe("x://a"), SessionChange::SetLogLevel(LogLevel::Error), SessionChange::Renew];
        for change in changes {
            let once = record().with(&change, 2).unwrap();
            let twice = once.with(&change, 2).unwrap();
            assert_eq!((once.sequence, twice.sequence), (2, 3));
            assert_eq!(SessionRecord { sequence: 2, ..twice }, once);
        }
        let ended = after(&[subscribe("x://a"), subscribe("x://b"), SessionChange::Unsubscribe("x://a".into())]);
        assert_eq!(*ended.subscriptions, [Box::from("x://b")]);
    }

    #[test]
    fn one_subscription_too_many_is_refused_and_a_repeated_one_is_not() {
        let full = after(&[subscribe("x://a"), subscribe("x://b")]);
        assert!(full.with(&subscribe("x://b"), 2).is_ok());
        assert!(full.with(&subscribe("x://c"), 2).unwrap_err().message.contains("2 resources"));
    }

    #[test]
    fn the_time_of_the_last_use_never_goes_back() {
        let record = record().used(50, true, None).used(20, false, None);
        assert!(record.is_used && record.last_used == 50);
    }
}
