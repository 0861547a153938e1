//! Calls under an idempotency key, repeated until they have an end: what they do is done once, or it is not known.

use serde_json::json;

use super::Ground;
use crate::findings::{Broken, Count};
use crate::legacy::PAUSE;
use crate::modern::{self, Attempt};
use crate::verdict::End;

/// Writes lines in the book, each under a key of its own, and repeats each call although it was answered.
pub(crate) async fn keys(ground: Ground, client: u64) {
    let mut choices = ground.choices(client);
    let mut number = 0;
    while !ground.is_over() {
        number += 1;
        let line = format!("key {client} {number}");
        let arguments = json!({ "book": ground.book.path(), "line": line, "ms": choices.within(1, 400) });
        let meta = json!({ "rs.mcp-server/idempotencyKey": line });
        let params = json!({ "name": "write_down", "arguments": arguments, "_meta": meta });
        // Two at once, as an impatient agent does, and then once more.
        let (first, second) = tokio::join!(end(&ground, &params), end(&ground, &params));
        let third = end(&ground, &params).await;
        for result in [first, second, third].into_iter().flatten() {
            ground.book.confirm(&line);
            ground.findings.count(Count::KeyedCallsAnswered);
            // What a repeat gets says so behind the line.
            let what = result["structuredContent"]["what"].as_str().unwrap_or_default();
            if what
                .strip_prefix(line.as_str())
                .is_none_or(|rest| !rest.is_empty() && !rest.starts_with(" (by an earlier"))
            {
                ground.findings.broke(Broken::WrongAnswer, format!("{line} came back as {result}"));
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Repeats a call until it ends for good: in its answer, or because nobody knows how far the run came that died.
async fn end(ground: &Ground, params: &serde_json::Value) -> Option<serde_json::Value> {
    loop {
        match modern::attempt(ground, "tools/call", params.clone()).await {
            Attempt::End(End::Answer(result)) => return Some(result),
            Attempt::End(End::Later) | Attempt::Cut => {}
            Attempt::End(End::Refused(why)) if why.contains("\"worker_lost\"") => {
                ground.findings.count(Count::KeyedCallsUnknown);
                return None;
            }
            Attempt::End(End::Refused(why)) => {
                ground.findings.broke(Broken::WrongAnswer, format!("{params}: {why}"));
                return None;
            }
            Attempt::Broken => return None,
        }
        if ground.is_overdue() {
            ground.findings.broke(Broken::NeverEnded, format!("{params}: no answer in any attempt"));
            return None;
        }
        tokio::time::sleep(PAUSE).await;
    }
}
