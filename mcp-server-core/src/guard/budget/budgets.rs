//! The budgets as calls meet them: a check on the way in, a charge at the end.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::json;
use tokio::sync::Notify;

use super::book::Book;
use super::limits::{Amount, BudgetLimits, Limit};
use super::subject::{Measure, Payer, Scope};
use crate::store::{Clock, Store};
use crate::telemetry::{Bill, Telemetry};
use crate::tool::ToolError;

/// The budgets of everybody, as this process knows them.
#[derive(Debug)]
pub(crate) struct Budgets {
    pub(super) limits: BudgetLimits,
    pub(super) store: Store,
    pub(super) telemetry: Telemetry,
    pub(super) clock: Clock,
    book: Mutex<Book>,
    /// There is something to merge.
    pub(super) changed: Notify,
    /// The store failed when it was last asked.
    pub(super) is_alone: AtomicBool,
}

/// Who pays for one call.
#[derive(Debug)]
struct Charge {
    budgets: Arc<Budgets>,
    keys: Keys,
    name: Option<Box<str>>,
}

/// Those with a budget, by scope.
type Keys = [(Scope, Option<u128>); 3];

impl Budgets {
    /// Holds calls against these limits; nothing if they limit nothing.
    pub(crate) fn new(limits: BudgetLimits, store: Store, telemetry: Telemetry) -> Option<Arc<Self>> {
        (!limits.is_nothing()).then(|| {
            let clock = store.clock().clone();
            Self::with_clock(limits, store, telemetry, clock)
        })
    }

    pub(super) fn with_clock(limits: BudgetLimits, store: Store, telemetry: Telemetry, clock: Clock) -> Arc<Self> {
        Arc::new(Self {
            limits,
            store,
            telemetry,
            clock,
            book: Mutex::default(),
            changed: Notify::new(),
            is_alone: AtomicBool::new(false),
        })
    }

    /// Lets a call pass and counts it; its tokens are charged to what is returned.
    ///
    /// # Errors
    /// `budget_exhausted` if the budget of anybody who pays is spent; then nothing is counted.
    pub(crate) fn pass(self: &Arc<Self>, payer: &Payer<'_>) -> Result<Box<dyn Bill>, ToolError> {
        let charge = self.charge(payer);
        let mut book = self.book();
        for (scope, key) in charge.known() {
            if let Some((measure, limit)) = self.limits.of(scope).spent(book.total((scope, key))) {
                let turns = book.window.saturating_add(self.limits.millis());
                drop(book);
                return Err(self.exhausted(scope, measure, limit, turns));
            }
        }
        charge.add(&mut book, Amount::CALL);
        drop(book);
        self.changed.notify_one();
        Ok(Box::new(charge))
    }

    /// What the tokens of work are charged to whose call has passed already.
    pub(crate) fn bill(self: &Arc<Self>, payer: &Payer<'_>) -> Box<dyn Bill> {
        Box::new(self.charge(payer))
    }

    fn charge(self: &Arc<Self>, payer: &Payer<'_>) -> Charge {
        let key = |scope: Scope| {
            let limited = self.limits.of(scope) != Limit::default();
            (scope, limited.then(|| payer.key(scope)).flatten())
        };
        let keys = Scope::ALL.map(key);
        let is_named = keys.iter().any(|(scope, key)| *scope == Scope::Principal && key.is_some());
        let name = is_named.then(|| payer.name(Scope::Principal).map(Into::into)).flatten();
        Charge { budgets: Arc::clone(self), keys, name }
    }

    /// The book, turned to the window that is now.
    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(over) = book.turn(self.clock.millis(), self.limits.millis()) {
            drop(book);
            drop(over);
            book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        }
        book
    }

    fn exhausted(&self, scope: Scope, measure: Measure, limit: u64, turns: u64) -> ToolError {
        let (scope, window) = (scope.word(), self.limits.window.as_secs_f64());
        let left = Duration::from_millis(turns.saturating_sub(self.clock.millis()).max(1));
        ToolError::budget_exhausted(format!(
            "the budget of this {scope} is spent: {limit} {} within {window} s",
            measure.words()
        ))
        .advice(format!("Tell the user that the budget of this {scope} is spent; do not go on trying."))
        .details(json!({ "scope": scope, "measure": measure.word(), "limit": limit, "windowSeconds": window }))
        .retry_after(left)
    }
}

impl Charge {
    fn known(&self) -> impl Iterator<Item = (Scope, u128)> {
        self.keys.into_iter().filter_map(|(scope, key)| Some((scope, key?)))
    }

    fn add(&self, book: &mut Book, amount: Amount) {
        for (scope, key) in self.known() {
            let name = self.name.as_deref().filter(|_| scope == Scope::Principal);
            book.add((scope, key), amount, name);
        }
    }
}

impl Bill for Charge {
    fn charge(&self, tokens: u64) {
        self.add(&mut self.budgets.book(), Amount { calls: 0, tokens });
        self.budgets.changed.notify_one();
    }
}
