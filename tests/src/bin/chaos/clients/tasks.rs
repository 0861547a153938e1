//! Tasks: made, looked at, answered and given up, each time at whatever replica comes.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Ground;
use crate::findings::{Broken, Count};
use crate::legacy::PAUSE;
use crate::modern::{self, Attempt};
use crate::verdict::{self, End};

/// In this time a task comes to its end, even if its worker dies and another one begins anew.
const MOST: Duration = Duration::from_secs(50);

/// What a task is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It may be run again.
    Repeatable,
    /// It writes a line, once.
    Once,
    /// It asks for a word.
    Asking,
    /// It is given up.
    GivenUp,
    /// It may be run again by replicas of the new version alone.
    Novel,
}

/// Makes tasks and sees each to its end.
pub(crate) async fn tasks(ground: Ground, client: u64) {
    let mut choices = ground.choices(client);
    let mut number = 0;
    while !ground.is_over() {
        number += 1;
        let kinds = [Kind::Repeatable, Kind::Once, Kind::Asking, Kind::GivenUp, Kind::Novel];
        let kind = kinds[usize::try_from(choices.within(0, 5)).unwrap_or(0)];
        let line = format!("task {client} {number}");
        let ms = choices.within(100, 1500);
        let params = match kind {
            Kind::Novel => json!({ "name": "job_novel", "arguments": { "ms": ms } }),
            Kind::Repeatable => json!({ "name": "job", "arguments": { "ms": ms } }),
            Kind::GivenUp => json!({ "name": "job", "arguments": { "ms": 60_000 } }),
            Kind::Once => {
                json!({ "name": "job_once", "arguments": { "book": ground.book.path(), "line": line, "ms": ms } })
            }
            Kind::Asking => json!({ "name": "job_asking", "arguments": {} }),
        };
        if let Attempt::End(End::Answer(made)) = modern::attempt(&ground, "tools/call", params).await {
            match made["taskId"].as_str() {
                Some(id) => {
                    ground.findings.count(Count::TasksMade);
                    see_through(&ground, kind, id, &line, ms).await;
                }
                None => ground.findings.broke(Broken::WrongAnswer, format!("no task: {made}")),
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Looks at a task until it is over.
async fn see_through(ground: &Ground, kind: Kind, id: &str, line: &str, ms: u64) {
    let began = Instant::now();
    let named = json!({ "taskId": id });
    if kind == Kind::GivenUp {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        if ask(ground, "tasks/cancel", &named).await.is_none() {
            return;
        }
    }
    loop {
        let Some(task) = ask(ground, "tasks/get", &named).await else { return };
        match task["status"].as_str().unwrap_or_default() {
            "working" => {}
            "input_required" => {
                let mut answers = json!({});
                for key in task["inputRequests"].as_object().into_iter().flat_map(|requests| requests.keys()) {
                    answers[key] = json!({ "action": "accept", "content": { "word": line } });
                }
                let update = json!({ "taskId": id, "inputResponses": answers });
                if ask(ground, "tasks/update", &update).await.is_none() {
                    return;
                }
                ground.findings.count(Count::TasksAnswered);
            }
            _ => return judge(ground, kind, line, &task),
        }
        if began.elapsed() > MOST {
            let after = began.elapsed().as_secs();
            ground.findings.broke(Broken::TaskLost, format!("{kind:?} {id} has no end after {after} s: {task}"));
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// What a task came to.
fn judge(ground: &Ground, kind: Kind, line: &str, task: &Value) {
    let findings = &ground.findings;
    let text = verdict::text(&task["result"]);
    match (task["status"].as_str().unwrap_or_default(), kind) {
        ("completed", _) if task["result"]["isError"] == true => {
            let may_be_retried = task["result"]["_meta"]["rs.mcp-server/error"]["retryable"] == true;
            if may_be_retried {
                findings.count(Count::TasksEndedRetryable);
            } else {
                findings.broke(Broken::WrongAnswer, format!("{kind:?} failed for good: {task}"));
            }
        }
        ("completed", Kind::Once) => {
            ground.book.confirm(line);
            findings.count(Count::TasksCompleted);
        }
        ("completed", Kind::Asking) if text != line => {
            findings.broke(Broken::WrongAnswer, format!("{line} came back as {task}"));
        }
        ("completed", Kind::Novel) => findings.count(Count::NovelTasksCompleted),
        ("completed", _) => findings.count(Count::TasksCompleted),
        ("cancelled", Kind::GivenUp) => findings.count(Count::TasksGivenUp),
        // What may be run again is; only the rest may end with its worker.
        ("failed", kind)
            if !matches!(kind, Kind::Repeatable | Kind::Novel) && task["error"]["data"]["retryable"] == true =>
        {
            findings.count(Count::TasksEndedRetryable);
        }
        _ => findings.broke(Broken::WrongAnswer, format!("{kind:?} ended as {task}")),
    }
}

/// Asks about a task until there is an answer. `None` when it is lost, which is noted.
async fn ask(ground: &Ground, method: &str, params: &Value) -> Option<Value> {
    let began = Instant::now();
    while began.elapsed() < MOST {
        match modern::attempt(ground, method, params.clone()).await {
            Attempt::End(End::Answer(result)) => return Some(result),
            Attempt::End(End::Later) | Attempt::Cut => {}
            Attempt::End(End::Refused(why)) => {
                ground.findings.broke(Broken::TaskLost, format!("{method} {params}: {why}"));
                return None;
            }
            Attempt::Broken => return None,
        }
        tokio::time::sleep(PAUSE).await;
    }
    ground.findings.broke(Broken::TaskLost, format!("{method} {params}: no answer in any attempt"));
    None
}
