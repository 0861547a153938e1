//! The record of a session: what the store keeps of it, so that it outlives the process.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::protocol::{ClientCapabilities, LogLevel, Revision};

/// Which shape of the record this is; another one is read as no session, and its client opens a new one.
const SHAPE: u8 = 1;

/// A session as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SessionRecord {
    #[serde(rename = "v")]
    shape: u8,
    /// The hash of the secret part of its id.
    #[serde(rename = "h")]
    pub(super) hash: String,
    /// The key of its owner.
    #[serde(rename = "o")]
    pub(super) owner: String,
    /// Its revision by name.
    #[serde(rename = "r")]
    revision: String,
    /// What its client can do, one letter each.
    #[serde(rename = "c", default, skip_serializing_if = "String::is_empty")]
    capabilities: String,
    /// The least level of the log messages that its client wants.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub(super) log_level: Option<LogLevel>,
    /// The resources that it subscribed to.
    #[serde(rename = "u", default, skip_serializing_if = "Vec::is_empty")]
    pub(super) uris: Vec<String>,
    /// Its client's name and version, for the log.
    #[serde(rename = "n")]
    pub(super) client: String,
    /// When it was opened, in milliseconds since 1970.
    #[serde(rename = "t")]
    pub(super) created: u64,
    /// When it was last known to be in use, in milliseconds since 1970.
    #[serde(rename = "w", default)]
    pub(super) used: u64,
    /// The number and the version of the seat that it has among its owner's sessions.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub(super) seat: Option<(u32, u64)>,
}

/// What a record is made of.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub(super) hash: String,
    pub(super) owner: &'a str,
    pub(super) revision: Revision,
    pub(super) capabilities: ClientCapabilities,
    pub(super) log_level: Option<LogLevel>,
    pub(super) uris: Vec<String>,
    pub(super) client: &'a str,
    pub(super) created: u64,
    pub(super) used: u64,
    pub(super) seat: Option<(u32, u64)>,
}

impl SessionRecord {
    pub(super) fn new(parts: Parts<'_>) -> Self {
        Self {
            shape: SHAPE,
            hash: parts.hash,
            owner: parts.owner.to_owned(),
            revision: parts.revision.as_str().to_owned(),
            capabilities: letters(parts.capabilities),
            log_level: parts.log_level,
            uris: parts.uris,
            client: parts.client.to_owned(),
            created: parts.created,
            used: parts.used,
            seat: parts.seat,
        }
    }

    /// Reads a record; `None` for one of another shape or of a revision that is no longer served.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Self>(bytes).ok().filter(|record| record.shape == SHAPE && record.revision().is_some())
    }

    /// The record as it is stored, in memory of its exact size: some stores keep it as it is.
    pub(super) fn write(&self) -> Bytes {
        Bytes::from(serde_json::to_vec(self).unwrap_or_default().into_boxed_slice())
    }

    pub(super) fn revision(&self) -> Option<Revision> {
        Revision::parse(&self.revision).filter(|revision| !revision.is_modern())
    }

    pub(super) fn capabilities(&self) -> ClientCapabilities {
        abilities(&self.capabilities)
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
        SessionRecord::new(Parts {
            hash: "h".repeat(43),
            owner: "21:https://login.example:alice",
            revision: Revision::V2025_06_18,
            capabilities: ClientCapabilities { sampling: true, roots: true, ..ClientCapabilities::default() },
            log_level: Some(LogLevel::Info),
            uris: vec!["x://a".to_owned()],
            client: "c/1",
            created: 1,
            used: 2,
            seat: Some((3, 9)),
        })
    }

    #[test]
    fn a_record_reads_back() {
        let back = SessionRecord::read(&record().write()).unwrap();
        assert_eq!(back, record());
        assert_eq!(back.revision(), Some(Revision::V2025_06_18));
        assert!(back.capabilities().sampling && back.capabilities().roots && !back.capabilities().tasks);
    }

    #[test]
    fn a_record_that_cannot_be_served_is_no_session() {
        let text = String::from_utf8(record().write().to_vec()).unwrap();
        assert!(SessionRecord::read(text.replace(r#""v":1"#, r#""v":2"#).as_bytes()).is_none());
        assert!(SessionRecord::read(text.replace("2025-06-18", "2026-07-28").as_bytes()).is_none());
        assert!(SessionRecord::read(b"{").is_none());
    }
}
