//! The board: caps, owners, and races between replicas that share a store.

use serde_json::json;

use super::*;
use crate::task::record::End;

fn board(store: &Store, limits: TaskLimits) -> Board {
    Board::new(store.clone(), limits)
}

async fn make(board: &Board, owner: &str) -> Result<Owned, Refused> {
    let (id, key) = Board::new_id();
    let memory = Memory::default();
    let draft =
        Draft { key: &key, listed: Some(&id), owner, tool: "work", ttl: None, replica: "a", memory, work: None };
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

/// I27: a list has the caller's own tasks, each once, over all its pages.
#[tokio::test]
async fn a_list_is_the_callers_own() {
    let store = Store::memory();
    let board = board(&store, TaskLimits { max_per_principal: 20, ..TaskLimits::default() });
    let mut made = Vec::new();
    for _ in 0..7 {
        made.push(make(&board, "alice").await.unwrap().id);
        make(&board, "bob").await.unwrap();
    }
    let (mut listed, mut from) = (Vec::new(), Some(0));
    while let Some(at) = from {
        let (page, next) = board.page("alice", at, 3).await.unwrap();
        assert!(page.len() <= 3);
        listed.extend(page.into_iter().map(|task| task.id));
        from = next;
    }
    made.sort();
    listed.sort();
    assert_eq!(listed, made);
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
    assert!(board.page("alice", 0, 100).await.unwrap().0.is_empty());
}
