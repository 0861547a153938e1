//! What a connection may cost: deadlines, places, the end of either side.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use mcp_server_tests::{Connection, Server, call};
use serde_json::json;

use super::{PROGRAM, ask, refusal, server, with};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// SETTINGS without a setting (RFC 9113 section 6.5).
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
/// HEADERS of stream 1 that do not end: one indexed field, and neither `END_HEADERS` nor `END_STREAM`.
const OPEN_HEADERS: &[u8] = &[0, 0, 1, 1, 0, 0, 0, 0, 1, 0x82];
const WAIT: Duration = Duration::from_secs(20);

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(WAIT)).unwrap();
    stream
}

/// Everything that arrives until the server closes.
fn rest(mut stream: &TcpStream) -> String {
    let mut all = Vec::new();
    let mut piece = [0; 4096];
    loop {
        match stream.read(&mut piece) {
            Ok(0) => return String::from_utf8_lossy(&all).into_owned(),
            Ok(read) => all.extend_from_slice(&piece[..read]),
            Err(error) => panic!("the server does not close the connection well: {error}"),
        }
    }
}

fn head(server: &Server, more: &str) -> String {
    format!(
        "POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\n{more}\r\n",
        server.address()
    )
}

fn raw(server: &Server, message: &serde_json::Value) -> String {
    let body = message.to_string();
    let method = message["method"].as_str().unwrap();
    let name = message["params"]["name"].as_str().unwrap();
    let more = format!(
        "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: {method}\r\nMcp-Name: {name}\r\nContent-Length: {}\r\n",
        body.len()
    );
    head(server, &more) + &body
}

/// Whatever a client begins and does not finish, its connection ends.
#[test]
fn a_first_head_that_does_not_arrive_ends_its_connection() {
    let server = with(&["http.header_timeout=500ms", "admin.addr=127.0.0.1:0"]);
    let begun: [&[u8]; 7] = [
        b"",
        b"P",
        &PREFACE[..12],
        PREFACE,
        &[PREFACE, SETTINGS].concat(),
        &[PREFACE, SETTINGS, OPEN_HEADERS].concat(),
        b"POST /mcp HTTP/1.1\r\nHost: lo",
    ];
    let open: Vec<TcpStream> = begun
        .iter()
        .map(|bytes| {
            let mut stream = connect(server.address());
            stream.write_all(bytes).unwrap();
            stream
        })
        .collect();
    let mut dripping = connect(server.address());
    let began = Instant::now();
    while dripping.write_all(b"P").is_ok() {
        assert!(began.elapsed() < WAIT, "a head that drips in is taken for ever");
        std::thread::sleep(Duration::from_millis(50));
    }
    for (stream, bytes) in open.iter().zip(begun) {
        let mut all = Vec::new();
        let ended = { stream }.read_to_end(&mut all);
        let waits = ended.as_ref().is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
        assert!(!waits, "it is still open: {:?}", String::from_utf8_lossy(bytes));
    }
    assert_eq!(ask(&server, &call(1, "effects", json!({}))).status, 200);
    let metrics = server.metrics();
    assert!(metrics.sum("mcpserver_connections_ended_total", &[("reason", "header_timeout")]) >= 8.0);
}

/// The time between two requests is not the time for a head.
#[test]
fn an_idle_connection_is_kept_for_its_own_time() {
    let server = with(&["http.header_timeout=200ms", "http.idle_timeout=1m"]);
    let mut idle = server.connect();
    assert_eq!(idle.ask(&call(1, "effects", json!({})), &[]).status, 200);
    std::thread::sleep(Duration::from_millis(700));
    assert_eq!(idle.ask(&call(2, "effects", json!({})), &[]).status, 200);
    // From its first byte on, the next head has its time.
    idle.write(b"POST /mcp HT");
    assert!(idle.is_closed());

    let server = with(&["http.header_timeout=1m", "http.idle_timeout=200ms"]);
    let mut idle = server.connect();
    assert_eq!(idle.ask(&call(1, "slow", json!({"ms": 700})), &[]).status, 200, "a call is not idle");
    assert!(idle.is_closed());
}

/// Who is refused can read why, however long it goes on sending.
#[test]
fn a_refused_client_reads_its_answer_while_it_sends() {
    let server = with(&["http.max_body=64KiB"]);
    let evil = "POST /mcp HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 3000000\r\n\r\n".to_owned();
    for (head, status) in [
        (head(&server, "Content-Length: 20000000\r\n"), "413"),
        (head(&server, "Transfer-Encoding: chunked\r\n"), "413"),
        (evil, "403"),
    ] {
        let stream = connect(server.address());
        let mut sending = &stream;
        sending.write_all(head.as_bytes()).unwrap();
        let chunked = head.contains("chunked");
        for _ in 0..46 {
            if chunked {
                sending.write_all(b"10000\r\n").unwrap();
            }
            sending.write_all(&vec![b' '; 65536]).unwrap_or_else(|error| panic!("{status}: {error}"));
            if chunked {
                sending.write_all(b"\r\n").unwrap();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        stream.shutdown(Shutdown::Write).unwrap();
        let answer = rest(&stream);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(answer.to_ascii_lowercase().contains("\r\nconnection: close\r\n"), "{answer}");
        assert!(answer.contains("jsonrpc"), "{answer}");
    }
}

/// A refusal of a small request leaves its connection open.
#[test]
fn a_small_refused_request_keeps_its_connection() {
    let server = server();
    let mut connection = server.connect();
    connection.send("POST", "/mcp", &[("Host", "evil.example")], b"{}");
    assert_eq!(connection.reply().status, 403);
    assert_eq!(connection.ask(&call(1, "effects", json!({})), &[]).status, 200);
}

/// The connection that does least gives its place to a new one; one at work does not.
#[test]
fn idle_connections_give_way() {
    let server = with(&["http.max_connections=3", "admin.addr=127.0.0.1:0"]);
    let mut working = server.connect();
    working.post(&call(1, "slow", json!({"ms": 1500})), &[]);
    let mut idle = server.connect();
    assert_eq!(idle.ask(&call(2, "effects", json!({})), &[]).status, 200);
    let mut silent = server.connect();
    let mut new: Vec<Connection> = Vec::new();
    for _ in 0..2 {
        new.push(server.connect());
        for connection in &mut new {
            assert_eq!(connection.ask(&call(3, "effects", json!({})), &[]).status, 200);
        }
    }
    assert!(silent.is_closed() && idle.is_closed());
    assert_eq!(working.reply().json()["result"]["content"][0]["text"], "That took 1500 ms.");
    let metrics = server.metrics();
    assert!(metrics.sum("mcpserver_connections_ended_total", &[("reason", "evicted")]) >= 2.0);
}

/// Ten times as many silent connections as there are places disable nobody.
#[test]
fn a_flood_of_silent_connections_disables_nobody() {
    let server = with(&["http.max_connections=50"]);
    let _flood: Vec<TcpStream> = (0..500).map(|_| connect(server.address())).collect();
    for id in 0..20 {
        assert_eq!(ask(&server, &call(id, "effects", json!({}))).status, 200);
    }
}

/// One peer has its share, and learns that it is spent.
#[test]
fn a_peer_has_a_share_of_the_connections() {
    let server = with(&["http.max_connections_per_peer=1", "admin.addr=127.0.0.1:0"]);
    let mut working = server.connect();
    working.post(&call(1, "slow", json!({"ms": 1500})), &[]);
    let mut other = server.connect();
    let reply = loop {
        // The first one may have been idle still.
        other.post(&call(2, "effects", json!({})), &[]);
        let reply = other.reply();
        if reply.status == 503 {
            break reply;
        }
        other = server.connect();
    };
    assert_eq!(reply.json()["id"], json!(null));
    assert!(reply.json()["error"]["code"].is_i64(), "{}", reply.body);
    assert!(reply.headers.contains_key("retry-after") && reply.headers["connection"] == "close");
    assert!(server.metrics().sum("mcpserver_connections_refused_total", &[("reason", "peer")]) >= 1.0);
}

/// A client that has said all waits for its answer (RFC 9112 section 9.6).
#[test]
fn a_half_closed_client_is_answered() {
    let server = server();
    for ms in [0, 30, 400, 3000] {
        let stream = connect(server.address());
        { &stream }.write_all(raw(&server, &call(1, "slow", json!({"ms": ms}))).as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let answer = rest(&stream);
        assert!(answer.starts_with("HTTP/1.1 200 "), "{ms} ms: {answer}");
        assert!(answer.contains(&format!("That took {ms} ms.")), "{answer}");
    }
    let stream = connect(server.address());
    let big = raw(&server, &call(1, "big", json!({"bytes": 200_000})));
    { &stream }.write_all(big.as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert!(rest(&stream).contains(&"x".repeat(200_000)));
}

/// While the server ends, each answer says that it is the last one of its connection.
#[test]
fn the_last_answer_says_so() {
    let server = with(&["shutdown.lame_duck=2s", "admin.addr=127.0.0.1:0"]);
    let mut idle = server.connect();
    let reply = idle.ask(&call(1, "effects", json!({})), &[]);
    assert!(!reply.headers.contains_key("connection"));
    let mut working = server.connect();
    working.post(&call(2, "slow", json!({"ms": 500})), &[]);
    server.terminate();
    server.becomes("draining");
    for connection in [&mut idle, &mut working] {
        if connection.is_waiting() {
            connection.post(&call(3, "effects", json!({})), &[]);
        }
        let reply = connection.reply();
        assert_eq!((reply.status, reply.headers["connection"].as_str()), (200, "close"));
        assert!(connection.is_closed());
    }
}

/// What is no request is refused with a body that says why.
#[test]
fn heads_that_cannot_be_read_are_explained() {
    let server = server();
    let many: String = (0..2000).map(|at| format!("X-{at}: {at}\r\n")).collect();
    let long = "x".repeat(200_000);
    for (head, statuses) in [
        (format!("POST /mcp HTTP/1.1\r\nHost: localhost\r\n{many}\r\n"), &["431"][..]),
        (format!("POST /mcp HTTP/1.1\r\nHost: localhost\r\nX: {long}\r\n\r\n"), &["431"]),
        (format!("POST /{long} HTTP/1.1\r\nHost: localhost\r\n\r\n"), &["414", "431"]),
        ("POST /mcp HTTP/1.1\r\nHost : localhost\r\n\r\n".to_owned(), &["400"]),
        ("GARBAGE\r\n\r\n".to_owned(), &["400"]),
    ] {
        let stream = connect(server.address());
        { &stream }.write_all(head.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let answer = rest(&stream);
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(statuses.contains(&status), "{statuses:?}: {answer}");
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let body: serde_json::Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"));
        assert_eq!(body["error"]["code"], -32600);
    }
}

/// A process with few file descriptors accepts as many connections as it can serve, and its operators reach it.
#[test]
fn descriptors_are_kept_for_operators() {
    let mut command = Command::new("sh");
    command.args(["-c", r#"ulimit -n 200; exec "$0" "$@""#, PROGRAM, "--http", "127.0.0.1:0"]);
    let server = Server::run(command, &["admin.addr=127.0.0.1:0"]);
    let flood: Vec<TcpStream> = (0..400).map(|_| connect(server.address())).collect();
    for _ in 0..5 {
        assert_eq!(server.admin("/livez").0, 200);
        assert_eq!(server.readiness().0, 200);
        assert_eq!(ask(&server, &call(1, "effects", json!({}))).status, 200);
    }
    let places = server.metrics().sum("mcpserver_connections_max", &[("listener", "mcp")]);
    assert!((1.0..200.0).contains(&places), "{places}");
    drop(flood);

    let mut command = Command::new("sh");
    command.args(["-c", r#"ulimit -n 200; exec "$0" "$@""#, PROGRAM, "--http", "127.0.0.1:0"]);
    let said = Server::try_run(command, &["http.max_connections=5000"]).unwrap_err().join("\n");
    assert!(said.contains("http.max_connections") && said.contains("200"), "{said}");
}

/// A request with a header that only a browser's page or a proxy would set keeps its meaning: it does not name the peer.
#[test]
fn strangers_do_not_choose_their_peer() {
    let server = with(&["http.max_connections_per_peer=1"]);
    let mut connection: Connection = server.connect();
    let forwarded = [("X-Forwarded-For", "203.0.113.9")];
    assert_eq!(connection.ask(&call(1, "effects", json!({})), &forwarded).status, 200);
    assert_eq!(refusal(&connection.ask(&call(2, "nothing", json!({})), &forwarded)).1, Some(-32602));
}
