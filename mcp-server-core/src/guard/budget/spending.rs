//! Spending: who used most, for the operator.

use std::cmp::Reverse;

use serde::Serialize;

use super::budgets::Budgets;
use super::limits::{Amount, Limit};
use super::subject::{Measure, Scope, label};

/// How many are told of.
const MOST: usize = 20;

/// Who used most of a budget in the window that is now, as far as this process knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Spending {
    /// Seconds of a window.
    pub(crate) window_seconds: u64,
    /// Seconds until the next one begins.
    pub(crate) turns_in_seconds: u64,
    /// Whoever used most, the largest share of a budget first.
    pub(crate) top: Vec<Spender>,
}

/// One that has a budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Spender {
    /// `session`, `principal` or `trace`.
    pub(crate) scope: &'static str,
    /// The name of a principal, and else what stands for the subject in the log.
    pub(crate) subject: String,
    /// Calls.
    pub(crate) calls: u64,
    /// Calls that are in the budget, if they are limited.
    pub(crate) most_calls: Option<u64>,
    /// Tokens.
    pub(crate) tokens: u64,
    /// Tokens that are in the budget, if they are limited.
    pub(crate) most_tokens: Option<u64>,
}

impl Budgets {
    /// Who used most.
    pub(crate) fn spending(&self) -> Spending {
        let book = self.book();
        let turns = book.window.saturating_add(self.limits.millis());
        let mut all: Vec<_> = book
            .all()
            .map(|((scope, key), tally)| {
                let (limit, total) = (self.limits.of(scope), tally.total());
                (Reverse(share(limit, total)), scope, key, total)
            })
            .collect();
        all.sort_unstable_by_key(|(share, _, key, total)| (*share, Reverse(total.tokens), *key));
        all.truncate(MOST);
        let spender = |(_, scope, key, total): (_, Scope, u128, Amount)| {
            let limit = self.limits.of(scope);
            let name = book.name((scope, key));
            Spender {
                scope: scope.word(),
                subject: name.map_or_else(|| label(scope, key), str::to_owned),
                calls: total.calls,
                most_calls: limit.calls,
                tokens: total.tokens,
                most_tokens: limit.tokens,
            }
        };
        Spending {
            window_seconds: self.limits.window.as_secs(),
            turns_in_seconds: turns.saturating_sub(self.clock.millis()).div_ceil(1000),
            top: all.into_iter().map(spender).collect(),
        }
    }
}

/// The larger of the shares of a budget that is spent, in thousandths.
fn share(limit: Limit, total: Amount) -> u64 {
    let of = |(measure, limit): (Measure, u64)| total.of(measure).saturating_mul(1000) / limit.max(1);
    limit.each().map(of).max().unwrap_or_default()
}
