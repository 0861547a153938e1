//! What most servers need: `use mcp_server_core::prelude::*;`

pub use std::process::ExitCode;

pub use mcp_server_macros::{items, prompt, prompts, resource, resources, tool, tools};

pub use crate::principal::Principal;
pub use crate::protocol::LogLevel;
pub use crate::server::Server;
pub use crate::tool::{
    Args, Audio, Cancellation, Content, Contents, Context, ErrorKind, Found, Image, IntoToolError, Messages, Progress,
    Receipt, Rows, State, Structured, ToolError, ToolResult,
};
