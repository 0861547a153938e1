//! A client that speaks either era over either transport.

use std::process::Command;

use mcp_server_tests::{Pipe, Server, initialize, legacy, modern, notification};
use serde_json::{Value, json};

use super::over_http;

/// What a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) http: bool,
    pub(super) modern: bool,
}

impl Way {
    pub(super) const ALL: [Self; 4] = [
        Self { http: true, modern: true },
        Self { http: true, modern: false },
        Self { http: false, modern: true },
        Self { http: false, modern: false },
    ];

    pub(super) fn revision(self) -> &'static str {
        if self.modern { "2026-07-28" } else { "2025-11-25" }
    }
}

enum Line {
    Http(Server),
    Stdio(Pipe),
}

/// A client of a server that it started.
pub(super) struct Client {
    way: Way,
    line: Line,
    session: Option<String>,
}

impl Client {
    /// Starts a server and opens a session where there are sessions.
    pub(super) fn start(way: Way, command: Command) -> Self {
        let line = if way.http { Line::Http(over_http(command, &[])) } else { Line::Stdio(Pipe::run(command, &[])) };
        let mut client = Self { way, line, session: None };
        if !way.modern {
            client.open();
        }
        client
    }

    fn open(&mut self) {
        match &mut self.line {
            Line::Http(server) => {
                let mut reply = server.connect().ask(&initialize(self.way.revision()), &[]);
                let session = reply.headers.remove("mcp-session-id").expect("a session");
                let headers = [("Mcp-Session-Id", session.as_str()), ("MCP-Protocol-Version", self.way.revision())];
                let opened = server.connect().ask(&notification("notifications/initialized", json!({})), &headers);
                assert_eq!(opened.status, 202, "{}", opened.body);
                self.session = Some(session);
            }
            Line::Stdio(pipe) => {
                pipe.ask(&initialize(self.way.revision()));
                pipe.send(&notification("notifications/initialized", json!({})));
            }
        }
    }

    /// The id of the session, if it has one.
    pub(super) fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// Asks, with headers of its own where there are headers.
    pub(super) fn ask(&mut self, id: impl Into<Value>, method: &str, params: Value, headers: &[(&str, &str)]) -> Value {
        let message = if self.way.modern { modern(id, method, params) } else { legacy(id, method, params) };
        match &mut self.line {
            Line::Stdio(pipe) => pipe.ask(&message),
            Line::Http(server) => {
                let session = self.session.as_deref().map(|session| ("Mcp-Session-Id", session));
                let headers: Vec<_> = headers.iter().copied().chain(session).collect();
                server.connect().ask(&message, &headers).json()
            }
        }
    }

    /// Calls a tool.
    pub(super) fn call(&mut self, id: impl Into<Value>, tool: &str, arguments: Value) -> Value {
        self.ask(id, "tools/call", json!({ "name": tool, "arguments": arguments }), &[])
    }

    /// Goes away: a supervisor stops the server, or its input ends.
    pub(super) fn leave(self) {
        match self.line {
            Line::Http(server) => drop(server.last_words()),
            Line::Stdio(pipe) => drop(pipe.finish()),
        }
    }
}
