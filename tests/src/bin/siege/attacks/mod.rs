//! The attacks, in the order in which they run.

mod bodies;
mod connections;
mod protocol;

use std::future::Future;
use std::io;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::attack::Attack;
use crate::target::Target;

/// All of them.
pub(crate) fn all() -> Vec<Attack> {
    [connections::all(), bodies::all(), protocol::all()].into_iter().flatten().collect()
}

/// So many attackers at once, each of whom repeats something until the attack is over.
async fn many<F>(target: Target, number: usize, attempt: fn(Target) -> F)
where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    let mut attackers = JoinSet::new();
    for _ in 0..target.scaled(number) {
        let target = target.clone();
        attackers.spawn(async move {
            while !target.is_over() {
                if attempt(target.clone()).await.is_err() {
                    // It was refused, or closed: it is tried again after a moment.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        });
    }
    while attackers.join_next().await.is_some() {}
}

/// Keeps something open until the attack is over, or the server closes it.
async fn hold(target: &Target, mut stream: tokio::net::TcpStream) {
    use tokio::io::AsyncReadExt as _;
    let mut piece = [0; 1024];
    while !target.is_over() {
        let read = tokio::time::timeout(Duration::from_millis(200), stream.read(&mut piece)).await;
        if matches!(read, Ok(Ok(0) | Err(_))) {
            return;
        }
    }
}
