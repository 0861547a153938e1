//! The index: whatever is in work is found, whoever dies when, and entering a task costs the same however many there are.

use futures_util::future::join_all;

use super::*;

const LEASE: Duration = Duration::from_secs(6);

async fn index(store: &Store) -> Index {
    Index::new(store.clone(), Replica::join(store, LEASE, String::new()).await.unwrap())
}

/// An hour from now.
fn later(store: &Store) -> u64 {
    store.clock().deadline(Duration::from_hours(1))
}

/// What somebody finds who looks after the tasks of a replica that died.
async fn found(index: &Index) -> Vec<Orphans> {
    let mut found = Vec::new();
    for listed in index.directory().await.unwrap() {
        found.extend(index.read(listed).await.unwrap());
    }
    found
}

fn keys(found: &[Orphans]) -> Vec<&str> {
    let mut keys: Vec<&str> = found.iter().flat_map(|page| &page.tasks).map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

#[tokio::test(start_paused = true)]
async fn what_is_entered_after_others_took_this_replica_for_dead_is_found() {
    let store = Store::memory();
    let (paused, other) = (index(&store).await, index(&store).await);
    paused.add("before", later(&store)).await.unwrap();
    for page in found(&other).await {
        other.remove_page(&page).await.unwrap();
    }
    assert!(other.directory().await.unwrap().is_empty());
    paused.remove("before");
    for key in ["after-1", "after-2", "after-3"] {
        paused.add(key, later(&store)).await.unwrap();
    }
    assert_eq!(keys(&found(&other).await), ["after-1", "after-2", "after-3"]);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_changed_since_it_was_read_stays() {
    let store = Store::memory();
    let (alive, other) = (index(&store).await, index(&store).await);
    alive.add("one", later(&store)).await.unwrap();
    let read = found(&other).await;
    alive.add("two", later(&store)).await.unwrap();
    for page in &read {
        other.remove_page(page).await.unwrap();
    }
    assert_eq!(keys(&found(&other).await), ["one", "two"]);
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_outcome_was_unknown_loses_nothing() {
    let store = Store::memory();
    let (one, other) = (index(&store).await, index(&store).await);
    one.add("first", later(&store)).await.unwrap();
    for was_done in [true, false] {
        let mut pages = one.pages.lock().await;
        let page = pages.first_mut().unwrap();
        page.version = None;
        if was_done {
            let value = store.get(&place(&page.id)).await.unwrap().unwrap().value;
            store.set(&place(&page.id), value, Some(LEASE)).await.unwrap();
        }
        drop(pages);
        one.add(&format!("then-{was_done}"), later(&store)).await.unwrap();
    }
    assert_eq!(keys(&found(&other).await), ["first", "then-false", "then-true"]);
    let gone = one.pages.lock().await.first().unwrap().id.clone();
    store.delete(&place(&gone), None).await.unwrap();
    one.pages.lock().await.first_mut().unwrap().version = None;
    one.add("last", later(&store)).await.unwrap();
    assert_eq!(keys(&found(&other).await), ["first", "last", "then-false", "then-true"]);
}

#[tokio::test(start_paused = true)]
async fn a_task_costs_the_same_however_many_there_are() {
    let store = Store::memory();
    let one = index(&store).await;
    let expires = later(&store);
    join_all((0..1_000).map(|number| {
        let one = &one;
        async move { one.add(&format!("{number:043}"), expires).await.unwrap() }
    }))
    .await;
    let pages = found(&one).await;
    assert_eq!(keys(&pages).len(), 1_000);
    for page in &pages {
        let bytes = store.get(&place(&page.page)).await.unwrap().unwrap().value.len();
        assert!(page.tasks.len() <= ROOM && bytes < 2_500, "{bytes} bytes for {} tasks", page.tasks.len());
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_left_of_tasks_that_are_over() {
    let store = Store::memory();
    let one = index(&store).await;
    for number in 0..100 {
        one.add(&number.to_string(), later(&store)).await.unwrap();
    }
    for number in 1..100 {
        one.remove(&number.to_string());
    }
    one.close().await.unwrap();
    assert_eq!(found(&one).await.len(), 1, "the one that is in work is left to be found");
    one.remove("0");
    one.close().await.unwrap();
    assert!(store.get(DIRECTORY).await.unwrap().is_none());
    one.add("killed", later(&store)).await.unwrap();
    let page = one.directory().await.unwrap().remove(0);
    tokio::time::sleep(Duration::from_hours(2)).await;
    assert!(store.get(&place(&page.page)).await.unwrap().is_none(), "a page ends after the last task on it");
    assert!(one.read(page).await.unwrap().is_none());
    assert!(store.get(DIRECTORY).await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_entered_is_kept_nowhere() {
    let (engine, interruption) = crate::store::contract::Interruptible::over(crate::store::Memory::new());
    let store = Store::new(engine);
    let one = index(&store).await;
    interruption.fail();
    for number in 0..100 {
        one.add(&number.to_string(), later(&store)).await.unwrap_err();
    }
    assert!(one.tasks().live.is_empty());
    interruption.end();
    tokio::time::sleep(LEASE).await;
    one.add("after", later(&store)).await.unwrap();
    one.add("then", later(&store)).await.unwrap();
    assert_eq!(keys(&found(&one).await), ["after", "then"]);
    for number in 0..ROOM {
        one.add(&format!("more-{number}"), later(&store)).await.unwrap();
    }
    assert!(one.tasks().pending.is_empty(), "those of the outage too");
}
