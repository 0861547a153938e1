//! Tools that change what the server has while it runs.

use mcp_server_core::prelude::*;
use mcp_server_core::tool::Item;

/// A tool that comes and goes.
#[tool(read_only)]
async fn test_dynamic_tool() -> &'static str {
    "I was not always here."
}

/// A prompt that comes and goes.
#[prompt]
async fn test_dynamic_prompt() -> &'static str {
    "I was not always here."
}

/// Add a tool and remove it again: the list changes, and is then as it was, so that all replicas have the same one.
#[tool]
async fn test_trigger_tool_change(context: Context) -> ToolResult<Receipt> {
    context.add(tools![test_dynamic_tool]).map_err(ToolError::conflict)?;
    context.remove("test_dynamic_tool");
    Ok(Receipt::confirmed("the tool came and went"))
}

/// Add a prompt and remove it again: the list changes, and is then as it was, so that all replicas have the same one.
#[tool]
async fn test_trigger_prompt_change(context: Context) -> ToolResult<Receipt> {
    context.add(prompts![test_dynamic_prompt]).map_err(ToolError::conflict)?;
    context.remove("test_dynamic_prompt");
    Ok(Receipt::confirmed("the prompt came and went"))
}

/// Add a tool, or remove it if it is there, at the replica that takes the call.
#[tool]
async fn toggle_dynamic_tool(context: Context) -> ToolResult<Receipt> {
    if context.remove("test_dynamic_tool") {
        return Ok(Receipt::confirmed("the tool is gone"));
    }
    context.add(tools![test_dynamic_tool]).map_err(ToolError::conflict)?;
    Ok(Receipt::confirmed("the tool is there"))
}

/// Say that the watched resource changed.
#[tool]
async fn touch_watched_resource(context: Context) -> Receipt {
    context.resource_updated("test://watched-resource");
    Receipt::confirmed("subscribers were told")
}

pub(crate) fn tools() -> Vec<Item> {
    tools![test_trigger_tool_change, test_trigger_prompt_change, toggle_dynamic_tool, touch_watched_resource]
}
