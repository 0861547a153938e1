//! HTTP/1.1 by hand: what no client library would send can be sent, and what came back is seen as it is.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long a test waits before it says that something hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// One connection to the server.
#[derive(Debug)]
pub struct Connection {
    stream: BufReader<TcpStream>,
    address: SocketAddr,
    chunked: bool,
}

/// A whole response.
#[derive(Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The headers by their names in lower case.
    pub headers: HashMap<String, String>,
    /// The body.
    pub body: String,
}

impl Reply {
    /// The body as JSON, or the last message of a stream of events.
    pub fn json(&self) -> Value {
        let text = if self.headers.get("content-type").is_some_and(|kind| kind.starts_with("text/event-stream")) {
            self.body.lines().filter_map(|line| line.strip_prefix("data: ")).next_back().unwrap_or_default()
        } else {
            &self.body
        };
        serde_json::from_str(text).unwrap_or_else(|error| panic!("no JSON: {error}: {:?}", self.body))
    }

    /// The error that the framework describes beside a failed tool call.
    pub fn tool_error(&self) -> Value {
        self.json()["result"]["_meta"]["rs.mcp-server/error"].clone()
    }
}

impl Connection {
    /// Connects.
    pub fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server takes connections");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out can be set");
        stream.set_nodelay(true).expect("no delay");
        Self { stream: BufReader::new(stream), address, chunked: false }
    }

    /// Sends bytes as they are.
    pub fn write(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).expect("the server reads");
    }

    /// Sends a request with a body and headers of one's own; `Host` and the length are added unless given.
    pub fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) {
        let mut head = format!("{method} {path} HTTP/1.1\r\n");
        let has = |name: &str| headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
        if !has("host") {
            head.push_str(&format!("Host: {}\r\n", self.address));
        }
        if !has("content-length") {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let mut all = head.into_bytes();
        all.extend_from_slice(body);
        self.write(&all);
    }

    /// Posts a message; a modern one gets the headers that repeat it.
    pub fn post(&mut self, message: &Value, more: &[(&str, &str)]) {
        let mut headers = vec![
            ("Content-Type".to_owned(), "application/json".to_owned()),
            ("Accept".to_owned(), "application/json, text/event-stream".to_owned()),
        ];
        if message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"].is_string() {
            headers.push(("MCP-Protocol-Version".to_owned(), "2026-07-28".to_owned()));
            headers.push(("Mcp-Method".to_owned(), message["method"].as_str().unwrap_or_default().to_owned()));
            let name = match message["method"].as_str().unwrap_or_default() {
                "resources/read" => "uri",
                method if method.starts_with("tasks/") => "taskId",
                _ => "name",
            };
            if let Some(name) = message["params"][name].as_str() {
                headers.push(("Mcp-Name".to_owned(), name.to_owned()));
            }
        }
        headers.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.send("POST", "/mcp", &headers, message.to_string().as_bytes());
    }

    /// Posts a message and reads the whole response.
    pub fn ask(&mut self, message: &Value, more: &[(&str, &str)]) -> Reply {
        self.post(message, more);
        self.reply()
    }

    /// Reads a response's head.
    pub fn head(&mut self) -> Reply {
        let status_line = self.line();
        let status = status_line.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no status line: {status_line:?}"));
        let mut headers = HashMap::new();
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        self.chunked = headers.get("transfer-encoding").is_some_and(|coding| coding == "chunked");
        Reply { status, headers, body: String::new() }
    }

    /// Reads a whole response.
    pub fn reply(&mut self) -> Reply {
        let mut reply = self.head();
        if self.chunked {
            // A stream that is kept alive would be read for ever.
            let began = Instant::now();
            while let Some(piece) = self.piece() {
                reply.body.push_str(&piece);
                assert!(began.elapsed() < PATIENCE, "the stream does not end: {:?}", reply.body);
            }
        } else {
            let length = reply.headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
            let mut body = vec![0; length];
            self.stream.read_exact(&mut body).expect("the body arrives");
            reply.body = String::from_utf8(body).expect("the body is text");
        }
        reply
    }

    /// Reads one piece of a stream; `None` at its end.
    pub fn piece(&mut self) -> Option<String> {
        let size = usize::from_str_radix(self.line().trim(), 16).expect("a chunk has its size");
        let mut piece = vec![0; size + 2];
        self.stream.read_exact(&mut piece).expect("the chunk arrives");
        piece.truncate(size);
        (size > 0).then(|| String::from_utf8(piece).expect("the chunk is text"))
    }

    /// Reads pieces until one has a text in it, and gives out everything that was read.
    pub fn read_until(&mut self, text: &str) -> String {
        let mut all = String::new();
        while !all.contains(text) {
            all.push_str(&self.piece().unwrap_or_else(|| panic!("the stream ended without {text:?}: {all:?}")));
        }
        all
    }

    /// Whether the server closed the connection.
    pub fn is_closed(&mut self) -> bool {
        let mut byte = [0];
        match self.stream.read(&mut byte) {
            Ok(read) => read == 0,
            Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        }
    }

    /// Whether no byte of an answer has arrived for a moment.
    pub fn is_waiting(&mut self) -> bool {
        let stream = self.stream.get_ref();
        stream.set_read_timeout(Some(Duration::from_secs(1))).expect("a time-out can be set");
        let waits = stream.peek(&mut [0]).is_err();
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out can be set");
        waits
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("the server answers");
        line.trim_end().to_owned()
    }
}
