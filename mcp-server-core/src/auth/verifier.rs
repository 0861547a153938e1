//! Verifiers: what turns a token into a principal.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::principal::Principal;

/// Why a token is not accepted. The client learns no more than this word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Denied {
    /// It is not one of ours, or it is damaged, revoked or too old: all the same to the client.
    Invalid,
    /// It could not be verified, for what is needed to do so does not answer.
    Unavailable,
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Invalid => "the token is not accepted",
            Self::Unavailable => "the token cannot be verified now",
        })
    }
}

impl std::error::Error for Denied {}

/// What a verifier will say.
pub type Verdict<'a> = Pin<Box<dyn Future<Output = Result<Principal, Denied>> + Send + 'a>>;

/// Turns a bearer token into the principal that it stands for.
///
/// ```
/// use mcp_server_core::Principal;
/// use mcp_server_core::auth::{Denied, Verdict, Verifier};
///
/// #[derive(Debug)]
/// struct Fixed;
///
/// impl Verifier for Fixed {
///     fn verify<'a>(&'a self, token: &'a str) -> Verdict<'a> {
///         Box::pin(async move {
///             match token {
///                 "letmein" => Ok(Principal::new("fixed", "alice", ["tickets:read"])),
///                 _ => Err(Denied::Invalid),
///             }
///         })
///     }
/// }
/// ```
pub trait Verifier: Send + Sync + fmt::Debug {
    /// Verifies a token. Compare in constant time, and bound the time that it takes.
    fn verify<'a>(&'a self, token: &'a str) -> Verdict<'a>;
}
