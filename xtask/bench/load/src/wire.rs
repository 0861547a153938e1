//! Requests as bytes, made once; only the digits of the call's number change from one to the next.

use clap::ValueEnum;

/// The first number of a call; all have as many digits.
pub const FIRST: u32 = 10_000_000;

const DIGITS: usize = 8;
const SLOT: &str = "########";

/// Which way of speaking a request has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Era {
    /// 2026-07-28: each request stands alone.
    Modern,
    /// 2025-11-25: within a session.
    Legacy,
}

/// Which tool is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Tool {
    /// A text in, the same text out.
    Echo,
    /// Ten rows.
    Search,
}

/// How many rows `search` is asked for.
pub const ROWS: u32 = 10;

impl Tool {
    fn name(self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::Search => "search",
        }
    }

    fn arguments(self) -> String {
        match self {
            Self::Echo => format!(r#"{{"message":"{}"}}"#, said(SLOT)),
            Self::Search => format!(r#"{{"query":"{}","limit":{ROWS}}}"#, query(SLOT)),
        }
    }
}

/// What `echo` is told in the call of a number.
pub fn said(number: &str) -> String {
    format!("hello {number}, this is a message of a usual length")
}

/// What `search` is asked in the call of a number.
pub fn query(number: &str) -> String {
    format!("results of quarter {number}")
}

/// A request with slots for its number.
#[derive(Clone)]
pub struct Template {
    bytes: Vec<u8>,
    slots: Vec<usize>,
    body: usize,
}

impl Template {
    /// A call over HTTP.
    pub fn http(era: Era, tool: Tool, host: &str, session: Option<&str>) -> Self {
        let headers = match era {
            Era::Modern => format!("Mcp-Method: tools/call\r\nMcp-Name: {}\r\n", tool.name()),
            Era::Legacy => session.map(|id| format!("Mcp-Session-Id: {id}\r\n")).unwrap_or_default(),
        };
        Self::post(era, host, &headers, &call(era, tool))
    }

    /// A message of any kind over HTTP.
    pub fn post(era: Era, host: &str, headers: &str, body: &str) -> Self {
        let version = version(era);
        let length = body.len();
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: {host}\r\nUser-Agent: load/0.1\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: {version}\r\n{headers}\
             Content-Length: {length}\r\n\r\n"
        );
        Self::new(head, body)
    }

    /// A call over stdio.
    pub fn line(era: Era, tool: Tool) -> Self {
        Self::new(String::new(), &(call(era, tool) + "\n"))
    }

    fn new(mut text: String, body: &str) -> Self {
        let start = text.len();
        text.push_str(body);
        let slots = text.match_indices(SLOT).map(|(at, _)| at).collect();
        Self { bytes: text.into_bytes(), slots, body: start }
    }

    /// The bytes of the call of a number.
    pub fn fill(&mut self, number: u32) -> &[u8] {
        let mut digits = [b'0'; DIGITS];
        let mut rest = number;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
        }
        for &slot in &self.slots {
            self.bytes[slot..slot + DIGITS].copy_from_slice(&digits);
        }
        &self.bytes
    }

    /// Where the body begins.
    pub fn body(&self) -> usize {
        self.body
    }
}

/// How the era is called in a header.
pub fn version(era: Era) -> &'static str {
    match era {
        Era::Modern => "2026-07-28",
        Era::Legacy => "2025-11-25",
    }
}

fn call(era: Era, tool: Tool) -> String {
    let meta = match era {
        Era::Modern => concat!(
            r#","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","#,
            r#""io.modelcontextprotocol/clientCapabilities":{},"#,
            r#""io.modelcontextprotocol/clientInfo":{"name":"load","version":"0.1.0"}}"#
        ),
        Era::Legacy => "",
    };
    let (name, arguments) = (tool.name(), tool.arguments());
    format!(
        r#"{{"jsonrpc":"2.0","id":{SLOT},"method":"tools/call","params":{{"name":"{name}","arguments":{arguments}{meta}}}}}"#
    )
}

/// The first message of a session.
pub const INITIALIZE: &str = concat!(
    r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","#,
    r#""capabilities":{},"clientInfo":{"name":"load","version":"0.1.0"}}}"#
);

const DISCOVER: &str = concat!(
    r#"{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":{"#,
    r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#
);

/// What a client says first.
pub fn greeting(era: Era) -> &'static str {
    match era {
        Era::Modern => DISCOVER,
        Era::Legacy => INITIALIZE,
    }
}

/// The second message of a session.
pub const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
