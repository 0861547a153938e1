//! A prompt has no struct of arguments.

use mcp_server_core::prelude::*;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Question {
    text: String,
}

#[prompt]
async fn ask(Args(question): Args<Question>) -> String {
    question.text
}

fn main() {
    let _ = prompts![ask];
}
