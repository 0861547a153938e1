//! The floor over stdio: a bare tokio loop that reads a line, answers `echo`, and writes when no line is waiting.
#![forbid(unsafe_code)]

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    method: Cow<'a, str>,
    #[serde(borrow)]
    params: Option<Params<'a>>,
}

#[derive(Deserialize)]
struct Params<'a> {
    #[serde(borrow)]
    arguments: Option<Echo<'a>>,
}

#[derive(Deserialize)]
struct Echo<'a> {
    #[serde(borrow)]
    message: Cow<'a, str>,
}

#[derive(Serialize)]
struct Reply<'a, R> {
    jsonrpc: &'static str,
    id: &'a RawValue,
    result: R,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToolResult<'a> {
    result_type: &'static str,
    content: [Text<'a>; 1],
}

#[derive(Serialize)]
struct Text<'a> {
    r#type: &'static str,
    text: &'a str,
}

/// What a greeting is answered with, so that the first answer can be timed.
const HELLO: &str = r#"{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"stdio-floor","version":"0.1.0"}}"#;

fn answer(line: &[u8], out: &mut Vec<u8>) -> serde_json::Result<()> {
    let request: Request<'_> = serde_json::from_slice(line)?;
    let Some(id) = request.id else { return Ok(()) };
    if request.method != "tools/call" {
        let result: &RawValue = serde_json::from_str(HELLO)?;
        serde_json::to_writer(&mut *out, &Reply { jsonrpc: "2.0", id, result })?;
    } else if let Some(echo) = request.params.as_ref().and_then(|params| params.arguments.as_ref()) {
        let result = ToolResult { result_type: "complete", content: [Text { r#type: "text", text: &echo.message }] };
        serde_json::to_writer(&mut *out, &Reply { jsonrpc: "2.0", id, result })?;
    }
    out.push(b'\n');
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    #[cfg(feature = "count")]
    counting::tell();
    let mut lines = BufReader::with_capacity(64 * 1024, tokio::io::stdin());
    let mut stdout = tokio::io::stdout();
    let (mut line, mut out) = (Vec::new(), Vec::new());
    while lines.read_until(b'\n', &mut line).await? > 0 {
        answer(&line, &mut out)?;
        line.clear();
        if !lines.buffer().contains(&b'\n') {
            stdout.write_all(&out).await?;
            stdout.flush().await?;
            out.clear();
        }
    }
    Ok(())
}
