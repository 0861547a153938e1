//! Is this the answer to that call? Every reply is held against its number, one in many is read whole.

use anyhow::{Context, Result, bail, ensure};
use memchr::memmem;
use serde_json::Value;

use crate::wire::{ROWS, Tool, query, said};

/// One reply in so many is parsed.
pub const WHOLE: u32 = 512;

/// What a reply must hold, made once for a tool.
pub struct Check {
    tool: Tool,
}

impl Check {
    pub fn new(tool: Tool) -> Self {
        Self { tool }
    }

    /// Holds a reply against the call of a number.
    pub fn check(&self, number: u32, body: &[u8]) -> Result<()> {
        let mut needle = *b"\"id\":########";
        write_number(&mut needle[5..], number);
        let mut content = match self.tool {
            Tool::Echo => *b"hello ########,",
            Tool::Search => *b"arter ########\"",
        };
        write_number(&mut content[6..14], number);
        if memmem::find(body, &needle).is_none() || memmem::find(body, &content).is_none() {
            bail!("the reply to {number} is another: {}", start(body));
        }
        if number.is_multiple_of(WHOLE) {
            self.whole(number, body).with_context(|| format!("in the reply {}", start(body)))?;
        }
        Ok(())
    }

    /// Reads a reply whole.
    pub fn whole(&self, number: u32, body: &[u8]) -> Result<()> {
        let reply: Value = serde_json::from_slice(message(body)?)?;
        let result = &reply["result"];
        ensure!(reply["id"] == number, "another id");
        ensure!(result["isError"] != true, "an error");
        let text = result["content"][0]["text"].as_str().context("no text")?;
        match self.tool {
            Tool::Echo => ensure!(text == said(&number.to_string()), "another text"),
            Tool::Search => {
                let structured = &result["structuredContent"];
                let rows = serde_json::to_value(corpus::search(&query(&number.to_string()), ROWS))?;
                ensure!(structured["rows"] == rows, "other rows");
                ensure!(serde_json::from_str::<Value>(text)? == *structured, "a text that is no twin");
            }
        }
        Ok(())
    }
}

/// The message in a body: the body itself, or the last event of a stream in chunks.
fn message(body: &[u8]) -> Result<&[u8]> {
    if body.starts_with(b"{") {
        return Ok(body);
    }
    let start = memmem::rfind(body, b"data: {").context("no event")? + 6;
    let end = memchr::memchr(b'\n', &body[start..]).context("an event without an end")?;
    Ok(&body[start..start + end])
}

/// The start of a reply, for people.
pub fn start(body: &[u8]) -> String {
    String::from_utf8_lossy(body).chars().take(600).collect()
}

fn write_number(place: &mut [u8], number: u32) {
    let mut rest = number;
    for digit in place.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
    }
}
