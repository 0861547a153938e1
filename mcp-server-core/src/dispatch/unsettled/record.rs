//! Records: what the store keeps of a call that happens once.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::protocol::Block;
use crate::store::seal::random_id;
use crate::tool::{Outcome, Reply, ToolError};

/// What the store keeps under a key.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    /// A digest of the arguments.
    pub(crate) arguments: String,
    /// The id of the run.
    pub(crate) run: String,
    /// How far it is.
    pub(crate) state: State,
}

/// How far a call is.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum State {
    /// A replica runs it, or died over it.
    Runs {
        /// The replica's id.
        replica: String,
    },
    /// It ended.
    Ended(Kept),
}

/// How a call ended.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Kept {
    Complete(KeptReply),
    Empty(KeptReply),
    Partial(KeptReply),
    /// The error as data, with the id under which the log has more.
    Failed(Value),
}

/// A reply as it is kept.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptReply {
    content: Vec<Block>,
    /// In brackets, for `null` is a value here.
    structured: Option<[Value; 1]>,
    rows: Option<u64>,
    reason: Option<String>,
}

impl Kept {
    /// How an outcome is kept; `reference` is where the log has more of an error.
    pub(crate) fn of(outcome: &Outcome, reference: &str) -> Self {
        match outcome {
            Outcome::Complete(reply) => Self::Complete(reply.into()),
            Outcome::Empty(reply) => Self::Empty(reply.into()),
            Outcome::Partial(reply) => Self::Partial(reply.into()),
            Outcome::Failed(error) => Self::Failed(error.to_value(reference)),
        }
    }

    /// How a call is kept that ended while its answer could not be: it is not run again, and nobody knows what it said.
    pub(crate) fn without_answer() -> Self {
        let error = ToolError::internal("the call ended, and its answer could not be kept while the store was away")
            .advice("Do not just repeat it: look at the current state first, then decide.")
            .do_not_retry();
        Self::Failed(error.to_value(&random_id()))
    }

    /// The outcome, and where the log has more of an error.
    pub(crate) fn outcome(self) -> (Outcome, Option<String>) {
        match self {
            Self::Complete(reply) => (Outcome::Complete(reply.into()), None),
            Self::Empty(reply) => (Outcome::Empty(reply.into()), None),
            Self::Partial(reply) => (Outcome::Partial(reply.into()), None),
            Self::Failed(value) => match ToolError::from_value(&value) {
                Some((error, reference)) => (Outcome::Failed(error), Some(reference)),
                None => (Outcome::Failed(unreadable()), None),
            },
        }
    }
}

/// What is said of a record that this version of the program cannot read.
pub(crate) fn unreadable() -> ToolError {
    ToolError::internal("what was remembered of this call cannot be read")
}

impl From<&Reply> for KeptReply {
    fn from(reply: &Reply) -> Self {
        Self {
            content: reply.content.clone(),
            structured: reply.structured.clone().map(|value| [value]),
            rows: reply.rows,
            reason: reply.reason.as_deref().map(str::to_owned),
        }
    }
}

impl From<KeptReply> for Reply {
    fn from(kept: KeptReply) -> Self {
        Self {
            content: kept.content,
            structured: kept.structured.map(|[value]| value),
            rows: kept.rows,
            reason: kept.reason.map(Into::into),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::protocol::ResourceContents;

    fn there_and_back(outcome: &Outcome) -> (Outcome, Option<String>) {
        let text = serde_json::to_string(&Kept::of(outcome, "reference")).unwrap();
        serde_json::from_str::<Kept>(&text).unwrap().outcome()
    }

    #[test]
    fn a_reply_is_remembered_whole() {
        let blocks = || {
            vec![
                Block::text("a"),
                Block::image(b"b", "image/png"),
                Block::audio(b"c", "audio/wav"),
                Block::Resource { resource: ResourceContents::text("x://t", "text/plain", "d") },
                Block::Resource { resource: ResourceContents::blob("x://b", "image/png", b"e") },
                Block::ResourceLink { uri: "x://l".into(), name: "l".into(), description: None, mime_type: None },
            ]
        };
        for structured in [None, Some(Value::Null), Some(json!({ "b": 1, "a": [0.1, "é"] }))] {
            let reply = Reply { content: blocks(), structured: structured.clone(), rows: Some(3), reason: None };
            let (Outcome::Complete(back), None) = there_and_back(&Outcome::Complete(reply)) else { panic!() };
            assert_eq!((back.content, back.structured, back.rows), (blocks(), structured, Some(3)));
        }
        let empty = Reply { reason: Some("none yet".into()), ..Reply::default() };
        let (Outcome::Empty(back), None) = there_and_back(&Outcome::Empty(empty)) else { panic!() };
        assert_eq!(back.reason.as_deref(), Some("none yet"));
    }

    #[test]
    fn an_error_is_remembered_as_the_client_saw_it() {
        let error = ToolError::conflict("it is closed")
            .advice("open it")
            .pointer("/id")
            .details(json!({ "state": 1 }))
            .retry_after(Duration::from_secs(2))
            .cause("secret");
        let seen = error.to_value("reference");
        let (Outcome::Failed(back), Some(reference)) = there_and_back(&Outcome::Failed(error)) else { panic!() };
        assert_eq!(reference, "reference");
        assert_eq!(back.to_value(&reference), seen);
        assert!(!seen.to_string().contains("secret"));
    }
}
