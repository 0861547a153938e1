//! The scripts that the server runs: each is one step that nobody sees half done.

use redis::Script;

/// Every script, with the digest by which the server knows it.
#[derive(Debug)]
pub(super) struct Scripts {
    pub(super) put: Script,
    pub(super) delete: Script,
    pub(super) append: Script,
    pub(super) trim: Script,
    pub(super) read: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            put: Script::new(include_str!("scripts/put.lua")),
            delete: Script::new(include_str!("scripts/delete.lua")),
            append: Script::new(concat!(include_str!("scripts/keep.lua"), include_str!("scripts/append.lua"))),
            trim: Script::new(concat!(include_str!("scripts/keep.lua"), include_str!("scripts/trim.lua"))),
            read: Script::new(include_str!("scripts/read.lua")),
        }
    }
}
