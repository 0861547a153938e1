//! Emptiness: whether a result says anything, how many rows it has, and whether it explains why it has none.
//!
//! A result *says nothing* if nothing in it could have been learned from a data source. Texts and structured values are
//! judged by the same rule:
//!
//! - A text says nothing if no character of it is visible, or if it is a JSON value that says nothing, in a code fence or
//!   not. The words `null`, `None`, `nil` and `undefined` alone say nothing either: they are printed absent values.
//! - `null`, a blank text, `[]` and `{}` say nothing, and so does a list or a map of only such values.
//! - An object in which every list and map is empty says nothing, unless a member beside them is content.
//!
//! Content beside an empty list or map is a visible text, an identifier (`id`, `…_id`), a number other than 0, or `true`.
//! No content are
//!
//! - default values: `null`, blank text, `0` and `false`;
//! - members that describe the list: `count`, `total`, `page`, `limit`, `cursor`, `has_more`, `took_ms`, `query`,
//!   `status` and the like, with everything below them;
//! - whole numbers, `true`, and texts such as `type`, `status` and `url` beside a list of rows. A list of rows is one
//!   named `items`, `results`, `rows`, `data` and the like, or one whose items are objects in the output schema; lists of
//!   `errors`, `warnings` and other faults never are, since it is an answer that there are none.
//!
//! So `{"items": [], "count": 0, "has_more": false, "page": 1}` and `{"data": {"items": [], "total": 0}}` say nothing;
//! `{"id": 7, "name": "x", "tags": []}`, `{"valid": true, "errors": []}` and `{"celsius": 21.5, "alerts": []}` are answers.
//!
//! A text under `reason`, `explanation` or `why`, and beside a list of rows also one under `message`, `note`, `hint` and
//! the like, explains the empty result, which then counts as empty and not as a fault. A result that explains nothing is
//! replaced by `unexplained_empty`, unless the tool declares what its empty results mean: `#[tool(may_be_empty = "…")]`.
//!
//! The rows of a result are the elements of its lists of rows; without such a list, of all lists that lie at most two
//! levels deep.

mod names;
mod row_lists;
mod text;
mod value;
mod words;

pub(crate) use row_lists::RowLists;
pub(crate) use value::{Examined, Says, examine, examine_text};
