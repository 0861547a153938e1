//! The mix: so many clients of each kind, all at once.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::clients::{self, Ground};
use crate::findings::Broken;

type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What a client does, and its name for a person.
const KINDS: [(&str, fn(Ground, u64) -> Running); 9] = [
    ("calling in a session", |ground, client| Box::pin(clients::calling(ground, client))),
    ("asked in a session", |ground, client| Box::pin(clients::asking(ground, client))),
    ("watching in a session", |ground, client| Box::pin(clients::watching(ground, client))),
    ("calling", |ground, client| Box::pin(clients::modern_calling(ground, client))),
    ("asked in rounds", |ground, client| Box::pin(clients::rounds(ground, client))),
    ("listening", |ground, client| Box::pin(clients::listening(ground, client))),
    ("calling under keys", |ground, client| Box::pin(clients::keys(ground, client))),
    ("with tasks", |ground, client| Box::pin(clients::tasks(ground, client))),
    ("the official client", |ground, client| Box::pin(clients::official(ground, client))),
];

/// Runs clients until the time is over and all have come to their end; one that does not is a hang.
pub(crate) async fn run(ground: &Ground, each: usize, calm: Duration) {
    let mut running = JoinSet::new();
    let mut client = 0;
    for (name, kind) in KINDS {
        for _ in 0..each {
            client += 1;
            let (number, ground) = (client, ground.clone());
            running.spawn(async move {
                let most = ground.end.saturating_duration_since(std::time::Instant::now()) + calm;
                let findings = ground.findings.clone();
                if tokio::time::timeout(most, kind(ground, number)).await.is_err() {
                    findings.broke(Broken::Hang, format!("client {number} ({name}) does not come to its end"));
                }
            });
        }
    }
    while let Some(ended) = running.join_next().await {
        if let Err(error) = ended {
            ground.findings.broke(Broken::WrongAnswer, format!("a client broke: {error}"));
        }
    }
}
