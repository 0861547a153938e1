//! Budgets hold in their window, over replicas, and while the store is away.

use std::sync::Arc;
use std::time::Duration;

use super::book::Book;
use super::budgets::Budgets;
use super::limits::{Amount, BudgetLimits, Limit};
use super::subject::{Measure, Payer, Scope};
use crate::principal::Principal;
use crate::store::{Clock, Memory, Store};
use crate::telemetry::Telemetry;
use crate::tool::{ErrorKind, ToolError};

const WINDOW: Duration = Duration::from_mins(1);

struct World {
    store: Store,
    clock: Clock,
    limits: BudgetLimits,
}

impl World {
    fn new(limits: BudgetLimits) -> Self {
        let clock = Clock::manual();
        // At the start of a window, so that no test turns it by chance.
        let into = clock.millis() % u64::try_from(WINDOW.as_millis()).unwrap();
        clock.advance(WINDOW.checked_sub(Duration::from_millis(into)).unwrap());
        Self { store: Store::new(Memory::with_clock(clock.clone())), clock, limits }
    }

    fn replica(&self) -> Arc<Budgets> {
        Budgets::with_clock(self.limits.clone(), self.store.clone(), Telemetry::default(), self.clock.clone())
    }
}

fn limits() -> BudgetLimits {
    BudgetLimits { window: WINDOW, ..BudgetLimits::default() }
}

fn calls(most: u64) -> Limit {
    Limit { calls: Some(most), tokens: None }
}

fn pass(budgets: &Arc<Budgets>, who: &Principal, session: u128) -> Result<(), ToolError> {
    budgets.pass(&Payer { session: Some(session), principal: who, trace: Some(77) }).map(drop)
}

fn alice() -> Principal {
    Principal::new("test", "alice", [] as [&str; 0])
}

fn bob() -> Principal {
    Principal::new("test", "bob", [] as [&str; 0])
}

#[tokio::test]
async fn a_spent_budget_refuses_says_which_it_is_and_is_whole_again_in_the_next_window() {
    let world = World::new(BudgetLimits { session: calls(2), ..limits() });
    let budgets = world.replica();
    pass(&budgets, &alice(), 1).unwrap();
    pass(&budgets, &alice(), 1).unwrap();
    world.clock.advance(Duration::from_secs(20));
    let error = pass(&budgets, &alice(), 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BudgetExhausted);
    assert_eq!(error.message(), "the budget of this session is spent: 2 tool calls within 60 s");
    assert_eq!(error.wait(), Some(Duration::from_secs(40)));
    assert!(error.advice_text().contains("do not go on trying"));
    let details = &error.to_value("r")["details"];
    assert_eq!(
        details,
        &serde_json::json!({ "scope": "session", "measure": "calls", "limit": 2, "windowSeconds": 60.0 })
    );
    pass(&budgets, &alice(), 2).unwrap();
    world.clock.advance(Duration::from_secs(40));
    pass(&budgets, &alice(), 1).unwrap();
}

#[tokio::test]
async fn a_refused_call_costs_nobody_anything() {
    let world = World::new(BudgetLimits { session: calls(1), principal: calls(3), ..limits() });
    let budgets = world.replica();
    pass(&budgets, &alice(), 1).unwrap();
    for _ in 0..5 {
        pass(&budgets, &alice(), 1).unwrap_err();
    }
    pass(&budgets, &alice(), 2).unwrap();
    pass(&budgets, &alice(), 3).unwrap();
    let error = pass(&budgets, &alice(), 4).unwrap_err();
    assert_eq!(error.to_value("r")["details"]["scope"], "principal");
    pass(&budgets, &bob(), 4).unwrap();
}

#[tokio::test]
async fn tokens_are_charged_at_the_end_and_refuse_what_comes_then() {
    let trace = Limit { calls: None, tokens: Some(100) };
    let world = World::new(BudgetLimits { trace, ..limits() });
    let budgets = world.replica();
    let me = alice();
    let payer = Payer { session: None, principal: &me, trace: Some(1) };
    let (first, second) = (budgets.pass(&payer).unwrap(), budgets.pass(&payer).unwrap());
    first.charge(99);
    assert!(budgets.pass(&payer).is_ok());
    second.charge(500);
    let error = budgets.pass(&payer).unwrap_err();
    assert_eq!(error.message(), "the budget of this trace is spent: 100 tokens within 60 s");
    assert!(budgets.pass(&Payer { trace: None, ..payer }).is_ok(), "nobody knows of a trace");
}

#[tokio::test]
async fn replicas_share_a_budget_once_they_have_merged() {
    let world = World::new(BudgetLimits { principal: calls(10), ..limits() });
    let (one, two, three) = (world.replica(), world.replica(), world.replica());
    for number in 0..4 {
        pass(&one, &alice(), number).unwrap();
        pass(&two, &alice(), number).unwrap();
    }
    tokio::join!(one.merge(), two.merge());
    pass(&one, &alice(), 9).unwrap();
    pass(&two, &alice(), 9).unwrap();
    tokio::join!(one.merge(), two.merge());
    pass(&three, &alice(), 9).unwrap();
    three.merge().await;
    pass(&three, &alice(), 9).unwrap_err();
    assert_eq!(three.spending().top.first().map(|top| top.calls), Some(11));
    // Each learns of the others when it merges, which it does as soon as it let something pass.
    while pass(&one, &alice(), 9).is_ok() {
        one.merge().await;
    }
    assert!(one.spending().top.first().is_some_and(|top| top.calls <= 13));
}

#[tokio::test]
async fn no_use_is_lost_when_many_merge_at_once() {
    let world = World::new(BudgetLimits { principal: calls(100_000), ..limits() });
    let replicas: Vec<_> = (0..4).map(|_| world.replica()).collect();
    let uses = replicas.iter().map(|replica| async move {
        for _ in 0..50 {
            pass(replica, &alice(), 1).unwrap();
            replica.merge().await;
            tokio::task::yield_now().await;
        }
    });
    futures_util::future::join_all(uses).await;
    let last = world.replica();
    pass(&last, &alice(), 1).unwrap();
    last.merge().await;
    assert_eq!(last.spending().top.first().map(|top| top.calls), Some(201));
}

#[tokio::test]
async fn without_its_store_a_replica_counts_alone_and_tells_the_others_later() {
    let world = World::new(BudgetLimits { session: calls(3), ..limits() });
    let away = Store::memory();
    away.close().await.unwrap();
    let budgets = Budgets::with_clock(world.limits.clone(), away, Telemetry::default(), world.clock.clone());
    for _ in 0..3 {
        pass(&budgets, &alice(), 1).unwrap();
        budgets.merge().await;
    }
    pass(&budgets, &alice(), 1).unwrap_err();
    assert!(budgets.book().has_waiting(), "it is merged when the store is back");
}

#[tokio::test]
async fn the_operator_is_told_once_when_most_is_spent() {
    let limits = BudgetLimits { session: Limit { calls: Some(5), tokens: Some(1_000) }, ..limits() };
    let of = |before: Amount, after: Amount| {
        limits.alerts(Scope::Session, before, after).map(|(measure, _)| measure).collect::<Vec<_>>()
    };
    let used = |calls, tokens| Amount { calls, tokens };
    assert_eq!(of(used(0, 0), used(3, 799)), []);
    assert_eq!(of(used(3, 0), used(4, 0)), [Measure::Calls]);
    assert_eq!(of(used(4, 0), used(5, 0)), []);
    assert_eq!(of(used(0, 0), used(9, 900)), [Measure::Calls, Measure::Tokens]);
}

#[tokio::test]
async fn the_largest_share_is_told_first_under_names_that_open_nothing() {
    let world = World::new(BudgetLimits { session: calls(100), principal: calls(10), ..limits() });
    let budgets = world.replica();
    for _ in 0..3 {
        pass(&budgets, &alice(), 5).unwrap();
    }
    pass(&budgets, &bob(), 6).unwrap();
    let spending = budgets.spending();
    let told: Vec<_> = spending.top.iter().map(|top| (top.scope, top.calls, top.most_calls)).collect();
    let expected =
        [("principal", 3, Some(10)), ("principal", 1, Some(10)), ("session", 3, Some(100)), ("session", 1, Some(100))];
    assert_eq!(told, expected);
    assert_eq!(spending.top[0].subject, "alice");
    assert_eq!(spending.top[2].subject.len(), 12);
    assert_eq!((spending.window_seconds, spending.turns_in_seconds), (60, 60));
}

#[test]
fn what_limits_nothing_keeps_no_book() {
    assert!(Budgets::new(limits(), Store::memory(), Telemetry::default()).is_none());
    assert_eq!(Book::default().total((Scope::Session, 1)), Amount::default());
}
