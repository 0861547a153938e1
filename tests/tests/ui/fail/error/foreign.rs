//! An error type of another crate, of which the framework cannot know whose fault it is.

use mcp_server_core::prelude::*;

/// Read a year.
#[tool(read_only)]
async fn year(line: String) -> ToolResult<String> {
    let year: i32 = line.parse()?;
    Ok(year.to_string())
}

fn main() {}
