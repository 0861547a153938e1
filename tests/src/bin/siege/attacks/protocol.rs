//! What the protocol offers to everybody: sessions, and questions that nobody answers. And a reader of a pipe that lags.

use std::io::{self, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use mcp_server_tests::{initialize, legacy};
use serde_json::json;

use super::{hold, many};
use crate::attack::{Attack, Attackers};
use crate::memory::resident;
use crate::target::Target;

const MIB: u64 = 1 << 20;
/// What a server on a pipe may hold for a reader that lags.
const PIPE_BUDGET: u64 = 96 * MIB;

pub(super) fn all() -> Vec<Attack> {
    vec![
        attack("session-flood", "8 clients that open sessions and do nothing", |target| {
            Box::pin(many(target, 8, session))
        }),
        attack("unanswered-questions", "100 clients that never answer what they are asked", |target| {
            Box::pin(many(target, 100, question))
        }),
        attack("lagging-pipe", "a client on a pipe that asks and does not read", |target| Box::pin(lagging(target))),
    ]
}

fn attack(name: &'static str, what: &'static str, attackers: Attackers) -> Attack {
    Attack { name, what, settings: &[], budget: 192 * MIB, attackers }
}

async fn session(target: Target) -> io::Result<()> {
    let mut stream = target.connect(target.address).await?;
    for _ in 0..100 {
        if target.is_over() {
            break;
        }
        target.post(&mut stream, &initialize("2025-11-25"), "").await?;
    }
    Ok(())
}

async fn question(target: Target) -> io::Result<()> {
    let mut stream = target.connect(target.address).await?;
    let opened = target.post(&mut stream, &initialize("2025-11-25"), "").await?;
    let id = opened.lines().find_map(|line| line.strip_prefix("mcp-session-id: "));
    let Some(id) = id else { return Err(io::ErrorKind::ConnectionRefused.into()) };
    let more = format!("MCP-Session-Id: {}\r\n", id.trim());
    let arguments = json!({ "message": "who are you?" });
    let ask = legacy(1, "tools/call", json!({ "name": "test_elicitation", "arguments": arguments }));
    target.post(&mut stream, &ask, &more).await?;
    hold(&target, stream).await;
    Ok(())
}

/// A server of its own on a pipe. One that holds more than it may is stopped, and its end is the failure of the attack.
async fn lagging(target: Target) {
    let ended = tokio::task::spawn_blocking(move || pipe(&target)).await;
    assert!(ended.is_ok_and(|held| held), "a server on a pipe holds more than {} MiB", PIPE_BUDGET >> 20);
}

fn pipe(target: &Target) -> bool {
    let own = std::env::current_exe().unwrap_or_default();
    let mut command = Command::new(own.with_file_name("everything-under-test"));
    command.args(["--stdio", "--set", "log.level=error"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let Ok(mut server) = command.spawn() else { return false };
    let (input, output) = (server.stdin.take(), server.stdout.take());
    let message = mcp_server_tests::modern(1, "tools/list", json!({})).to_string() + "\n";
    // A server that is not read stops reading: the thread is blocked then, and ends with the server.
    let writer = std::thread::spawn(move || {
        let Some(mut input) = input else { return };
        for _ in 0..200_000 {
            if input.write_all(message.as_bytes()).is_err() {
                return;
            }
        }
    });
    let mut held = true;
    while !target.is_over() {
        std::thread::sleep(Duration::from_millis(50));
        held &= resident(server.id()).is_none_or(|bytes| bytes < PIPE_BUDGET);
    }
    let killed = server.kill();
    let waited = server.wait();
    drop(output);
    drop(writer.join());
    held && killed.is_ok() && waited.is_ok()
}
