//! The built binary, over HTTP and over stdio, by raw requests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by it")]

mod support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use support::TempFolder;

/// The binary on a port of its own; it is ended when this is dropped.
struct Running {
    process: Child,
    address: String,
    page: Option<String>,
    folder: TempFolder,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let folder = TempFolder::new();
        let mut process = command(&folder, arguments).args(["--http", "127.0.0.1:0"]).spawn().expect("it starts");
        let mut lines = BufReader::new(process.stderr.take().expect("a pipe")).lines();
        let mut page = None;
        let address = loop {
            let line = lines.next().expect("it says where it listens").expect("text");
            let record: Value = serde_json::from_str(&line).unwrap_or_default();
            page = page.or_else(|| find(&record, "page"));
            if record.to_string().contains("listening") {
                break find(&record, "address").expect("the address");
            }
        };
        // Nobody may block on a full pipe.
        std::thread::spawn(move || lines.count());
        Self { process, address, page, folder }
    }

    /// One request of the revision 2026-07-28, with all its headers; the body of the answer.
    fn request(&self, method: &str, name: &str, params: Value) -> Value {
        let mut answer = String::new();
        self.send(method, name, params).read_to_string(&mut answer).expect("an answer");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
    }

    /// The same, without waiting for the answer.
    fn send(&self, method: &str, name: &str, mut params: Value) -> TcpStream {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let mut stream = TcpStream::connect(&self.address).expect("connects");
        write!(
            stream,
            "POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n\
             Mcp-Method: {method}\r\n\
             Mcp-Name: {name}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .expect("sends");
        stream
    }

    fn call(&self, tool: &str, arguments: &Value) -> Value {
        self.request("tools/call", tool, json!({ "name": tool, "arguments": arguments }))["result"].clone()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn command(folder: &TempFolder, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_database"));
    command
        .args(arguments)
        .args(["--set", "store.url=memory:"])
        .env_remove("DATABASE_URL")
        .env("TMPDIR", folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The text of a member, at any depth.
fn find(value: &Value, key: &str) -> Option<String> {
    let object = value.as_object()?;
    object
        .get(key)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .or_else(|| object.values().find_map(|part| find(part, key)))
}

#[test]
fn the_sample_is_served_over_http() {
    let server = Running::start(&[]);
    let tools = server.request("tools/list", "", json!({}));
    let listed = tools["result"]["tools"].as_array().expect("tools");
    let names: Vec<&str> = listed.iter().filter_map(|tool| tool["name"].as_str()).collect();
    assert_eq!(names, database::tools::NAMES);
    assert!(listed.iter().all(|tool| tool["annotations"]["readOnlyHint"] == true));
    let about = server.request("server/discover", "", json!({}));
    assert!(about["result"]["instructions"].as_str().unwrap().contains("public domain"));

    let tables = server.call("list_tables", &json!({}));
    assert_eq!(tables["structuredContent"]["total"], 8);
    let described = server.call("describe_table", &json!({ "tables": ["strike", "place"], "sample": 1 }));
    let described = &described["structuredContent"]["tables"];
    assert_eq!(described[0]["columns"][1]["comment"], "year-month-day");
    assert_eq!(described[0]["sample"].as_array().unwrap().len(), 1);
    assert_eq!(described[1]["referenced_by"][0]["table"], "strike");
    let hits = server.call("search_catalogue", &json!({ "words": "dollars" }));
    assert_eq!(hits["structuredContent"]["rows"][0]["column"], "cost_repair");

    let sql = "SELECT species, sum(cost) AS cost FROM strike_report GROUP BY species ORDER BY cost DESC";
    let answer = server.call("query", &json!({ "sql": sql, "limit": 1 }));
    assert_eq!(answer["structuredContent"]["rows"], json!([["Canada goose", 15_389_869]]));
    let cursor = &answer["structuredContent"]["nextCursor"];
    let next = server.call("query", &json!({ "sql": sql, "limit": 1, "cursor": cursor }));
    assert_eq!(next["structuredContent"]["rows"][0][0], "Unknown bird - large");
    let other = server.call("query", &json!({ "sql": "SELECT 1", "cursor": cursor }));
    assert_eq!(other["isError"], true);
}

#[test]
fn the_operator_page_is_there_without_a_setting() {
    let server = Running::start(&[]);
    let link = server.page.as_deref().expect("the log has the link");
    let (address, token) = link.split_once("/#token=").expect("the link has the token");
    let address = address.strip_prefix("http://").expect("an address");
    let ask = |token: &str| {
        let mut stream = TcpStream::connect(address).expect("connects");
        write!(stream, "GET /api/state HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    };
    assert!(ask(token).starts_with("HTTP/1.1 200"), "{link}");
    assert!(ask("another").starts_with("HTTP/1.1 401"));
    assert!(address.starts_with("127.0.0.1:"), "nobody else reaches it");
}

#[test]
fn an_answer_without_data_says_why() {
    let server = Running::start(&[]);
    let none = server.call("query", &json!({ "sql": "SELECT * FROM strike WHERE speed > 900" }));
    assert_ne!(none["isError"], true);
    let reason = "the query is valid and matches no row in strike (10000 rows); speed > 900 matches no row of strike \
         (the values of speed go from ";
    assert!(none["structuredContent"]["reason"].as_str().unwrap().starts_with(reason), "{none}");
    assert!(none["content"][0]["text"].as_str().unwrap().contains(reason));
    let null = server.call("query", &json!({ "sql": "SELECT max(speed) FROM strike WHERE speed > 900" }));
    assert_ne!(null["isError"], true, "{null}");
    assert!(null["structuredContent"]["reason"].as_str().unwrap().contains("null"));
    let hits = server.call("search_catalogue", &json!({ "words": "aircrafts" }));
    assert!(hits["structuredContent"]["reason"].as_str().unwrap().contains("aircraft"));
    let missing = server.call("describe_table", &json!({ "tables": ["strikes"] }));
    assert_eq!(missing["isError"], true);
    assert!(missing["content"][0]["text"].as_str().unwrap().contains("Did you mean `strike`?"));
    let write = server.call("query", &json!({ "sql": "WITH x AS (SELECT 1) DELETE FROM strike" }));
    assert!(write["content"][0]["text"].as_str().unwrap().contains("permission_denied"), "{write}");
}

#[test]
fn a_zero_says_which_condition_matches_nothing() {
    let server = Running::start(&[]);
    let sql = "SELECT count(*) FROM strike WHERE phase = 'landing'";
    let zero = server.call("query", &json!({ "sql": sql }));
    assert_eq!(zero["structuredContent"]["rows"], json!([[0]]), "{zero}");
    let reason = zero["structuredContent"]["reason"].as_str().unwrap();
    assert!(reason.contains("phase = 'landing' matches no row") && reason.contains("'Landing roll'"), "{reason}");
    // A number that is zero for another reason needs none.
    let zero = server.call("query", &json!({ "sql": "SELECT min(cost_other) FROM strike" }));
    assert!(zero["structuredContent"].get("reason").is_none(), "{zero}");
}

#[test]
fn a_page_is_shorter_than_hosts_cut() {
    let server = Running::start(&[]);
    for sql in ["SELECT * FROM strike_report", "SELECT id, speed FROM strike", "SELECT * FROM airport"] {
        let answer = server.call("query", &json!({ "sql": sql, "limit": 1000 }));
        assert!(answer["structuredContent"]["nextCursor"].is_string(), "{sql}");
        let text = answer["content"][0]["text"].as_str().unwrap();
        let whole = answer["structuredContent"].to_string();
        for written in [text, &whole] {
            assert!(written.chars().count() < 40_000, "{sql}: {}", written.chars().count());
        }
        let columns = answer["structuredContent"]["columns"].as_array().unwrap().len();
        assert_eq!(answer["structuredContent"]["rows"][0].as_array().unwrap().len(), columns);
    }
}

#[test]
fn a_wide_row_of_long_values_fits_into_a_page() {
    let server = Running::start(&[]);
    let columns = |count: usize| {
        let columns: Vec<String> =
            (0..count).map(|number| format!("printf('%.9000c', 'x') AS a_rather_long_name_{number}")).collect();
        json!({ "sql": format!("SELECT {}", columns.join(", ")) })
    };
    for count in [1, 5, 40, 150] {
        let answer = server.call("query", &columns(count));
        let text = answer["content"][0]["text"].as_str().unwrap();
        assert!(text.chars().count() < 40_000, "{count} columns: {} characters", text.chars().count());
        assert_eq!(answer["structuredContent"]["rows"][0][count - 1]["bytes"], 9_000, "{count}");
    }
    let answer = server.call("query", &columns(151));
    assert!(answer["content"][0]["text"].as_str().unwrap().contains("151 columns"), "{answer}");
}

#[test]
fn the_prompt_is_bounded_however_many_tables_there_are() {
    let folder = TempFolder::new();
    let path = folder.path().join("many.db");
    let tables: Vec<String> = (0..500)
        .map(|number| {
            format!("CREATE TABLE measurement_of_plant_{number} (id INTEGER, taken_at TEXT, value REAL, unit TEXT);")
        })
        .collect();
    let tables = tables.concat();
    support::make_sqlite(&path, &tables);
    let server = Running::start(&["--database", path.to_str().unwrap()]);
    let prompt =
        server.request("prompts/get", "explore", json!({ "name": "explore", "arguments": { "question": "What?" } }));
    let text = prompt["result"]["messages"][0]["content"]["text"].as_str().unwrap();
    assert!(text.len() < 8_000 && text.contains("more tables are left out"), "{}", text.len());
}

#[test]
fn a_client_that_goes_away_stops_its_query() {
    // One connection, and a limit of time far beyond the test: only the stop can free it.
    let server = Running::start(&["--connections", "1", "--query-timeout", "3600", "--set", "tools.query.timeout=1h"]);
    let endless = json!({ "name": "query", "arguments": { "sql": support::ENDLESS_SQLITE } });
    let stream = server.send("tools/call", "query", endless);
    let one = json!({ "sql": "SELECT 1 AS one" });
    let kind = |answer: &Value| find(&answer["_meta"], "kind");
    // The first question may still overtake the endless one.
    let busy = (0..5).find_map(|_| kind(&server.call("query", &one))).expect("it becomes busy");
    assert_eq!(busy, "overloaded");
    drop(stream);
    let answer = server.call("query", &one);
    assert_eq!(answer["structuredContent"]["rows"], json!([[1]]), "{answer}");
}

#[test]
fn the_schema_is_there_as_resources_prompt_and_completion() {
    let server = Running::start(&[]);
    let all = server.request("resources/read", "schema://tables", json!({ "uri": "schema://tables" }));
    assert!(all["result"]["contents"][0]["text"].as_str().unwrap().contains("table airport"));
    let one = server.request("resources/read", "schema://route", json!({ "uri": "schema://route" }));
    let text = one["result"]["contents"][0]["text"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(text).unwrap()["table"], "route");
    let none = server.request("resources/read", "schema://rout", json!({ "uri": "schema://rout" }));
    assert!(none["error"]["message"].as_str().unwrap().contains("rout"));
    let question =
        json!({ "name": "explore", "arguments": { "question": "Which bird is the dearest?", "table": "strike" } });
    let prompt = server.request("prompts/get", "explore", question);
    let text = prompt["result"]["messages"][0]["content"]["text"].as_str().unwrap();
    assert!(text.contains("Which bird is the dearest?") && text.contains("Begin with the table strike"));
    let typed = json!({
        "ref": { "type": "ref/resource", "uri": "schema://{table}" },
        "argument": { "name": "table", "value": "str" },
    });
    let completed = server.request("completion/complete", "", typed);
    assert_eq!(completed["result"]["completion"]["values"], json!(["strike", "strike_report"]));
}

#[test]
fn a_file_of_ones_own_is_served_over_stdio_and_the_sample_goes_at_the_end() {
    let folder = TempFolder::new();
    let path = folder.path().join("own.db");
    support::make_sqlite(&path, "CREATE TABLE t (a INT); INSERT INTO t VALUES (7)");
    let url = format!("sqlite:{}", path.display());
    for (arguments, sql, wanted) in [
        (&["--stdio", "--database", &url][..], "SELECT a FROM t", 7),
        (&["--stdio"], "SELECT count(*) AS a FROM strike", 10_000),
    ] {
        let temporary = TempFolder::new();
        let mut process = command(&temporary, arguments).stderr(Stdio::null()).spawn().expect("it starts");
        let call = json!({
            "jsonrpc": "2.0", "id": "q", "method": "tools/call",
            "params": {
                "name": "query", "arguments": { "sql": sql },
                "_meta": {
                    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                    "io.modelcontextprotocol/clientCapabilities": {},
                },
            },
        });
        let mut input = process.stdin.take().expect("a pipe");
        writeln!(input, "{call}").expect("sends");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let answer: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(answer["result"]["structuredContent"]["rows"][0][0], wanted, "{answer}");
        drop(input);
        assert!(process.wait().expect("it ends").success(), "the end of input ends it well");
        let left: Vec<_> = std::fs::read_dir(temporary.path()).unwrap().collect();
        assert!(left.is_empty(), "the sample is gone: {left:?}");
    }
}

#[test]
fn mistakes_at_start_end_with_the_code_that_says_what_to_do() {
    let folder = TempFolder::new();
    let text = folder.path().join("text.csv").display().to_string();
    std::fs::write(&text, "name,age\n".repeat(100)).unwrap();
    let text = text.as_str();
    for (arguments, code, part) in [
        (&["--database", "sqlite:/nowhere.db"][..], 78, "no file"),
        (&["--database", "/nowhere.db"], 78, "no file"),
        (&["--database", text], 78, "is not a SQLite database"),
        (&["--database", "mysql://root:hunter2@x"], 78, "postgres://"),
        (&["--database", "postgres://a:hunter2@127.0.0.1:1/x"], 78, "host 127.0.0.1, port 1, role a, database x"),
        (&["--database", "postgres://a:hunter2@127.0.0.1:1/x?sslmod=require"], 78, "`sslmode`"),
        (&["--query-timeout", "0"], 64, "query-timeout"),
    ] {
        let ended = command(&folder, arguments).output().expect("it starts");
        let told = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(code), "{arguments:?}: {told}");
        assert!(told.contains(part) && !told.contains("hunter2"), "{arguments:?}: {told}");
        assert!(code == 64 || told.trim().lines().count() == 1, "each cause once: {told}");
        assert!(ended.stdout.is_empty());
    }
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_and_the_sample_goes() {
    let mut server = Running::start(&[]);
    assert_eq!(std::fs::read_dir(server.folder.path()).unwrap().count(), 1, "the sample is unpacked");
    let sent = Command::new("kill").args(["-TERM", &server.process.id().to_string()]).status().expect("kill");
    assert!(sent.success() && server.process.wait().expect("it ends").success());
    assert_eq!(std::fs::read_dir(server.folder.path()).unwrap().count(), 0);
}
