//! Tools that ask the client: its user, its model, its roots.

use std::future::IntoFuture as _;

use mcp_server_core::prelude::*;
use mcp_server_core::tool::Item;
use mcp_server_core::tool::input::Answer;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize, JsonSchema)]
struct Name {
    /// Your name.
    name: String,
}

#[derive(Deserialize, JsonSchema)]
struct Color {
    /// A colour that you like.
    color: String,
}

#[derive(Deserialize, JsonSchema)]
struct Consent {
    /// Whether to go on.
    ok: bool,
}

/// Put a prompt to the client's model.
#[tool(read_only)]
async fn test_sampling(context: Context, prompt: String) -> ToolResult<String> {
    let sampled = context.sample(prompt, 100).await?;
    Ok(format!("LLM response: {}", sampled.text))
}

#[derive(Deserialize, JsonSchema)]
struct Account {
    /// A name to sign in with.
    username: String,
    /// An address to write to.
    email: String,
}

/// Put a form to the client's user.
#[tool(read_only)]
async fn test_elicitation(context: Context, message: String) -> ToolResult<String> {
    Ok(match context.elicit::<Account>(message).answer().await? {
        Answer::Accepted(account) => format!("User response: {} <{}>", account.username, account.email),
        Answer::Declined => "User response: declined".to_owned(),
        Answer::Dismissed => "User response: dismissed".to_owned(),
    })
}

async fn form(context: &Context, message: &str, properties: Value) -> ToolResult<String> {
    let schema = json!({ "type": "object", "properties": properties });
    Ok(match context.elicit_with(message, schema).answer().await? {
        Answer::Accepted(filled) => format!("Elicitation completed: action=accept, content={filled}"),
        Answer::Declined => "Elicitation completed: action=decline, content={}".to_owned(),
        Answer::Dismissed => "Elicitation completed: action=cancel, content={}".to_owned(),
    })
}

/// Put a form with default values to the client's user.
#[tool(read_only)]
async fn test_elicitation_sep1034_defaults(context: Context) -> ToolResult<String> {
    let properties = json!({
        "name": { "type": "string", "description": "A name", "default": "John Doe" },
        "age": { "type": "integer", "description": "An age", "default": 30 },
        "score": { "type": "number", "description": "A score", "default": 95.5 },
        "status": { "type": "string", "enum": ["active", "inactive", "pending"], "default": "active" },
        "verified": { "type": "boolean", "description": "Whether it was verified", "default": true },
    });
    form(&context, "Please check the values.", properties).await
}

/// Put a form with choices to the client's user.
#[tool(read_only)]
async fn test_elicitation_sep1330_enums(context: Context) -> ToolResult<String> {
    let titled = json!([
        { "const": "value1", "title": "First Option" },
        { "const": "value2", "title": "Second Option" },
        { "const": "value3", "title": "Third Option" },
    ]);
    let properties = json!({
        "untitledSingle": { "type": "string", "enum": ["option1", "option2", "option3"] },
        "titledSingle": { "type": "string", "oneOf": titled },
        "legacyEnum": {
            "type": "string",
            "enum": ["opt1", "opt2", "opt3"],
            "enumNames": ["Option One", "Option Two", "Option Three"],
        },
        "untitledMulti": { "type": "array", "items": { "type": "string", "enum": ["option1", "option2", "option3"] } },
        "titledMulti": { "type": "array", "items": { "anyOf": titled } },
    });
    form(&context, "Please choose.", properties).await
}

/// Need a client that serves sampling.
#[tool(read_only)]
async fn test_missing_capability(context: Context) -> ToolResult<String> {
    let sampled = context.sample("Say hello.", 10).await?;
    Ok(format!("LLM response: {}", sampled.text))
}

/// Ask the user something on a stream.
#[tool(read_only)]
async fn test_streaming_elicitation(context: Context) -> ToolResult<String> {
    let Name { name } = context.elicit("What is your name?").key("user_name").await?;
    Ok(format!("Hello, {name}!"))
}

/// Ask the user for a name.
#[tool(read_only)]
async fn test_input_required_result_elicitation(context: Context) -> ToolResult<String> {
    let Name { name } = context.elicit("What is your name?").key("user_name").await?;
    Ok(format!("Hello, {name}!"))
}

/// Ask the client's model.
#[tool(read_only)]
async fn test_input_required_result_sampling(context: Context) -> ToolResult<String> {
    let sampled = context.sample("What is the capital of France?", 100).key("capital_question").await?;
    Ok(format!("The model said: {}", sampled.text))
}

/// Ask for the client's roots.
#[tool(read_only)]
async fn test_input_required_result_list_roots(context: Context) -> ToolResult<String> {
    let roots = context.roots_under("client_roots").await?;
    Ok(format!("The client has {} roots.", roots.len()))
}

/// Ask for a confirmation and keep state in between.
#[tool(read_only)]
async fn test_input_required_result_request_state(context: Context) -> ToolResult<String> {
    let Consent { ok } = context.elicit("Shall it go on?").key("confirm").await?;
    Ok(format!("state-ok, confirmed: {ok}"))
}

/// Ask for three things at once.
#[tool(read_only)]
async fn test_input_required_result_multiple_inputs(context: Context) -> ToolResult<String> {
    let (name, greeting, roots) = tokio::join!(
        context.elicit::<Name>("What is your name?").key("user_name").into_future(),
        context.sample("Write a short greeting.", 50).key("greeting").into_future(),
        context.roots_under("client_roots"),
    );
    Ok(format!("{}: {} ({} roots)", name?.name, greeting?.text, roots?.len()))
}

/// Ask for two things, one after the other.
#[tool(read_only)]
async fn test_input_required_result_multi_round(context: Context) -> ToolResult<String> {
    let Name { name } = context.elicit("What is your name?").key("step1").await?;
    let Color { color } = context.elicit("What is your favourite colour?").key("step2").await?;
    Ok(format!("{name} likes {color}."))
}

/// Ask for a confirmation; state that was tampered with is refused.
#[tool(read_only)]
async fn test_input_required_result_tampered_state(context: Context) -> ToolResult<String> {
    let Consent { ok } = context.elicit("Shall it go on?").key("confirm").await?;
    Ok(format!("confirmed: {ok}"))
}

/// Ask by what the client can do: its user if it shows forms, its model else.
#[tool(read_only)]
async fn test_input_required_result_capabilities(context: Context) -> ToolResult<String> {
    if context.client().elicitation_form {
        let Name { name } = context.elicit("What is your name?").key("user_name").await?;
        return Ok(format!("Hello, {name}!"));
    }
    let sampled = context.sample("Say hello.", 50).key("greeting").await?;
    Ok(sampled.text)
}

pub(crate) fn tools() -> Vec<Item> {
    tools![
        test_sampling,
        test_elicitation,
        test_elicitation_sep1034_defaults,
        test_elicitation_sep1330_enums,
        test_missing_capability,
        test_streaming_elicitation,
        test_input_required_result_elicitation,
        test_input_required_result_sampling,
        test_input_required_result_list_roots,
        test_input_required_result_request_state,
        test_input_required_result_multiple_inputs,
        test_input_required_result_multi_round,
        test_input_required_result_tampered_state,
        test_input_required_result_capabilities,
    ]
}
