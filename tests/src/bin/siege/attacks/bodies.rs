//! Bodies that cost the server more than their client: large, of many values, of many distinct texts.

use std::io;

use mcp_server_tests::call;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::many;
use crate::attack::{Attack, Attackers};
use crate::target::Target;

const MIB: u64 = 1 << 20;

pub(super) fn all() -> Vec<Attack> {
    vec![
        attack("large-bodies", "16 clients that send 3 MB each", |target| Box::pin(many(target, 16, large))),
        attack("unfinished-bodies", "100 bodies of 4 MB that never end", |target| {
            Box::pin(many(target, 100, unfinished))
        }),
        attack("many-values", "4 clients whose 2 MB are small objects", |target| {
            Box::pin(many(target, 4, many_values))
        }),
        attack("distinct-strings", "4 clients whose 170 KB are distinct texts", |target| {
            Box::pin(many(target, 4, distinct))
        }),
        attack("too-large", "16 clients that send 8 MB", |target| Box::pin(many(target, 16, too_large))),
    ]
}

/// The budget is what requests in flight may hold, and what the allocator keeps of it.
fn attack(name: &'static str, what: &'static str, attackers: Attackers) -> Attack {
    Attack { name, what, settings: &[], budget: 384 * MIB, attackers }
}

/// Sends a whole body, and reads until the answer has begun.
async fn send(target: &Target, message: &Value) -> io::Result<()> {
    let body = message.to_string();
    let mut stream = target.connect(target.address).await?;
    stream.write_all(target.head(message, body.len(), "").as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    let mut first = [0; 1024];
    let wait = std::time::Duration::from_secs(10);
    tokio::time::timeout(wait, stream.read(&mut first)).await.map_err(io::Error::from)??;
    Ok(())
}

async fn large(target: Target) -> io::Result<()> {
    send(&target, &call(1, "limited", json!({ "query": "x".repeat(3_000_000) }))).await
}

async fn too_large(target: Target) -> io::Result<()> {
    send(&target, &call(1, "limited", json!({ "query": "x".repeat(8_000_000) }))).await
}

async fn unfinished(target: Target) -> io::Result<()> {
    let message = call(1, "limited", json!({}));
    let mut stream = target.connect(target.address).await?;
    stream.write_all(target.head(&message, 4_000_000, "").as_bytes()).await?;
    stream.write_all(&vec![b' '; 3_900_000]).await?;
    super::hold(&target, stream).await;
    Ok(())
}

async fn many_values(target: Target) -> io::Result<()> {
    let objects: Vec<Value> = (0..250_000).map(|_| json!({ "a": 1 })).collect();
    send(&target, &call(1, "limited", json!({ "limit": objects }))).await
}

async fn distinct(target: Target) -> io::Result<()> {
    let texts: Vec<String> = (0..15_000).map(|at| format!("text-{at:05}")).collect();
    send(&target, &call(1, "limited", json!({ "limit": texts }))).await
}
