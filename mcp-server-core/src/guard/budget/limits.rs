//! How much may be used, and how much was.

use std::ops::{Add, AddAssign, SubAssign};
use std::time::Duration;

use super::subject::{Measure, Scope};

/// The budgets of everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BudgetLimits {
    /// How long a window is.
    pub(crate) window: Duration,
    /// Of how many percent the operator is told.
    pub(crate) alert_at: u64,
    /// Of each session.
    pub(crate) session: Limit,
    /// Of each principal.
    pub(crate) principal: Limit,
    /// Of each trace.
    pub(crate) trace: Limit,
}

/// A budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limit {
    /// Calls.
    pub(crate) calls: Option<u64>,
    /// Tokens.
    pub(crate) tokens: Option<u64>,
}

/// What was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) calls: u64,
    pub(super) tokens: u64,
}

impl Default for BudgetLimits {
    fn default() -> Self {
        let nothing = Limit::default();
        Self { window: Duration::from_hours(1), alert_at: 80, session: nothing, principal: nothing, trace: nothing }
    }
}

impl BudgetLimits {
    /// The budget of a scope.
    pub(super) const fn of(&self, scope: Scope) -> Limit {
        match scope {
            Scope::Session => self.session,
            Scope::Principal => self.principal,
            Scope::Trace => self.trace,
        }
    }

    /// Whether nothing is limited.
    pub(crate) fn is_nothing(&self) -> bool {
        Scope::ALL.into_iter().all(|scope| self.of(scope) == Limit::default())
    }

    /// The length of a window in milliseconds.
    pub(super) fn millis(&self) -> u64 {
        u64::try_from(self.window.as_millis()).unwrap_or(u64::MAX).max(1)
    }

    /// Of which measures of a scope the operator is told when usage has grown like this, with their limits.
    pub(super) fn alerts(&self, scope: Scope, before: Amount, after: Amount) -> impl Iterator<Item = (Measure, u64)> {
        let alert_at = self.alert_at;
        let limits = self.of(scope).each();
        limits.into_iter().filter(move |(measure, limit)| {
            let most =
                |amount: Amount| u128::from(amount.of(*measure)) * 100 >= u128::from(*limit) * u128::from(alert_at);
            !most(before) && most(after)
        })
    }
}

impl Limit {
    /// What is limited, and to how much.
    pub(super) fn each(self) -> impl Iterator<Item = (Measure, u64)> {
        let of = |measure: Measure, limit: Option<u64>| limit.map(|limit| (measure, limit));
        [of(Measure::Calls, self.calls), of(Measure::Tokens, self.tokens)].into_iter().flatten()
    }

    /// The first part of it that is spent.
    pub(super) fn spent(self, amount: Amount) -> Option<(Measure, u64)> {
        self.each().find(|(measure, limit)| amount.of(*measure) >= *limit)
    }
}

impl Amount {
    /// One call.
    pub(super) const CALL: Self = Self { calls: 1, tokens: 0 };

    /// How much of one measure.
    pub(super) const fn of(self, measure: Measure) -> u64 {
        match measure {
            Measure::Calls => self.calls,
            Measure::Tokens => self.tokens,
        }
    }
}

impl Add for Amount {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { calls: self.calls.saturating_add(other.calls), tokens: self.tokens.saturating_add(other.tokens) }
    }
}

impl AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Amount {
    fn sub_assign(&mut self, other: Self) {
        self.calls = self.calls.saturating_sub(other.calls);
        self.tokens = self.tokens.saturating_sub(other.tokens);
    }
}
