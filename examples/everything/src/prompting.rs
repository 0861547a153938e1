//! Prompts.

use mcp_server_core::prelude::*;
use mcp_server_core::protocol::{Block, ResourceContents, Role};
use mcp_server_core::tool::Item;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::content::PIXEL;

/// A prompt without arguments.
#[prompt]
async fn test_simple_prompt() -> &'static str {
    "This is a simple prompt for testing."
}

#[expect(clippy::unused_async, reason = "a completer is async: most ask a database")]
async fn words(_: Context, typed: String) -> Vec<String> {
    ["test1", "test2", "other"].into_iter().filter(|word| word.starts_with(&typed)).map(str::to_owned).collect()
}

#[expect(clippy::panic, clippy::unused_async, reason = "it shows what becomes of a completer that panics")]
async fn broken(_: Context, _typed: String) -> Vec<String> {
    panic!("secret detail of a completer")
}

/// A prompt with two arguments.
#[prompt]
async fn test_prompt_with_arguments(
    /// The first argument.
    #[arg(complete = words)]
    arg1: String,
    /// The second argument.
    arg2: String,
) -> String {
    format!("Prompt with arguments: arg1='{arg1}', arg2='{arg2}'")
}

/// A prompt that holds a resource.
#[prompt]
async fn test_prompt_with_embedded_resource(
    /// The resource's URI.
    #[arg(rename = "resourceUri", complete = broken)]
    resource_uri: String,
) -> Messages {
    let contents = ResourceContents::text(resource_uri, "text/plain", "Embedded resource content for testing.");
    Messages::new()
        .push(Role::User, Block::Resource { resource: contents })
        .user("Please process the embedded resource above.")
}

/// A prompt that holds a picture.
#[prompt]
async fn test_prompt_with_image() -> Messages {
    Messages::new().push(Role::User, Block::image(PIXEL, "image/png")).user("Please analyze the image above.")
}

#[derive(Deserialize, JsonSchema)]
struct UserContext {
    /// What the prompt should know.
    context: String,
}

/// A prompt that asks the user something first.
#[prompt]
async fn test_input_required_result_prompt(context: Context) -> ToolResult<Messages> {
    let UserContext { context } = context.elicit("What should the prompt know?").key("user_context").await?;
    Ok(Messages::new().user(format!("Use this context: {context}")))
}

pub(crate) fn prompts() -> Vec<Item> {
    prompts![
        test_simple_prompt,
        test_prompt_with_arguments,
        test_prompt_with_embedded_resource,
        test_prompt_with_image,
        test_input_required_result_prompt,
    ]
}
