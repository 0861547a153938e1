//! When the lists came up, as the service knows it.

use crate::tool::Change;

/// The lists that a deployment changes.
pub(super) const LISTS: [Change; 3] = [Change::Tools, Change::Prompts, Change::Resources];

/// When each list came up, in milliseconds since 1970.
pub(super) type Since = [u64; LISTS.len()];
