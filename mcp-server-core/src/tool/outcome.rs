//! `Outcome`: what a call can end in. There is no silent variant.

use std::borrow::Cow;

use serde_json::Value;

use super::emptiness::{self, Examined, RowLists, Says};
use super::error::ToolError;
use crate::protocol::Block;

/// How a call ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// With data.
    Complete(Reply),
    /// With nothing, and the reason for it.
    Empty(Reply),
    /// With a part of what was asked for; the reply says what is missing.
    Partial(Reply),
    /// With an error that the agent can act on.
    Failed(ToolError),
}

/// What a call gives back: blocks for the model, structured data for programs.
#[derive(Debug, Default)]
pub struct Reply {
    /// The blocks. If none of them is text, the structured part is repeated as text.
    pub content: Vec<Block>,
    /// The structured part.
    pub structured: Option<Value>,
    /// How many rows it has, where that means something.
    pub rows: Option<u64>,
    /// Why it is empty, or what is missing from it.
    pub reason: Option<Cow<'static, str>>,
}

impl Reply {
    /// A reply of one text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { content: vec![Block::text(text)], ..Self::default() }
    }

    /// A reply of structured data; its text twin is written beside it.
    pub fn structured(value: Value) -> Self {
        Self { structured: Some(value), ..Self::default() }
    }
}

impl From<ToolError> for Outcome {
    fn from(error: ToolError) -> Self {
        Self::Failed(error)
    }
}

impl Outcome {
    /// Judges a complete result by what it says ([`emptiness`](super::emptiness)): counts its rows, takes an explanation
    /// that it contains as the reason of an empty result, and turns one that says nothing into `unexplained_empty`, unless
    /// the tool declares what that means.
    pub(crate) fn judged(self, lists: &RowLists, may_be_empty: Option<&'static str>) -> Self {
        let mut reply = match self {
            Self::Complete(reply) if reply.reason.is_none() && reply.rows.is_none() => reply,
            judged => return judged,
        };
        let Examined { says, rows } = reply.examined(lists);
        reply.rows = rows;
        match (says, may_be_empty) {
            (Says::Data, _) => Self::Complete(reply),
            (Says::Why(why), _) => {
                reply.rows = Some(0);
                reply.reason = Some(why.into());
                Self::Empty(reply)
            }
            (Says::Nothing, Some(why)) => {
                reply.content = vec![Block::text(format!("Nothing: {}.", why.trim_end_matches('.')))];
                reply.rows = Some(0);
                reply.reason = Some(why.into());
                Self::Empty(reply)
            }
            (Says::Nothing, None) => Self::Failed(
                ToolError::unexplained_empty("the tool returned nothing and gave no reason")
                    .advice("Do not take this for \"there is none\": tell the user that the tool gave no answer."),
            ),
        }
    }
}

impl Reply {
    fn examined(&self, lists: &RowLists) -> Examined {
        let structured = self.structured.as_ref().map(|value| emptiness::examine(value, lists));
        let nothing = Examined { says: Says::Nothing, rows: None };
        let mut blocks = nothing.clone();
        for block in &self.content {
            blocks = blocks.and(match block {
                Block::Text { text, .. } => emptiness::examine_text(text),
                _ => Examined::DATA,
            });
        }
        // The rows of the data count, and not those of their twin in text.
        match structured {
            Some(Examined { rows: Some(rows), says }) => {
                Examined { rows: Some(rows), says: blocks.and(Examined { says, rows: None }).says }
            }
            structured => structured.unwrap_or(nothing).and(blocks),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn judged(reply: Reply) -> Outcome {
        Outcome::Complete(reply).judged(&RowLists::default(), None)
    }

    fn texts(texts: &[&str]) -> Reply {
        Reply { content: texts.iter().map(|text| Block::text(*text)).collect(), ..Reply::default() }
    }

    #[test]
    fn a_result_that_says_nothing_is_an_error_in_every_shape() {
        for reply in [
            Reply::default(),
            texts(&["[]"]),
            texts(&["\u{feff}", "{}", "null"]),
            texts(&["{\"items\":[]}", "{\"total\":0,\"items\":[]}"]),
            Reply::structured(json!({ "items": [], "count": 0 })),
            Reply { content: vec![Block::text("[]")], ..Reply::structured(json!({ "rows": [], "page": 1 })) },
        ] {
            let outcome = judged(reply);
            assert!(
                matches!(&outcome, Outcome::Failed(error) if error.kind().as_str() == "unexplained_empty"),
                "{outcome:?}"
            );
        }
    }

    #[test]
    fn one_block_that_says_something_is_enough_and_rows_are_counted_once() {
        let outcome = judged(texts(&["", "found it"]));
        assert!(matches!(outcome, Outcome::Complete(Reply { rows: None, .. })), "{outcome:?}");
        let both = Reply { content: vec![Block::text("[1,2]")], ..Reply::structured(json!({ "items": [1, 2] })) };
        let outcome = judged(both);
        assert!(matches!(outcome, Outcome::Complete(Reply { rows: Some(2), .. })), "{outcome:?}");
        let told = Reply { content: vec![Block::text("no shop is open")], ..Reply::structured(json!({ "items": [] })) };
        let outcome = judged(told);
        assert!(matches!(outcome, Outcome::Complete(Reply { rows: Some(0), .. })), "{outcome:?}");
        let picture = Reply { content: vec![Block::image(b"x", "image/png")], ..Reply::default() };
        assert!(matches!(judged(picture), Outcome::Complete(_)));
    }

    #[test]
    fn an_explanation_or_a_declaration_makes_it_an_empty_result() {
        let outcome = judged(Reply::structured(json!({ "items": [], "note": "closed on Sundays" })));
        let Outcome::Empty(reply) = outcome else { panic!("{outcome:?}") };
        assert_eq!((reply.rows, reply.reason.as_deref()), (Some(0), Some("closed on Sundays")));
        let outcome = Outcome::Complete(texts(&["[]"])).judged(&RowLists::default(), Some("no alarm is on"));
        let Outcome::Empty(reply) = outcome else { panic!("{outcome:?}") };
        assert_eq!((reply.rows, reply.reason.as_deref()), (Some(0), Some("no alarm is on")));
        assert_eq!(reply.content, [Block::text("Nothing: no alarm is on.")]);
    }
}
