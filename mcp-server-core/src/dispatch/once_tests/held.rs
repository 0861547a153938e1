//! Handles, locks and nonces, on two replicas.

use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use super::*;
use crate::store::{Clock, Memory as Engine};
use crate::tool::{ErrorKind, Handle, Handles, ToolResult};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Search {
    seen: u32,
    words: String,
}

impl Handle for Search {
    const KIND: &'static str = "search";
    const LIFE: Duration = Duration::from_mins(1);
}

#[derive(Debug, Serialize, Deserialize)]
struct Basket(u32);

impl Handle for Basket {
    const KIND: &'static str = "basket";
    const LIFE: Duration = Duration::from_mins(1);
    const SLIDES: bool = true;
}

fn search() -> Search {
    Search { seen: 0, words: "a b".into() }
}

async fn two() -> ([Arc<Service>; 2], Clock) {
    let clock = Clock::manual();
    let store = Store::new(Engine::with_clock(clock.clone()));
    let world = World::new();
    ([replica(&store, &world, Vec::new()).await, replica(&store, &world, Vec::new()).await], clock)
}

fn kind<T: std::fmt::Debug>(result: ToolResult<T>) -> ErrorKind {
    result.unwrap_err().kind()
}

#[tokio::test]
async fn a_handle_is_good_on_every_replica_until_it_is_closed() {
    let ([one, two], _) = two().await;
    let (here, there) = (Handles::<Search>::of(&context(&one, alice())), Handles::of(&context(&two, alice())));
    let handle = here.open(&search()).await.unwrap();
    assert!(handle.starts_with("search_"), "{handle}");
    assert_eq!(there.get(&handle).await.unwrap(), search());
    let seen = there.update(&handle, |search: &mut Search| {
        search.seen += 1;
        Ok(search.seen)
    });
    assert_eq!(seen.await.unwrap(), 1);
    assert_eq!(here.get(&handle).await.unwrap().seen, 1);
    let refused = here.update(&handle, |search| {
        search.seen += 1;
        Err::<(), _>(crate::tool::ToolError::conflict("no"))
    });
    assert_eq!(kind(refused.await), ErrorKind::Conflict);
    assert_eq!(here.get(&handle).await.unwrap().seen, 1, "what failed changed nothing");
    there.close(&handle).await.unwrap();
    assert_eq!(kind(here.get(&handle).await), ErrorKind::NotFound);
    assert_eq!(kind(here.close(&handle).await), ErrorKind::NotFound);
}

#[tokio::test]
async fn what_is_unknown_expired_closed_foreign_or_of_another_kind_is_the_same_answer() {
    let ([one, two], clock) = two().await;
    let mine = Handles::<Search>::of(&context(&one, alice()));
    let (foreign, closed, expired) = (
        Handles::<Search>::of(&context(&two, bob())).open(&search()).await.unwrap(),
        mine.open(&search()).await.unwrap(),
        mine.open(&search()).await.unwrap(),
    );
    let basket = Handles::<Basket>::of(&context(&one, alice())).open(&Basket(1)).await.unwrap();
    mine.close(&closed).await.unwrap();
    let said = |error: crate::tool::ToolError| error.to_value("reference");
    let unknown = said(mine.get("search_0_AAAAAAAAAAAAAAAAAAAAAA").await.unwrap_err());
    assert_eq!(unknown["kind"], "not_found");
    let pretended = basket.replace("basket", "search");
    for handle in
        [&foreign, &closed, &basket, &pretended, "", "search", "search_", "search_-1_x", "search_99999999999_"]
    {
        assert_eq!(said(mine.get(handle).await.unwrap_err()), unknown, "{handle}");
        assert_eq!(said(mine.update(handle, |_| Ok(())).await.unwrap_err()), unknown);
        assert_eq!(said(mine.close(handle).await.unwrap_err()), unknown);
    }
    assert!(mine.get(&expired).await.is_ok());
    clock.advance(Search::LIFE);
    assert_eq!(said(mine.get(&expired).await.unwrap_err()), unknown);
}

#[tokio::test]
async fn a_principal_has_so_many_handles_and_they_are_so_large() {
    let ([one, two], clock) = two().await;
    let (here, there) = (context(&one, alice()), context(&two, alice()));
    let first = Handles::of(&here).open(&search()).await.unwrap();
    Handles::of(&there).open(&Basket(1)).await.unwrap();
    Handles::of(&there).open(&search()).await.unwrap();
    assert_eq!(kind(Handles::of(&here).open(&Basket(2)).await), ErrorKind::BudgetExhausted);
    assert!(Handles::of(&context(&one, bob())).open(&search()).await.is_ok(), "it is a cap for each");
    Handles::<Search>::of(&there).close(&first).await.unwrap();
    let large = Search { seen: 0, words: "x".repeat(crate::tool::MOST_BYTES) };
    assert_eq!(kind(Handles::of(&here).open(&large).await), ErrorKind::ResultTooLarge);
    let handle = Handles::of(&here).open(&search()).await.unwrap();
    let grown = Handles::<Search>::of(&here);
    let grown = grown.update(&handle, |search| {
        search.words = "x".repeat(crate::tool::MOST_BYTES);
        Ok(())
    });
    assert_eq!(kind(grown.await), ErrorKind::ResultTooLarge);
    clock.advance(Search::LIFE);
    assert!(Handles::of(&here).open(&search()).await.is_ok(), "what expired counts no more");
}

#[tokio::test]
async fn changes_at_the_same_time_are_all_made() {
    let ([one, two], _) = two().await;
    let handles = [Handles::<Search>::of(&context(&one, alice())), Handles::of(&context(&two, alice()))];
    let handle = handles[0].open(&search()).await.unwrap();
    let changes = (0..20).map(|n| {
        handles[n % 2].update(&handle, |search| {
            search.seen += 1;
            Ok(())
        })
    });
    for changed in join_all(changes).await {
        changed.unwrap();
    }
    assert_eq!(handles[0].get(&handle).await.unwrap().seen, 20);
}

#[tokio::test]
async fn one_call_at_a_time_holds_a_lock() {
    let ([one, two], _) = two().await;
    let lock = context(&one, alice()).lock("invoice").await.unwrap();
    assert!(lock.is_held().await.unwrap());
    let waited = context(&two, bob()).lock("invoice").wait(Duration::from_millis(20)).await;
    let error = waited.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Overloaded);
    assert!(!error.to_value("").to_string().contains("invoice"), "a name may tell what nobody else is to know");
    context(&two, bob()).lock("another").wait(Duration::ZERO).await.unwrap();
    let there = context(&two, bob());
    let waiting = tokio::spawn(async move { there.lock("invoice").await });
    drop(lock);
    assert!(waiting.await.unwrap().unwrap().is_held().await.unwrap());
}

#[tokio::test]
async fn a_lock_ends_with_its_time_and_its_holder_can_tell() {
    let ([one, two], clock) = two().await;
    let mut lock = context(&one, alice()).lock("invoice").hold(Duration::from_secs(10)).await.unwrap();
    clock.advance(Duration::from_secs(9));
    lock.extend(Duration::from_secs(10)).await.unwrap();
    clock.advance(Duration::from_secs(9));
    lock.check().await.unwrap();
    clock.advance(Duration::from_secs(1));
    assert_eq!(kind(lock.check().await), ErrorKind::Conflict);
    let next = context(&two, alice()).lock("invoice").wait(Duration::ZERO).await.unwrap();
    assert_eq!(kind(lock.extend(Duration::from_secs(10)).await), ErrorKind::Conflict);
    drop(lock);
    tokio::task::yield_now().await;
    next.check().await.unwrap();
}

#[tokio::test]
async fn nobody_is_in_a_lock_with_somebody_else() {
    let ([one, two], _) = two().await;
    let inside = Arc::new(AtomicU32::new(0));
    let calls = (0..20).map(|n| {
        let context = context([&one, &two][n % 2], alice());
        let inside = Arc::clone(&inside);
        tokio::spawn(async move {
            let lock = context.lock("invoice").await.unwrap();
            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
            tokio::task::yield_now().await;
            inside.fetch_sub(1, Ordering::SeqCst);
            drop(lock);
        })
    });
    for call in join_all(calls).await {
        call.unwrap();
    }
}

#[tokio::test]
async fn a_nonce_is_good_once_for_its_caller_and_purpose() {
    let ([one, two], _) = two().await;
    let (here, there) = (context(&one, alice()), context(&two, alice()));
    let nonce = here.nonce("delete/7", Duration::from_mins(1));
    let refusals = [
        context(&two, bob()).redeem("delete/7", &nonce).await,
        there.redeem("delete/8", &nonce).await,
        there.redeem("delete/7", "").await,
        there.redeem("delete/7", &here.nonce("delete/7", Duration::ZERO)).await,
    ];
    let (left, right) = tokio::join!(here.redeem("delete/7", &nonce), there.redeem("delete/7", &nonce));
    assert!(left.is_ok() != right.is_ok(), "{left:?} {right:?}");
    let used = here.redeem("delete/7", &nonce).await.unwrap_err().to_value("reference");
    assert_eq!(used["kind"], "not_found");
    for refused in refusals {
        assert_eq!(refused.unwrap_err().to_value("reference"), used);
    }
}
