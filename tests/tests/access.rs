//! Who calls, and what they may: keys, scopes, owners, and the refusal to serve the world by mistake.

#![allow(
    clippy::expect_used,
    clippy::format_collect,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::type_complexity,
    clippy::unwrap_used,
    reason = "all of it is test code, where a panic says that a test failed"
)]

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use aws_lc_rs::digest::{SHA256, digest};
use mcp_server_tests::{Connection, Reply, Server, call, initialize, modern};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_guarded-under-test");

/// The keys of the tests: who has them, what they may, until when.
const KEYS: [(&str, &str, &[&str], Option<&str>); 6] = [
    ("reader", "reader-secret", &["notes:read"], None),
    ("writer", "writer-secret", &["notes:read", "notes:write"], None),
    ("other-writer", "other-writer-secret", &["notes:read", "notes:write"], Some("2099-01-01")),
    ("counter", "counter-secret", &["counter"], None),
    ("nobody", "nobody-secret", &[], None),
    ("late", "late-secret", &["notes:read"], Some("2020-01-01T00:00:00Z")),
];

/// A configuration file that ends with its test.
struct File(PathBuf);

impl Drop for File {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            eprintln!("{} stays: {error}", self.0.display());
        }
    }
}

/// A configuration file with the keys.
fn keys(test: &str) -> File {
    let mut text = String::new();
    for (id, key, scopes, expires) in KEYS {
        let hash: String = digest(&SHA256, key.as_bytes()).as_ref().iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        });
        write!(text, "[[auth.keys]]\nid = {id:?}\nhash = \"sha256:{hash}\"\nscopes = {scopes:?}\n").unwrap();
        if let Some(expires) = expires {
            writeln!(text, "expires = {expires:?}").unwrap();
        }
    }
    let path = std::env::temp_dir().join(format!("guarded-{}-{test}.toml", std::process::id()));
    std::fs::write(&path, text).unwrap();
    File(path)
}

fn command(file: &File, address: &str) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(["--http", address, "--config"]).arg(&file.0);
    command
}

fn with(test: &str, settings: &[&str]) -> Server {
    let file = keys(test);
    Server::run(command(&file, "127.0.0.1:0"), settings)
}

/// Asks under a key.
fn ask(server: &Server, key: &str, message: &Value) -> Reply {
    server.connect().ask(message, &[("Authorization", &format!("Bearer {key}-secret"))])
}

fn result(server: &Server, key: &str, method: &str, params: Value) -> Value {
    let reply = ask(server, key, &modern(1, method, params));
    assert_eq!(reply.status, 200, "{key} {method}: {}", reply.body);
    reply.json()["result"].clone()
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap()).collect()
}

/// J05, J08, SE1, A26: without a key that holds nothing is served; the refusal has a challenge and a body, and is no stream.
#[test]
fn nothing_is_served_without_a_key() {
    let server = with("without", &[]);
    let table: [(&[(&str, &str)], u16, &str); 11] = [
        (&[], 401, "Bearer"),
        (&[("Authorization", "Basic cmVhZGVyOnJlYWRlci1zZWNyZXQ=")], 401, "Bearer"),
        (&[("Authorization", "Bearer wrong")], 401, "Bearer error=\"invalid_token\""),
        (&[("Authorization", "Bearer READER-SECRET")], 401, "Bearer error=\"invalid_token\""),
        (&[("Authorization", "Bearer reader-secret2")], 401, "Bearer error=\"invalid_token\""),
        (&[("Authorization", "Bearer late-secret")], 401, "Bearer error=\"invalid_token\""),
        (&[("Authorization", "Bearer")], 400, "Bearer error=\"invalid_request\""),
        (&[("Authorization", "Bearer ")], 400, "Bearer error=\"invalid_request\""),
        (&[("Authorization", "Bearer reader-secret x")], 400, "Bearer error=\"invalid_request\""),
        (
            &[("Authorization", "Bearer reader-secret"), ("Authorization", "Bearer wrong")],
            400,
            "Bearer error=\"invalid_request\"",
        ),
        (&[("X-Api-Key", "reader-secret"), ("Cookie", "token=reader-secret")], 401, "Bearer"),
    ];
    let mut message = call(1, "whoami", json!({}));
    message["params"]["_meta"]["progressToken"] = 1.into();
    for (headers, status, challenge) in table {
        let reply = server.connect().ask(&message, headers);
        assert_eq!((reply.status, reply.headers["www-authenticate"].as_str()), (status, challenge), "{headers:?}");
        assert_eq!(reply.headers["content-type"], "application/json", "{headers:?}");
        assert!(reply.json()["error"]["code"].is_i64(), "BP6, {headers:?}: {}", reply.body);
        assert!(!reply.body.contains("secret"), "{}", reply.body);
    }
    for method in ["GET", "POST", "DELETE", "PUT"] {
        let mut connection = server.connect();
        connection.send(method, "/mcp", &[("Accept", "text/event-stream")], b"{");
        let reply = connection.reply();
        assert_eq!(reply.status, 401, "SE1, {method}");
        assert!(reply.headers.contains_key("www-authenticate") && reply.json()["error"]["code"].is_i64(), "{method}");
    }
}

/// The scheme is known in any letter case; the key in none but its own.
#[test]
fn a_key_opens() {
    let server = with("opens", &[]);
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let header = format!("{scheme} reader-secret");
        let reply = server.connect().ask(&call(1, "whoami", json!({})), &[("Authorization", &header)]);
        assert_eq!(reply.json()["result"]["content"][0]["text"], "reader", "{scheme}");
    }
    assert_eq!(ask(&server, "other-writer", &call(1, "whoami", json!({}))).status, 200, "it expires in 2099");
}

/// A key belongs into its header: in the address it would be in every log.
#[test]
fn a_key_in_the_address_is_refused() {
    let server = with("address", &[]);
    let mut connection = server.connect();
    connection.send("POST", "/mcp?access_token=reader-secret", &[("Content-Type", "application/json")], b"{}");
    let reply = connection.reply();
    assert!(matches!(reply.status, 400 | 401), "{}", reply.status);
    assert!(!server.log().iter().any(|line| line.contains("reader-secret")), "SE9");
}

/// C47, C02: a preflight carries no key and needs none; a foreign page is refused before its key is looked at.
#[test]
fn browsers_come_before_keys() {
    let server = with("browsers", &[]);
    let mut connection = server.connect();
    let preflight = [("Origin", "http://localhost:1"), ("Access-Control-Request-Headers", "authorization")];
    connection.send("OPTIONS", "/mcp", &preflight, b"");
    let reply = connection.reply();
    assert_eq!(reply.status, 204);
    assert!(reply.headers["access-control-allow-headers"].contains("authorization"));
    let reply = server.connect().ask(&call(1, "whoami", json!({})), &[("Origin", "https://evil.example")]);
    assert_eq!(reply.status, 403);
    let mut connection = server.connect();
    connection.send("GET", "/about", &[], b"");
    assert_eq!(connection.reply().body, "guarded", "routes of the author's are the author's to guard");
}

/// J09, SE5: what a scope is missing for is refused with the scopes that would do, on every kind of thing.
#[test]
fn a_missing_scope_is_named() {
    let server = with("scope", &[]);
    let table = [
        ("nobody", call("f", "read_notes", json!({})), "notes:read"),
        ("reader", call("f", "write_note", json!({"text": "x"})), "notes:read notes:write"),
        ("writer", call("f", "count", json!({"by": 1})), "counter"),
        ("nobody", modern("f", "prompts/get", json!({"name": "summary"})), "notes:read"),
        ("nobody", modern("f", "resources/read", json!({"uri": "notes://newest"})), "notes:read"),
        ("nobody", modern("f", "resources/read", json!({"uri": "notes://by-number/0"})), "notes:read"),
    ];
    for (key, mut message, scopes) in table {
        message["params"]["_meta"]["progressToken"] = 1.into();
        let reply = ask(&server, key, &message);
        assert_eq!(reply.status, 403, "{key}: {message}");
        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scopes}\"");
        assert_eq!(reply.headers["www-authenticate"], challenge, "{key}: {message}");
        assert_eq!(reply.headers["content-type"], "application/json", "A26");
        let told = reply.json();
        assert_eq!(
            (&told["id"], &told["error"]["data"]["requiredScopes"]),
            (&json!("f"), &json!(scopes.split(' ').collect::<Vec<_>>()))
        );
    }
    let notes = result(&server, "reader", "tools/call", json!({"name": "read_notes"}));
    assert!(notes["content"][0]["text"].as_str().unwrap().contains("nobody wrote a note"), "{notes}");
}

/// SE6, F06: everybody sees what they may call, and nothing else; such a list is theirs alone.
#[test]
fn lists_show_what_may_be_called() {
    let server = with("lists", &[]);
    let all = ["whoami", "read_notes", "write_note", "count"];
    let table: [(&str, &[&str]); 4] = [
        ("nobody", &["whoami"]),
        ("reader", &["whoami", "read_notes"]),
        ("writer", &["whoami", "read_notes", "write_note"]),
        ("counter", &["whoami", "count"]),
    ];
    for (key, shown) in table {
        let list = result(&server, key, "tools/list", json!({}));
        assert_eq!(names(&list["tools"]), shown, "{key}");
        assert_eq!(list["cacheScope"], "private", "{key}");
        for tool in all {
            let status = ask(&server, key, &call(1, tool, json!({"by": 1, "text": "x"}))).status;
            assert_eq!(status != 403, shown.contains(&tool), "{key} {tool}: listed is callable");
        }
        let reads = shown.contains(&"read_notes");
        for (method, member) in [
            ("prompts/list", "prompts"),
            ("resources/list", "resources"),
            ("resources/templates/list", "resourceTemplates"),
        ] {
            let list = result(&server, key, method, json!({}));
            assert_eq!(list[member].as_array().unwrap().len(), usize::from(reads), "{key} {method}");
            assert_eq!(list["cacheScope"], "private", "{key} {method}");
        }
        let template = json!({"type": "ref/resource", "uri": "notes://by-number/{number}"});
        let completion =
            modern(1, "completion/complete", json!({"ref": template, "argument": {"name": "number", "value": ""}}));
        assert_eq!(ask(&server, key, &completion).json()["error"]["code"] == -32602, !reads, "G16, {key}");
    }
    let hint = ask(&server, "nobody", &call(1, "read_note", json!({})));
    assert!(!hint.body.contains("read_notes"), "the nearest name is one that the caller may know: {}", hint.body);
}

fn write(key: &str, text: &str, retry: Option<&Value>) -> Value {
    let mut params = json!({"name": "write_note", "arguments": {"text": text}});
    params["_meta"] = json!({"io.modelcontextprotocol/clientCapabilities": {"elicitation": {}}});
    if let Some(state) = retry {
        params["requestState"] = state.clone();
        params["inputResponses"] = json!({"consent": {"action": "accept", "content": {"ok": true}}});
    }
    modern(key, "tools/call", params)
}

/// H14, SE8: the state between two rounds is its caller's own.
#[test]
fn a_state_belongs_to_its_caller() {
    let server = with("state", &[]);
    let asked = ask(&server, "writer", &write("1", "hello", None));
    let state = asked.json()["result"]["requestState"].clone();
    assert!(state.is_string(), "{}", asked.body);
    let stolen = ask(&server, "other-writer", &write("2", "hello", Some(&state)));
    assert_eq!(stolen.json()["error"]["code"], -32602, "{}", stolen.body);
    let changed = ask(&server, "writer", &write("3", "something else", Some(&state)));
    assert_eq!(changed.json()["error"]["code"], -32602, "{}", changed.body);
    let unknown = ask(&server, "writer", &write("4", "hello", Some(&json!("AAAA"))));
    assert_eq!(unknown.json()["error"], stolen.json()["error"], "another's is as good as none");
    let done = ask(&server, "writer", &write("5", "hello", Some(&state)));
    assert!(done.json()["result"].get("isError").is_none(), "{}", done.body);
    let newest = result(&server, "reader", "resources/read", json!({"uri": "notes://newest"}));
    assert_eq!((&newest["contents"][0]["text"], &newest["cacheScope"]), (&json!("hello"), &json!("private")));
    let missing = ask(&server, "reader", &modern(6, "resources/read", json!({"uri": "notes://by-number/7"})));
    assert_eq!(missing.json()["error"]["data"]["uri"], "notes://by-number/7", "G04: {}", missing.body);
    let rows = result(&server, "reader", "tools/call", json!({"name": "read_notes"}));
    assert_eq!(rows["structuredContent"]["rows"][0]["text"], "hello", "{rows}");
}

/// G23, SE8: so is the place in a list.
#[test]
fn a_cursor_belongs_to_its_caller() {
    let server = with("cursor", &["limits.page_size=1"]);
    let cursor = result(&server, "writer", "tools/list", json!({}))["nextCursor"].clone();
    let stolen = ask(&server, "other-writer", &modern(1, "tools/list", json!({"cursor": cursor})));
    assert_eq!(stolen.json()["error"]["code"], -32602, "{}", stolen.body);
    assert_eq!(names(&result(&server, "writer", "tools/list", json!({"cursor": cursor}))["tools"]), ["read_notes"]);
}

/// SE8: so is a session; another's is answered as one that never was.
#[test]
fn a_session_belongs_to_its_caller() {
    let server = with("session", &[]);
    let opened = ask(&server, "reader", &initialize("2025-11-25"));
    assert_eq!(opened.status, 200, "{}", opened.body);
    let session = opened.headers["mcp-session-id"].clone();
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let within = |key: &str, session: &str| {
        let key = format!("Bearer {key}-secret");
        server
            .connect()
            .ask(&list, &[("Authorization", &key), ("Mcp-Session-Id", session), ("MCP-Protocol-Version", "2025-11-25")])
    };
    assert_eq!(names(&within("reader", &session).json()["result"]["tools"]), ["whoami", "read_notes"]);
    let stolen = within("writer", &session);
    let unknown = within("writer", "00000000-0000-0000-0000-000000000000");
    assert_eq!((stolen.status, unknown.status), (404, 404));
    assert_eq!(stolen.json(), unknown.json());
    let mut connection = server.connect();
    let headers = [
        ("Authorization", "Bearer writer-secret"),
        ("Mcp-Session-Id", session.as_str()),
        ("MCP-Protocol-Version", "2025-11-25"),
    ];
    connection.send("DELETE", "/mcp", &headers, b"");
    assert_eq!(connection.reply().status, 404);
    assert_eq!(within("reader", &session).status, 200, "it was not ended by another");
}

fn listen(server: &Server, authorization: &str) -> Connection {
    let mut connection = server.connect();
    let message = modern("l", "subscriptions/listen", json!({"notifications": {"toolsListChanged": true}}));
    connection.post(&message, &[("Authorization", authorization)]);
    connection
}

/// G37: one caller's subscriptions do not use up another's.
#[test]
fn limits_are_counted_for_each_caller() {
    let server = with("limits", &["limits.subscriptions_per_principal=1"]);
    let mut first = listen(&server, "Bearer reader-secret");
    assert_eq!(first.head().status, 200);
    assert_eq!(listen(&server, "Bearer reader-secret").head().status, 503);
    assert_eq!(listen(&server, "Bearer writer-secret").head().status, 200);
}

/// SE6, G29: what a caller may not read it does not hear of either; it is refused as if it were not there.
#[test]
fn changes_are_told_to_those_who_may_read() {
    let server = with("changes", &[]);
    let uris = json!(["notes://newest", "notes://by-number/1"]);
    let ask = |key: &str, uris: &Value| {
        let mut connection = server.connect();
        let wanted = json!({"notifications": {"resourceSubscriptions": uris}});
        let authorization = format!("Bearer {key}-secret");
        connection.post(&modern(1, "subscriptions/listen", wanted), &[("Authorization", &authorization)]);
        connection
    };
    let refused = ask("nobody", &uris).reply().json()["error"].clone();
    assert_eq!((&refused["code"], &refused["data"]["uri"]), (&json!(-32602), &uris[0]), "{refused}");
    let missing = ask("reader", &json!(["notes://nowhere"])).reply().json()["error"].clone();
    let told = |error: &Value, uri: &str| error["message"].as_str().unwrap().replace(uri, "");
    assert_eq!(told(&refused, "notes://newest"), told(&missing, "notes://nowhere"), "whether it is there is not told");

    let mut reader = ask("reader", &uris);
    assert_eq!(reader.head().status, 200);
    let first = reader.piece().unwrap();
    let data = first.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
    let acknowledged: Value = serde_json::from_str(data).unwrap();
    assert_eq!(acknowledged["params"]["notifications"], json!({"resourceSubscriptions": uris}));
}

fn spoken() -> Server {
    let mut command = Command::new(PROGRAM);
    command.args(["--http", "127.0.0.1:0"]).env("SPOKEN", "1");
    Server::run(command, &[])
}

/// An author's own verifier decides instead of the keys.
#[test]
fn an_author_may_verify() {
    let server = spoken();
    let ask = |token: &str| {
        server.connect().ask(&call(1, "read_notes", json!({})), &[("Authorization", &format!("Bearer {token}"))])
    };
    assert_eq!(ask("ann~notes.read+counter").status, 200);
    assert_eq!(ask("ann~counter").status, 403);
    assert_eq!(ask("ann").status, 401);
    let unavailable = ask("nobody-knows~notes.read");
    assert_eq!(unavailable.status, 503, "what cannot be verified now is nobody's fault");
    assert!(!unavailable.headers.contains_key("www-authenticate"));
    assert!(unavailable.json()["error"]["code"].is_i64());
}

/// G36, SE2: a subscription ends with the credentials that opened it.
#[test]
fn a_subscription_ends_with_its_credentials() {
    let server = spoken();
    let mut connection = listen(&server, "Bearer soon-gone~notes.read");
    assert_eq!(connection.head().status, 200);
    let all = connection.read_until("\"result\"");
    let last: Value =
        serde_json::from_str(all.lines().rev().find_map(|line| line.strip_prefix("data: ")).unwrap()).unwrap();
    assert_eq!((&last["id"], &last["result"]["resultType"]), (&json!("l"), &json!("complete")));
    assert!(connection.piece().is_none());
}

/// SE1: what others could reach is not served to anybody by mistake; the refusal says every way out.
#[test]
fn a_public_address_needs_keys() {
    for address in ["0.0.0.0:0", "[::]:0"] {
        let refused = Command::new(PROGRAM).args(["--http", address, "--set", "store.url=memory:"]).output().unwrap();
        assert_eq!(refused.status.code(), Some(78), "{address}");
        let text = String::from_utf8(refused.stderr).unwrap();
        for way_out in ["127.0.0.1", "auth.keys", "keygen", "http.public_without_authentication"] {
            assert!(text.contains(way_out), "{way_out}: {text}");
        }
        assert!(refused.stdout.is_empty());
    }
    let file = keys("public");
    let server = Server::run(command(&file, "0.0.0.0:0"), &[]);
    assert_eq!(ask(&server, "reader", &call(1, "whoami", json!({}))).status, 200);
    assert_eq!(server.connect().ask(&call(1, "whoami", json!({})), &[]).status, 401);
}

/// With the loud key it starts; whoever calls has no scope then.
#[test]
fn the_loud_key_serves_everybody_what_needs_no_scope() {
    let mut command = Command::new(PROGRAM);
    command.args(["--http", "0.0.0.0:0"]);
    let server = Server::run(command, &["http.public_without_authentication=true"]);
    let ask = |message: &Value| server.connect().ask(message, &[]);
    assert_eq!(names(&ask(&modern(1, "tools/list", json!({}))).json()["result"]["tools"]), ["whoami"]);
    assert_eq!(ask(&call(1, "whoami", json!({}))).json()["result"]["content"][0]["text"], "anonymous");
    assert_eq!(ask(&call(1, "read_notes", json!({}))).status, 403);
}

/// On this machine alone, without keys, everybody may do everything, as on a pipe.
#[test]
fn a_private_server_trusts_its_machine() {
    let server = Server::start(PROGRAM, &[]);
    let list = server.connect().ask(&modern(1, "tools/list", json!({})), &[]).json();
    assert_eq!(names(&list["result"]["tools"]), ["whoami", "read_notes", "write_note", "count"]);
    let counted = server.connect().ask(&call(1, "count", json!({"by": 5})), &[]).json();
    assert_eq!(counted["result"]["content"][0]["text"], "105");
}

/// SE9: no key is ever written down.
#[test]
fn keys_are_not_logged() {
    let server = with("logged", &["log.level=trace"]);
    for (_, key, ..) in KEYS {
        let key = format!("Bearer {key}");
        server.connect().ask(&call(1, "read_notes", json!({})), &[("Authorization", &key)]);
    }
    server.connect().ask(&call(1, "whoami", json!({})), &[("Authorization", "Bearer wrong-secret")]);
    let log = server.last_words();
    assert!(log.iter().any(|line| line.contains("read_notes")), "calls are logged");
    assert!(!log.iter().any(|line| line.contains("-secret")));
}
