//! Modern calls over rounds of input: each round may meet another replica, which opens what the last one sealed.

use std::time::Duration;

use serde_json::{Value, json};

use super::Ground;
use crate::findings::{Broken, Count};
use crate::legacy::PAUSE;
use crate::modern;
use crate::verdict;

/// Completes calls that ask for two things.
pub(crate) async fn rounds(ground: Ground, client: u64) {
    let mut choices = ground.choices(client);
    let mut number = 0;
    while !ground.is_over() {
        number += 1;
        let words = ["a", "b"].map(|word| format!("{word}{client}x{number}"));
        let mut params = json!({ "name": "ask", "arguments": {} });
        let mut asked = 0;
        let result = loop {
            let Some(result) = modern::ask(&ground, "tools/call", &params).await else { break Value::Null };
            if result["resultType"] != "input_required" || asked > 2 {
                break result;
            }
            asked += 1;
            tokio::time::sleep(Duration::from_millis(choices.within(1, 300))).await;
            let mut responses = json!({});
            for key in result["inputRequests"].as_object().into_iter().flat_map(|requests| requests.keys()) {
                let word = &words[usize::from(key == "second")];
                responses[key] = json!({ "action": "accept", "content": { "word": word } });
            }
            params["inputResponses"] = responses;
            params["requestState"] = result["requestState"].clone();
        };
        if verdict::text(&result) == words.join(" ") {
            ground.findings.count(Count::RoundsCompleted);
        } else if !result.is_null() {
            ground.findings.broke(Broken::WrongAnswer, format!("{words:?} came back as {result} after {asked} rounds"));
        }
        tokio::time::sleep(PAUSE).await;
    }
}
