//! Who has a budget.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::principal::Principal;
use crate::store::seal::Digest;

/// How many letters of a hash stand for it.
const LABEL: usize = 12;

/// Whose budget it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    /// A session's, or that of a process that speaks over a pipe.
    Session,
    /// A principal's.
    Principal,
    /// That of a run of an agent, as far as it says so.
    Trace,
}

impl Scope {
    /// All of them.
    pub(super) const ALL: [Self; 3] = [Self::Session, Self::Principal, Self::Trace];

    /// The word in messages, metrics and the store.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Principal => "principal",
            Self::Trace => "trace",
        }
    }
}

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// Calls of tools.
    Calls,
    /// Tokens of their arguments and results.
    Tokens,
}

impl Measure {
    /// The word in metrics.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Tokens => "tokens",
        }
    }

    /// The words in messages.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Calls => "tool calls",
            Self::Tokens => "tokens",
        }
    }
}

/// Everybody who pays for a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Payer<'a> {
    /// The session.
    pub(crate) session: Option<u128>,
    /// The principal.
    pub(crate) principal: &'a Principal,
    /// The trace.
    pub(crate) trace: Option<u128>,
}

impl Payer<'_> {
    /// What stands for the one of a scope; stable, the same on every replica, and no name.
    pub(super) fn key(&self, scope: Scope) -> Option<u128> {
        match scope {
            Scope::Session => self.session,
            Scope::Principal => Some(Digest::of(&[self.principal.key().as_bytes()]).short()),
            Scope::Trace => self.trace,
        }
    }

    /// The name that people know it by.
    pub(super) fn name(&self, scope: Scope) -> Option<&str> {
        (scope == Scope::Principal).then(|| self.principal.id())
    }
}

/// How the log names one: a trace by its id, and others by the start of a hash, which for a session is what its spans
/// have.
pub(super) fn label(scope: Scope, key: u128) -> String {
    if scope == Scope::Trace {
        return format!("{key:032x}");
    }
    let mut text = URL_SAFE_NO_PAD.encode(key.to_be_bytes());
    text.truncate(LABEL);
    text
}
