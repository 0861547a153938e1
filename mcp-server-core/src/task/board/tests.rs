//! The board: caps, owners, and races between replicas that share a store.

use serde_json::json;

use super::*;
use crate::store::Memory as Engine;
use crate::store::contract::Interruptible;
use crate::task::record::End;

fn board(store: &Store, limits: TaskLimits) -> Board {
    Board::new(store.clone(), limits)
}

async fn make(board: &Board, owner: &str) -> Result<Owned, Refused> {
    let (id, key) = Board::new_id();
    let memory = Memory::default();
    let times = board.times(None);
    let draft = Draft { key: &key, listed: Some(&id), owner, tool: "work", replica: "a", memory, work: None, times };
    let record = board.create(draft).await?;
    Ok(Owned { id, key, record })
}

/// I05, I13, I18: found on every replica by its owner, and by nobody else.
#[tokio::test]
async fn a_task_is_its_owners_on_every_replica() {
    let store = Store::memory();
    let (here, there) = (board(&store, TaskLimits::default()), board(&store, TaskLimits::default()));
    let task = make(&here, "alice").await.unwrap();
    assert_eq!(there.find(&task.id, "alice").await.unwrap().unwrap().record, task.record);
    assert!(there.find(&task.id, "bob").await.unwrap().is_none());
    assert!(there.find(&task.key, "alice").await.unwrap().is_none(), "what stands in the store opens nothing");
    assert!(task.id.len() >= 22, "128 bits at least");
}

#[tokio::test]
async fn caps_hold_for_a_principal_and_for_all() {
    let store = Store::memory();
    let limits = TaskLimits { max: 3, max_per_principal: 2, ..TaskLimits::default() };
    let (here, there) = (board(&store, limits.clone()), board(&store, limits));
    make(&here, "alice").await.unwrap();
    make(&there, "alice").await.unwrap();
    assert!(matches!(make(&here, "alice").await, Err(Refused::Owner(2))));
    make(&here, "bob").await.unwrap();
    assert!(matches!(make(&there, "bob").await, Err(Refused::Server(3))));
}

/// All pages of a principal's list.
async fn pages(board: &Board, owner: &str, size: usize) -> Vec<Vec<String>> {
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let (page, next) = board.page(owner, after.as_ref(), size).await.unwrap();
        pages.push(page.into_iter().map(|task| task.id).collect());
        if next.is_none() {
            return pages;
        }
        assert!(next > after, "the cursor goes on");
        after = next;
    }
}

/// A list has the caller's own tasks, each once, in the order of their creation, on full pages.
#[tokio::test(start_paused = true)]
async fn a_list_has_full_pages_in_a_stable_order() {
    let store = Store::memory();
    let (here, there) = (board(&store, TaskLimits::default()), board(&store, TaskLimits::default()));
    let mut made = Vec::new();
    for number in 0..9 {
        made.push(make(if number % 2 == 0 { &here } else { &there }, "alice").await.unwrap().id);
        make(&here, "bob").await.unwrap();
        tokio::time::advance(Duration::from_millis(1)).await;
    }
    for size in [1, 2, 3, 4, 9, 100] {
        let expected: Vec<Vec<String>> = made.chunks(size).map(<[String]>::to_vec).collect();
        assert_eq!(pages(&there, "alice", size).await, expected);
    }
    assert_eq!(pages(&there, "nobody", 3).await, [Vec::<String>::new()]);
}

/// What is created or expires between two pages moves no other task to another page.
#[tokio::test(start_paused = true)]
async fn a_list_that_changes_shows_every_task_that_stays_once() {
    let store = Store::memory();
    let board = board(&store, TaskLimits::default());
    let mut made = Vec::new();
    for number in 0..200 {
        let (id, key) = Board::new_id();
        let ttl = Duration::from_secs(if number % 3 == 0 { 100 } else { 3_600 });
        let (memory, times) = (Memory::default(), board.times(Some(ttl)));
        let draft = Draft {
            key: &key,
            listed: Some(&id),
            owner: "alice",
            tool: "work",
            replica: "a",
            memory,
            work: None,
            times,
        };
        board.create(draft).await.unwrap();
        if number % 3 > 0 {
            made.push(id);
        }
    }
    made.sort();
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let (page, next) = board.page("alice", after.as_ref(), 30).await.unwrap();
        assert!(page.len() == 30 || next.is_none());
        listed.extend(page.into_iter().map(|task| task.id));
        after = next;
        if after.is_none() {
            break;
        }
        tokio::time::advance(Duration::from_secs(40)).await;
        let late = make(&board, "alice").await.unwrap();
        made.push(late.id);
    }
    made.retain(|id| listed.contains(id) || !id.is_empty());
    let (mut once, count) = (listed.clone(), listed.len());
    once.sort();
    once.dedup();
    assert_eq!(once.len(), count, "none is shown twice");
    let missing: Vec<_> = made.iter().filter(|id| !listed.contains(id)).collect();
    assert!(missing.len() <= 1, "only what came after the last page is missing: {missing:?}");
}

/// A principal that has used its share gets it back as its tasks expire, and one that was refused holds no place.
#[tokio::test(start_paused = true)]
async fn places_come_back() {
    let store = Store::memory();
    let board = board(&store, TaskLimits { max: 40, max_per_principal: 30, ..TaskLimits::default() });
    for _ in 0..30 {
        make(&board, "alice").await.unwrap();
    }
    assert!(matches!(make(&board, "alice").await, Err(Refused::Owner(30))));
    for _ in 0..10 {
        make(&board, "bob").await.unwrap();
    }
    for _ in 0..100 {
        assert!(matches!(make(&board, "bob").await, Err(Refused::Server(40))));
    }
    tokio::time::advance(Duration::from_hours(2)).await;
    for _ in 0..30 {
        make(&board, "bob").await.unwrap();
    }
}

/// Who was taken for dead between the reservation of a key and the task itself creates none that nobody would find.
#[tokio::test(start_paused = true)]
async fn a_task_that_was_ruled_out_is_not_created() {
    let store = Store::memory();
    let board = board(&store, TaskLimits { max_per_principal: 1, ..TaskLimits::default() });
    let (id, key) = Board::new_id();
    let (memory, times) = (Memory::default(), board.times(None));
    assert!(board.rule_out(&key, times.1).await.unwrap());
    let draft =
        Draft { key: &key, listed: Some(&id), owner: "alice", tool: "work", replica: "a", memory, work: None, times };
    assert!(matches!(board.create(draft).await, Err(Refused::Store(error)) if error.is_retryable()));
    assert!(board.find(&id, "alice").await.unwrap().is_none());
    assert_eq!(pages(&board, "alice", 10).await, [Vec::<String>::new()]);
    make(&board, "alice").await.unwrap();
}

/// Of many that would end a task at once, on two replicas, one does; the others learn that it is over.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_ends_a_task() {
    let store = Store::memory();
    let boards = [board(&store, TaskLimits::default()), board(&store, TaskLimits::default())];
    for _ in 0..20 {
        let task = make(&boards[0], "alice").await.unwrap();
        let racers: Vec<_> = (0..16)
            .map(|racer| {
                let (board, key) = (boards[racer % 2].clone(), task.key.clone());
                let end = End::Result { value: json!({"racer": racer}), is_error: false };
                let step = if racer % 3 == 0 { Step::Cancel } else { Step::Finish(task.record.worker.clone(), end) };
                tokio::spawn(async move { board.apply(&key, &step).await.unwrap() })
            })
            .collect();
        let mut winners = Vec::new();
        for racer in racers {
            if let Applied::Now(record) = racer.await.unwrap() {
                winners.push(record);
            }
        }
        assert_eq!(winners.len(), 1);
        assert_eq!(boards[1].load(&task.key).await.unwrap().unwrap(), winners[0]);
    }
}

/// Whoever waits is told, whichever replica the change came from.
#[tokio::test]
async fn a_change_wakes_who_waits_elsewhere() {
    let store = Store::memory();
    let (here, there) = (board(&store, TaskLimits::default()), board(&store, TaskLimits::default()));
    let task = make(&here, "alice").await.unwrap();
    let watch = there.watch(vec![task.key.clone()]);
    here.apply(&task.key, &Step::Cancel).await.unwrap();
    loop {
        let now = there.load(&task.key).await.unwrap().unwrap();
        if now.status == Status::Cancelled {
            break;
        }
        watch.changed().await;
    }
}

#[tokio::test]
async fn a_task_is_forgotten_when_its_time_is_over() {
    let clock = crate::store::Clock::manual();
    let store = Store::new(crate::store::Memory::with_clock(clock.clone()));
    let board = board(&store, TaskLimits::default());
    let task = make(&board, "alice").await.unwrap();
    assert_eq!(task.record.ttl(), 7_200_000);
    clock.advance(Duration::from_hours(2));
    assert!(board.find(&task.id, "alice").await.unwrap().is_none());
    assert!(matches!(board.apply(&task.key, &Step::Cancel).await.unwrap(), Applied::Gone));
    assert!(board.page("alice", None, 100).await.unwrap().0.is_empty());
}

/// The clocks of replicas may be wrong by more than a task has left: the time of the store counts.
#[tokio::test(start_paused = true)]
async fn a_task_outlives_clocks_that_disagree() {
    for skew in [Duration::from_hours(5), Duration::from_hours(24 * 365)] {
        let (engine, _interruption) = Interruptible::remote(Engine::new());
        let stores = [Store::new(engine.clone()), Store::new(engine.clone()), Store::new(engine)];
        stores[0].clock().advance(skew);
        stores[1].clock().step_back(skew);
        for store in &stores {
            store.synchronize().await.unwrap();
        }
        let boards = stores.map(|store| board(&store, TaskLimits::default()));
        let task = make(&boards[2], "alice").await.unwrap();
        for (here, there) in [(0, 1), (1, 0), (2, 0)] {
            let say = Step::Say(task.record.worker.clone(), format!("{here}"));
            assert!(matches!(boards[here].apply(&task.key, &say).await.unwrap(), Applied::Now(_)));
            assert!(boards[there].find(&task.id, "alice").await.unwrap().is_some());
            assert_eq!(boards[there].page("alice", None, 10).await.unwrap().0.len(), 1);
        }
        tokio::time::advance(Duration::from_hours(2)).await;
        assert!(boards[0].find(&task.id, "alice").await.unwrap().is_none(), "its time is over for all of them");
    }
}
