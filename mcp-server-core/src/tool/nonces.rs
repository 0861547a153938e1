//! Nonces: tokens that are good once.

use std::time::Duration;

use super::context::Context;
use super::error::{ToolError, ToolResult};
use crate::store::seal::{Binding, Digest, hash_id, random_id};
use crate::store::{Expect, Put};

/// What nonces are sealed for.
const PURPOSE: &str = "nonce";
/// How much longer a redeemed nonce is remembered than it is good, for the clocks of replicas differ.
const SLACK: Duration = Duration::from_mins(5);
/// The longest time for which a nonce is good.
const LONGEST: Duration = Duration::from_hours(24 * 366);

impl Context {
    /// A token that is good once, for one purpose and for this caller, until its life is over: a year at most.
    ///
    /// It is sealed, not stored: nothing is kept until it is redeemed. Its 150 characters or so mean nothing to the
    /// client.
    ///
    /// ```
    /// use std::time::Duration;
    /// use mcp_server_core::prelude::*;
    ///
    /// /// Say what a deletion would delete.
    /// #[tool]
    /// async fn preview(context: Context, ticket: u32) -> String {
    ///     let nonce = context.nonce(&format!("delete/{ticket}"), Duration::from_secs(300));
    ///     format!("It would delete ticket {ticket}. To go on, call `delete` with `confirmation` {nonce}.")
    /// }
    ///
    /// /// Delete a ticket.
    /// #[tool(destructive)]
    /// async fn delete(context: Context, ticket: u32, confirmation: String) -> ToolResult<Receipt> {
    ///     context.redeem(&format!("delete/{ticket}"), &confirmation).await?;
    ///     Ok(Receipt::confirmed("deleted"))
    /// }
    /// ```
    pub fn nonce(&self, purpose: &str, life: Duration) -> String {
        let surroundings = &self.shared().surroundings;
        let life = life.min(LONGEST);
        let payload = format!("{} {}", surroundings.store().clock().deadline(life), random_id());
        let expires = surroundings.store().clock().time_after(life);
        surroundings.sealer().seal(PURPOSE, &self.bound_to(purpose), payload.as_bytes(), expires)
    }

    /// Redeems a token of [`nonce`](Self::nonce): among all calls with one token, on all replicas, one succeeds.
    ///
    /// # Errors
    /// `not_found` for a token that is invented, used, expired, for another purpose or another caller's, all in the same
    /// words; or that the store cannot be reached, which may have used the token up.
    pub async fn redeem(&self, purpose: &str, nonce: &str) -> ToolResult<()> {
        let surroundings = &self.shared().surroundings;
        let clock = surroundings.store().clock();
        let opened = surroundings.sealer().open(PURPOSE, &self.bound_to(purpose), nonce, clock.time());
        let payload = opened.ok().and_then(|payload| String::from_utf8(payload).ok()).ok_or_else(not_good)?;
        let (until, id) = payload.split_once(' ').ok_or_else(not_good)?;
        let life = clock.until(until.parse().map_err(|_| not_good())?).saturating_add(SLACK);
        let used = surroundings.store().put(&format!("nonce/{}", hash_id(id)), "", Expect::Absent, Some(life)).await?;
        match used {
            Put::Stored(_) => Ok(()),
            Put::Refused(_) => Err(not_good()),
        }
    }

    fn bound_to<'a>(&'a self, purpose: &str) -> Binding<'a> {
        Binding { principal: self.principal().key(), method: "", digest: Digest::of(&[purpose.as_bytes()]) }
    }
}

fn not_good() -> ToolError {
    ToolError::not_found("this token is not good: it is unknown, used or expired")
        .advice("A token is good once, for what it was given out for: get a new one.")
}
