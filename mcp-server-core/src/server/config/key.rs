//! One key of the configuration: its name, its type and where its value lives.

use std::net::SocketAddr;
use std::time::Duration;

use super::choice::Choice;
use super::secrets::{BearerKey, SealSecret};
use super::settings::Config;

/// What stands for a tool's name in the name of a key.
pub(super) const TOOL: &str = "tools.<name>.";

/// Everything there is to know about a key.
pub(super) struct Key {
    /// The dotted name; keys of single tools begin with [`TOOL`].
    pub(super) name: &'static str,
    /// The least and the greatest value, for a type that has them: milliseconds, bytes or pieces.
    pub(super) bounds: (u64, u64),
    /// What it means, in one sentence.
    pub(super) meaning: &'static str,
    /// Where it lives in a configuration; the tool's name matters to the keys of single tools alone.
    pub(super) slot: for<'a> fn(&'a mut Config, &str) -> Slot<'a>,
}

/// The place of a value, and with it the type.
pub(super) enum Slot<'a> {
    Address(&'a mut SocketAddr),
    Bytes(&'a mut usize),
    Choice(&'a mut dyn Choice),
    Count(&'a mut usize),
    Duration(&'a mut Duration),
    Flag(&'a mut bool),
    List(&'a mut Vec<String>),
    Text(&'a mut String),
    OptionalAddress(&'a mut Option<SocketAddr>),
    OptionalBytes(&'a mut Option<u64>),
    OptionalCount(&'a mut Option<u32>),
    OptionalDuration(&'a mut Option<Duration>),
    OptionalText(&'a mut Option<String>),
    /// Text that is never shown.
    Secret(&'a mut Option<String>),
    /// Text that may hold a password: it is never repeated whole.
    Url(&'a mut Option<String>),
    BearerKeys(&'a mut Vec<BearerKey>),
    SealKeys(&'a mut Vec<SealSecret>),
}
