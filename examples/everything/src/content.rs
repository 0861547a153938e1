//! Tools that return each kind of content.

use std::time::Duration;

use mcp_server_core::prelude::*;
use mcp_server_core::protocol::ResourceContents;
use mcp_server_core::tool::Item;

/// A red pixel.
pub(crate) const PIXEL: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 2,
    0, 0, 0, 0x90, 0x77, 0x53, 0xde, 0, 0, 0, 12, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0xf8, 0xcf, 0xc0, 0, 0, 3,
    1, 1, 0, 0xc9, 0xfe, 0x92, 0xef, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

/// A hundredth of a second of silence: eight kilohertz, one channel, eight bits.
fn silence() -> Vec<u8> {
    let samples = [0x80_u8; 80];
    let mut wave = Vec::from(*b"RIFF");
    wave.extend_from_slice(&(36 + 80_u32).to_le_bytes());
    wave.extend_from_slice(b"WAVEfmt ");
    wave.extend_from_slice(&16_u32.to_le_bytes());
    wave.extend_from_slice(&[1, 0, 1, 0]);
    wave.extend_from_slice(&8000_u32.to_le_bytes());
    wave.extend_from_slice(&8000_u32.to_le_bytes());
    wave.extend_from_slice(&[1, 0, 8, 0]);
    wave.extend_from_slice(b"data");
    wave.extend_from_slice(&80_u32.to_le_bytes());
    wave.extend_from_slice(&samples);
    wave
}

/// Return a simple text.
#[tool(read_only)]
async fn test_simple_text() -> &'static str {
    "This is a simple text response for testing."
}

/// Return a picture.
#[tool(read_only)]
async fn test_image_content() -> Image {
    Image::png(PIXEL)
}

/// Return a sound.
#[tool(read_only)]
async fn test_audio_content() -> Audio {
    Audio::wav(silence())
}

/// Return a resource, whole.
#[tool(read_only)]
async fn test_embedded_resource() -> Content {
    Content::new().resource(ResourceContents::text(
        "test://embedded-resource",
        "text/plain",
        "This is an embedded resource content.",
    ))
}

/// Return text, a picture and a resource.
#[tool(read_only)]
async fn test_multiple_content_types() -> Content {
    Content::new().text("Multiple content types test:").image(&Image::png(PIXEL)).resource(ResourceContents::text(
        "test://mixed-content-resource",
        "application/json",
        r#"{"test":"data","value":123}"#,
    ))
}

/// Send log messages while it runs.
#[tool(read_only)]
async fn test_tool_with_logging(context: Context) -> &'static str {
    context.log(LogLevel::Info, "Tool execution started");
    tokio::time::sleep(Duration::from_millis(50)).await;
    context.log(LogLevel::Info, "Tool processing data");
    tokio::time::sleep(Duration::from_millis(50)).await;
    context.log(LogLevel::Info, "Tool execution completed");
    "Three messages were logged."
}

/// Log one message, which goes only to who asked for it.
#[tool(read_only)]
async fn test_logging_tool(context: Context) -> &'static str {
    context.log(LogLevel::Info, "This goes to who asked for it.");
    "One message was logged."
}

/// Report progress while it runs.
#[tool(read_only)]
async fn test_tool_with_progress(progress: Progress) -> &'static str {
    progress.report(0.0, Some(100.0), "Started");
    tokio::time::sleep(Duration::from_millis(50)).await;
    progress.report(50.0, Some(100.0), "Halfway");
    tokio::time::sleep(Duration::from_millis(50)).await;
    progress.report(100.0, Some(100.0), "Done");
    "Progress was reported."
}

/// Let the client's connection go before the answer is there.
#[tool(read_only)]
async fn test_reconnection(context: Context) -> &'static str {
    context.release_connection();
    tokio::time::sleep(Duration::from_millis(500)).await;
    "You came back for this."
}

/// Fail, always.
#[tool(read_only)]
async fn test_error_handling() -> ToolResult<String> {
    Err(ToolError::conflict("This tool intentionally returns an error for testing"))
}

pub(crate) fn tools() -> Vec<Item> {
    tools![
        test_simple_text,
        test_image_content,
        test_audio_content,
        test_embedded_resource,
        test_multiple_content_types,
        test_tool_with_logging,
        test_logging_tool,
        test_tool_with_progress,
        test_error_handling,
        test_reconnection,
    ]
}
