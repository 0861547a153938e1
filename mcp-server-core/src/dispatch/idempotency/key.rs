//! Keys: what makes two calls one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::dispatch::canonical::canonicalise;
use crate::dispatch::request::Asked;
use crate::protocol::RpcError;
use crate::protocol::meta::key::IDEMPOTENCY_KEY;
use crate::protocol::params::text;
use crate::store::seal::Digest;

/// The longest key of a client, in bytes.
const LONGEST: usize = 255;

/// What makes two calls one, and what must then be the same too.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    /// Where the store keeps it: a hash of principal, tool and key.
    pub(super) place: String,
    /// A digest of the arguments.
    pub(super) arguments: String,
    /// Whether the client gave it; else the arguments are the key.
    pub(super) is_given: bool,
}

impl Key {
    /// Where the repeats of the call meet.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// The key of a call of a tool with these arguments.
    ///
    /// # Errors
    /// `-32602` if the client's key is none.
    pub(crate) fn of(asked: &Asked<'_>, tool: &str, arguments: &Map<String, Value>) -> Result<Self, RpcError> {
        let mut canonical = Vec::new();
        for (name, value) in sorted(arguments) {
            canonicalise(&Value::String(name.clone()), &mut canonical);
            canonicalise(value, &mut canonical);
        }
        let given = match asked.meta.idempotency_key {
            None => None,
            raw => Some(text(raw, &format!("_meta/{}", IDEMPOTENCY_KEY.replace('/', "~1")))?),
        };
        if given.as_ref().is_some_and(|key| key.is_empty() || key.len() > LONGEST) {
            return Err(RpcError::invalid_params(format!(
                "`{IDEMPOTENCY_KEY}` in `_meta` must be a text of 1 to {LONGEST} bytes"
            )));
        }
        let principal = asked.caller.principal.key().as_bytes();
        let (sort, key): (&[u8], &[u8]) = match &given {
            Some(key) => (b"key", key.as_bytes()),
            None => (b"arguments", &canonical),
        };
        Ok(Self {
            place: format!("once/{}", shown(&Digest::of(&[principal, tool.as_bytes(), sort, key]))),
            arguments: shown(&Digest::of(&[&canonical])),
            is_given: given.is_some(),
        })
    }
}

fn sorted(arguments: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut members: Vec<_> = arguments.iter().collect();
    members.sort_unstable_by_key(|(name, _)| name.as_str());
    members
}

fn shown(digest: &Digest) -> String {
    URL_SAFE_NO_PAD.encode(digest.as_bytes())
}
