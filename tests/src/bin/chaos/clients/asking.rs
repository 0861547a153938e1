//! Legacy calls that ask their user: the question comes on the call's stream, the answer goes to any replica.

use std::time::Duration;

use serde_json::json;

use super::Ground;
use crate::findings::{Broken, Count};
use crate::legacy::{Heard, PAUSE, Session};
use crate::verdict::{self, End};

/// Answers two questions of each call, after a while, and drops the stream in between now and then.
pub(crate) async fn asking(ground: Ground, client: u64) {
    let mut choices = ground.choices(client);
    let Some(session) = Session::open(&ground).await else { return };
    let mut number = 0;
    while !ground.is_over() {
        number += 1;
        let params = json!({ "name": "ask", "arguments": {} });
        let Some(mut call) = session.request("tools/call", params).await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let mut words = Vec::new();
        let end = loop {
            match call.next().await {
                Heard::Message(question) if question["method"] == "elicitation/create" => {
                    tokio::time::sleep(Duration::from_millis(choices.within(1, 400))).await;
                    if choices.one_in(3) {
                        call.cut();
                    }
                    let word = format!("w{client}x{number}x{}", words.len());
                    let answer = json!({ "action": "accept", "content": { "word": word } });
                    if !session.answer(&question, answer).await {
                        return;
                    }
                    words.push(word);
                    ground.findings.count(Count::QuestionsAnswered);
                }
                Heard::Message(_) => {}
                Heard::End(end) => break end,
            }
        };
        if let Some(End::Answer(result)) = end
            && verdict::text(&result) != words.join(" ")
        {
            ground.findings.broke(Broken::WrongAnswer, format!("{words:?} came back as {result}"));
        }
        tokio::time::sleep(PAUSE).await;
    }
}
