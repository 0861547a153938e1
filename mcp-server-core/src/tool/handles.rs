//! Handles: names for state of the server that a client carries from call to call (server/tools, Handles).

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::call::ToolCall;
use super::context::Context;
use super::error::{ToolError, ToolResult};
use super::inject::Inject;
use crate::store::seal::{hash_id, random_id};
use crate::store::{Clock, Entry, Seat, Seats};

/// How large what stands behind a handle may be, in bytes of JSON.
pub const MOST_BYTES: usize = 256 * 1024;
/// How often a change is tried again when another call changes the same value meanwhile.
const ATTEMPTS: usize = 32;

/// What stands behind a handle: a search that goes on, a basket, an upload.
///
/// It is kept in the store as JSON, so that any replica finds it, and a later version of the program must still read
/// what an earlier one wrote.
pub trait Handle: Serialize + DeserializeOwned + Send + 'static {
    /// What a handle to it begins with: 1 to 32 of `a-z 0-9 -`. Two kinds of one name are the same kind.
    const KIND: &'static str;
    /// How long it is kept.
    const LIFE: Duration;
    /// Whether its life begins anew when it is used; else it ends for good after [`LIFE`](Self::LIFE).
    const SLIDES: bool = false;
}

/// The handles of one kind that the caller owns; a tool takes it as a parameter.
///
/// A handle is unguessable (128 random bits), belongs to the principal that opened it and expires. The store knows a
/// hash of it only. What is unknown, expired, closed or somebody else's is the same `not_found`. Callers without
/// credentials are one principal: they share what they can name.
///
/// One principal has at most `limits.handles_per_principal` handles, of all kinds together.
///
/// ```
/// use std::time::Duration;
/// use mcp_server_core::prelude::*;
/// use mcp_server_core::tool::{Handle, Handles};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Search { words: String, seen: usize }
///
/// impl Handle for Search {
///     const KIND: &'static str = "search";
///     const LIFE: Duration = Duration::from_secs(600);
/// }
///
/// /// Begin a search; the result is its handle, for `more`.
/// #[tool]
/// async fn search(searches: Handles<Search>, words: String) -> ToolResult<String> {
///     searches.open(&Search { words, seen: 0 }).await
/// }
///
/// /// Go on with a search.
/// #[tool]
/// async fn more(searches: Handles<Search>, search: String) -> ToolResult<String> {
///     let page = searches.update(&search, |search| {
///         search.seen += 10;
///         Ok(search.seen)
///     });
///     Ok(format!("found up to {}", page.await?))
/// }
/// ```
pub struct Handles<T> {
    context: Context,
    place: String,
    kind: PhantomData<fn() -> T>,
}

/// A value as it is kept.
#[derive(Serialize, Deserialize)]
struct Record<V> {
    kind: String,
    /// Of the secret part of the handle.
    hash: String,
    /// When it ends, in milliseconds since 1970.
    until: u64,
    value: V,
}

/// A handle that was found.
struct Found<T> {
    seat: Seat,
    record: Record<T>,
}

impl<T: Handle> Inject for Handles<T> {
    fn inject(call: &ToolCall) -> Result<Self, ToolError> {
        Ok(Self::of(call.context()))
    }
}

impl<T: Handle> Handles<T> {
    /// The handles of the caller.
    pub fn of(context: &Context) -> Self {
        const { assert!(is_kind(T::KIND), "`KIND` has 1 to 32 of a-z 0-9 -") };
        let place = format!("handle/{}", hash_id(context.principal().key()));
        Self { context: context.clone(), place, kind: PhantomData }
    }

    /// Keeps a value and returns its handle.
    ///
    /// # Errors
    /// `budget_exhausted` if the caller has as many handles as it may, `result_too_large` if the value has more than
    /// [`MOST_BYTES`], or that the store cannot be reached.
    pub async fn open(&self, value: &T) -> ToolResult<String> {
        let secret = random_id();
        let record =
            Record { kind: T::KIND.to_owned(), hash: hash_id(&secret), until: self.clock().deadline(T::LIFE), value };
        let seat = self.seats().take(encode(&record)?, T::LIFE).await?.ok_or_else(|| self.too_many())?;
        Ok(format!("{}_{}_{secret}", T::KIND, seat.number()))
    }

    /// What stands behind a handle.
    ///
    /// # Errors
    /// `not_found`, or that the store cannot be reached.
    pub async fn get(&self, handle: &str) -> ToolResult<T> {
        let Found { seat, mut record } = self.find(handle).await?;
        // Written once in half a life: a value that is read often is not written as often.
        if T::SLIDES && self.clock().until(record.until) < T::LIFE / 2 {
            record.until = self.clock().deadline(T::LIFE);
            // Refused, it was changed or closed meanwhile; the change has slid it then.
            let _slid = self.seats().keep(seat, encode(&record)?, T::LIFE).await?;
        }
        Ok(record.value)
    }

    /// Changes what stands behind a handle, and returns what the function returns.
    ///
    /// If another call changes it at the same time the function runs again on the newer value; it should therefore do
    /// nothing but change the value. If it fails nothing is changed.
    ///
    /// # Errors
    /// What the function returns, `not_found`, `result_too_large`, `conflict` if it never got its turn, or that the
    /// store cannot be reached.
    pub async fn update<R>(&self, handle: &str, mut change: impl FnMut(&mut T) -> ToolResult<R>) -> ToolResult<R> {
        for _ in 0..ATTEMPTS {
            let Found { seat, mut record } = self.find(handle).await?;
            let changed = change(&mut record.value)?;
            if T::SLIDES {
                record.until = self.clock().deadline(T::LIFE);
            }
            let left = self.clock().until(record.until);
            if self.seats().keep(seat, encode(&record)?, left).await?.is_some() {
                return Ok(changed);
            }
        }
        Err(ToolError::conflict("other calls change the same thing all the time")
            .retry_after(Duration::from_secs(1))
            .details(serde_json::json!({ "attempts": ATTEMPTS })))
    }

    /// Forgets what stands behind a handle.
    ///
    /// # Errors
    /// `not_found`, or that the store cannot be reached.
    pub async fn close(&self, handle: &str) -> ToolResult<()> {
        loop {
            let Found { seat, .. } = self.find(handle).await?;
            if self.seats().leave(seat).await? {
                return Ok(());
            }
        }
    }

    /// Looks a handle up. What cannot be one is looked up too, so that every `not_found` takes the same way.
    async fn find(&self, handle: &str) -> ToolResult<Found<T>> {
        let parts = handle.strip_prefix(T::KIND).and_then(|rest| rest.strip_prefix('_')?.split_once('_'));
        let (number, secret) = parts.unwrap_or_default();
        let hash = hash_id(secret);
        let entry = self.seats().look(number.parse().unwrap_or(u32::MAX)).await?;
        let Some(Entry { value, version }) = entry else { return Err(not_found()) };
        let record: Record<&RawValue> = serde_json::from_slice(&value).map_err(|error| unreadable(&error))?;
        if record.hash != hash || record.kind != T::KIND {
            return Err(not_found());
        }
        let seat = Seat::from_parts(number.parse().unwrap_or(u32::MAX), version);
        let value = serde_json::from_str(record.value.get()).map_err(|error| unreadable(&error))?;
        Ok(Found { seat, record: Record { kind: record.kind, hash, until: record.until, value } })
    }

    fn clock(&self) -> &Clock {
        self.context.shared().surroundings.store().clock()
    }

    fn seats(&self) -> Seats<'_> {
        let surroundings = &self.context.shared().surroundings;
        Seats::new(surroundings.store(), &self.place, surroundings.handles_per_principal())
    }

    fn too_many(&self) -> ToolError {
        let most = self.context.shared().surroundings.handles_per_principal();
        ToolError::budget_exhausted(format!("{most} handles of this caller are open, and no more may be"))
            .advice("Close handles that are not needed any more, or wait until some expire.")
    }
}

impl<T> fmt::Debug for Handles<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handles").finish_non_exhaustive()
    }
}

fn encode<V: Serialize>(record: &Record<V>) -> ToolResult<Vec<u8>> {
    let bytes = serde_json::to_vec(record)
        .map_err(|error| ToolError::internal("what a handle stands for cannot be kept").cause(error))?;
    if bytes.len() > MOST_BYTES {
        let message = format!("what the handle stands for has {} bytes, and {MOST_BYTES} are allowed", bytes.len());
        return Err(ToolError::result_too_large(message));
    }
    Ok(bytes)
}

fn not_found() -> ToolError {
    ToolError::not_found("there is no such handle: it is unknown, closed or expired")
        .advice("Use a handle as it was returned and do not invent one, or open a new one.")
}

fn unreadable(error: &serde_json::Error) -> ToolError {
    ToolError::internal("what the handle stands for cannot be read").cause(error.to_string())
}

const fn is_kind(kind: &str) -> bool {
    let mut bytes = kind.as_bytes();
    if bytes.is_empty() || bytes.len() > 32 {
        return false;
    }
    while let [byte, rest @ ..] = bytes {
        if !(byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-') {
            return false;
        }
        bytes = rest;
    }
    true
}
