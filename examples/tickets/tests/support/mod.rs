//! What the tests share: the server as a process, and calls in one line.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]
#![allow(clippy::needless_pass_by_value, reason = "`json!` arguments read best as they are")]

use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use mcp_server_tests::services::Postgres;
use mcp_server_tests::{Connection, Reply, Server, initialize, legacy, modern, notification};
use serde_json::{Value, json};

/// What every replica of one service is given.
const SEAL: &str = r#"seal.keys=[{ id = "test", secret = "0123456789abcdef0123456789abcdef" }]"#;

/// A database of its own for a test, on a server that all tests of this process share. `None` without PostgreSQL.
pub fn database() -> Option<String> {
    static SERVER: OnceLock<Option<Postgres>> = OnceLock::new();
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let server = SERVER.get_or_init(Postgres::start).as_ref()?;
    let name = format!("tickets_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    server.execute(&format!("CREATE DATABASE {name}"));
    let url = server.url();
    let (place, _) = url.rsplit_once('/').expect("the URL names a database");
    Some(format!("{place}/{name}"))
}

/// One process.
pub struct Tickets(Server);

impl Tickets {
    /// Starts one on a database and a store, with flags of its own.
    pub fn start(database: &str, store: &str, flags: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tickets"));
        command.env_remove("TICKETS_DATABASE_URL").args(["--http", "127.0.0.1:0", "--database", database]).args(flags);
        Self(Server::run(command, &[&format!("store.url={store}"), SEAL]))
    }

    /// Ends it as a machine that fails does.
    pub fn kill(self) -> Vec<String> {
        self.0.kill()
    }

    /// Asks it to stop, and waits until it has.
    pub fn stop(self) -> Vec<String> {
        self.0.last_words()
    }

    /// Stops it where it is, as a machine that hangs does.
    pub fn pause(&self) {
        self.0.pause();
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.0.resume();
    }

    pub fn connect(&self) -> Connection {
        self.0.connect()
    }

    /// A modern request of a client that shows forms; the result.
    pub fn request(&self, method: &str, params: Value) -> Value {
        let reply = self.connect().ask(&able(method, params), &[]);
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()["result"].clone()
    }

    /// Calls a tool; the result.
    pub fn call(&self, tool: &str, arguments: Value) -> Value {
        self.request("tools/call", json!({ "name": tool, "arguments": arguments }))
    }

    /// Calls a tool that gives data; the data.
    pub fn data(&self, tool: &str, arguments: Value) -> Value {
        let result = self.call(tool, arguments);
        assert_ne!(result["isError"], true, "{result}");
        result["structuredContent"].clone()
    }

    /// Calls a tool that fails; the kind of its error.
    pub fn refused(&self, tool: &str, arguments: Value) -> String {
        let result = self.call(tool, arguments);
        assert_eq!(result["isError"], true, "{result}");
        result["_meta"]["rs.mcp-server/error"]["kind"].as_str().expect("a kind").to_owned()
    }

    /// The question that a modern call ends in, and what its retry has to bring back.
    pub fn asked(&self, tool: &str, arguments: Value) -> Question {
        let result = self.call(tool, arguments.clone());
        assert_eq!(result["resultType"], "input_required", "{result}");
        let requests = result["inputRequests"].as_object().expect("questions");
        let (key, request) = requests.iter().next().expect("one question");
        Question {
            tool: tool.to_owned(),
            arguments,
            key: key.clone(),
            message: request["params"]["message"].as_str().expect("words").to_owned(),
            state: result["requestState"].clone(),
        }
    }

    /// Comes back with an answer; the result.
    pub fn answer(&self, question: &Question, answer: Value) -> Value {
        let params = json!({
            "name": question.tool, "arguments": question.arguments, "requestState": question.state,
            "inputResponses": { question.key.as_str(): answer },
        });
        self.request("tools/call", params)
    }

    /// Calls a tool as a client that knows tasks; the task.
    pub fn task(&self, tool: &str, arguments: Value) -> String {
        let mut params = json!({ "name": tool, "arguments": arguments });
        params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = tasks();
        let reply = self.connect().ask(&modern(1, "tools/call", params), &[]);
        let result = reply.json()["result"].clone();
        assert_eq!(result["resultType"], "task", "{}", reply.body);
        result["taskId"].as_str().expect("an id").to_owned()
    }

    /// Subscribes; what is told comes as events.
    pub fn watch(&self, wanted: Value) -> Connection {
        let mut params = json!({ "notifications": wanted });
        params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = tasks();
        let mut watching = self.connect();
        watching.post(&modern("watch", "subscriptions/listen", params), &[]);
        assert_eq!(watching.head().status, 200);
        assert_eq!(event(&mut watching)["method"], "notifications/subscriptions/acknowledged");
        watching
    }

    /// Opens a legacy session.
    pub fn session(&self) -> String {
        let reply = self.connect().ask(&initialize("2025-06-18"), &[]);
        let session = reply.headers["mcp-session-id"].clone();
        assert_eq!(self.post(&session, &notification("notifications/initialized", json!({}))).status, 202);
        session
    }

    /// Posts a message in a legacy session.
    pub fn post(&self, session: &str, message: &Value) -> Reply {
        self.connect().ask(message, &[("Mcp-Session-Id", session)])
    }

    /// Starts a call in a legacy session; its answer comes as events.
    pub fn begin(&self, session: &str, id: usize, tool: &str, arguments: Value) -> Connection {
        let mut connection = self.connect();
        let message = legacy(id, "tools/call", json!({ "name": tool, "arguments": arguments }));
        connection.post(&message, &[("Mcp-Session-Id", session)]);
        let head = connection.head();
        assert_eq!(head.headers["content-type"], "text/event-stream", "{head:?}");
        connection
    }
}

/// A question that waits for its answer.
pub struct Question {
    tool: String,
    arguments: Value,
    key: String,
    pub message: String,
    state: Value,
}

/// A modern request of a client that shows forms.
pub fn able(method: &str, mut params: Value) -> Value {
    params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({ "elicitation": {} });
    modern(1, method, params)
}

fn tasks() -> Value {
    json!({ "extensions": { "io.modelcontextprotocol/tasks": {} } })
}

/// The next news of a watched task that is what is waited for.
pub fn news(watching: &mut Connection, wanted: impl Fn(&Value) -> bool) -> Value {
    loop {
        let message = event(watching);
        assert_eq!(message["method"], "notifications/tasks", "{message}");
        let task = message["params"].clone();
        if wanted(&task) {
            return task;
        }
        assert!(task["status"] == "working", "{task}");
    }
}

/// The next message of a stream.
pub fn event(connection: &mut Connection) -> Value {
    loop {
        let piece = connection.piece().expect("the stream goes on");
        if let Some(data) = piece.lines().find_map(|line| line.strip_prefix("data: ")) {
            return serde_json::from_str(data).expect("a message");
        }
    }
}

/// Yes or no to a deletion.
pub fn deletes(delete: bool) -> Value {
    json!({ "action": "accept", "content": { "delete": delete } })
}
