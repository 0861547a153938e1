//! What happens once, on several processes that share a real store: whichever replica is asked, and whichever dies.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "all of it is test code, where a panic says that a test failed"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;

use mcp_server_tests::services::{Postgres, Redis};
use mcp_server_tests::{Connection, Server, call};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_once-under-test");

/// Where functions that run are seen, and held until they are let through.
struct Gate(TcpListener);

impl Gate {
    fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    /// Waits for a run; dropping it lets nobody through.
    fn run(&self) -> (TcpStream, String) {
        self.0.set_nonblocking(false).unwrap();
        let (stream, _) = self.0.accept().unwrap();
        let mut what = String::new();
        BufReader::new(&stream).read_line(&mut what).unwrap();
        (stream, what.trim_end().to_owned())
    }

    fn pass(&self, what: &str) {
        let (mut stream, seen) = self.run();
        assert_eq!(seen, what);
        stream.write_all(b".").unwrap();
    }

    /// Whether nothing ran but what was seen.
    fn is_quiet(&self) -> bool {
        self.0.set_nonblocking(true).unwrap();
        self.0.accept().is_err()
    }
}

/// Some replicas of a server over one store.
struct Place {
    url: String,
    gate: Gate,
}

impl Place {
    fn replica(&self) -> Server {
        let mut command = Command::new(PROGRAM);
        command.args(["--http", "127.0.0.1:0"]).env("GATE", self.gate.0.local_addr().unwrap().to_string());
        Server::run(command, &[&format!("store.url={}", self.url)])
    }
}

fn keyed(tool: &str, amount: u32, key: &str) -> Value {
    let mut message = call(1, tool, json!({ "amount": amount }));
    message["params"]["_meta"]["rs.mcp-server/idempotencyKey"] = key.into();
    message
}

fn post(server: &Server, who: &str, message: &Value) -> Connection {
    let mut connection = server.connect();
    connection.post(message, &[("Authorization", &format!("Bearer {who}"))]);
    connection
}

fn ask(server: &Server, who: &str, message: &Value) -> Value {
    post(server, who, message).reply().json()
}

fn text(answer: &Value) -> String {
    answer["result"]["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

fn kind(answer: &Value) -> &Value {
    &answer["result"]["_meta"]["rs.mcp-server/error"]["kind"]
}

fn is_replayed(answer: &Value) -> bool {
    answer["result"]["_meta"]["rs.mcp-server/replayed"] == true
}

fn fifty_repeats_are_one_run(place: &Place, replicas: &[Server; 3]) {
    let message = keyed("pay", 7, "fifty");
    let mut calls: Vec<Connection> = (0..50).map(|n| post(&replicas[n % 3], "alice", &message)).collect();
    place.gate.pass("pay 7");
    let answers: Vec<Value> = calls.iter_mut().map(|call| call.reply().json()).collect();
    assert!(answers.iter().all(|answer| text(answer) == "paid 7"), "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| !is_replayed(answer)).count(), 1);
    assert!(place.gate.is_quiet(), "it was paid twice");
    assert_eq!(kind(&ask(&replicas[0], "alice", &keyed("pay", 8, "fifty"))), "conflict");
}

fn a_lost_answer_is_found(place: &Place, replicas: &[Server; 3]) {
    let message = keyed("pay", 9, "lost");
    let call = post(&replicas[0], "alice", &message);
    let (mut run, what) = place.gate.run();
    assert_eq!(what, "pay 9");
    drop(call);
    let mut repeat = post(&replicas[1], "alice", &message);
    run.write_all(b".").unwrap();
    let answer = repeat.reply().json();
    assert!(text(&answer) == "paid 9" && is_replayed(&answer), "{answer}");
    assert!(place.gate.is_quiet());
    assert_eq!(text(&ask(&replicas[2], "alice", &message)), "paid 9");
}

fn a_killed_worker_is_told_or_replaced(place: &Place, replicas: &[Server; 3]) {
    let doomed = place.replica();
    let (pay, set) = (keyed("pay", 11, "killed"), keyed("set", 12, "killed"));
    let calls = [post(&doomed, "alice", &pay), post(&doomed, "alice", &set)];
    let runs = [place.gate.run(), place.gate.run()];
    drop(doomed);
    drop((calls, runs));
    let (mut told, mut replaced) = (post(&replicas[0], "alice", &pay), post(&replicas[1], "alice", &set));
    place.gate.pass("set 12");
    assert_eq!(text(&replaced.reply().json()), "set to 12");
    let told = told.reply().json();
    assert_eq!(kind(&told), "worker_lost", "{told}");
    assert_eq!(told["result"]["_meta"]["rs.mcp-server/error"]["retryable"], false);
    assert_eq!(kind(&ask(&replicas[2], "alice", &pay)), "worker_lost");
    assert!(place.gate.is_quiet(), "it was paid again");
}

fn a_lock_of_a_killed_replica_frees(place: &Place, replicas: &[Server; 3]) {
    let alone = call(1, "alone", json!({ "name": "room" }));
    let doomed = place.replica();
    let call = post(&doomed, "alice", &alone);
    let run = place.gate.run();
    let mut next = post(&replicas[0], "bob", &alone);
    assert!(place.gate.is_quiet(), "the second is in it too");
    drop(doomed);
    drop((call, run));
    place.gate.pass("alone in room");
    assert_eq!(text(&next.reply().json()), "was alone in room");
}

fn a_handle_is_its_owners(replicas: &[Server; 3]) {
    let taken = ask(&replicas[0], "alice", &call(1, "take_basket", json!({})));
    let fill = call(1, "fill_basket", json!({ "basket": text(&taken) }));
    let unknown = call(1, "fill_basket", json!({ "basket": "basket_0_AAAAAAAAAAAAAAAAAAAAAA" }));
    assert_eq!(text(&ask(&replicas[1], "alice", &fill)), "1 in it");
    let (foreign, unknown) = (ask(&replicas[2], "bob", &fill), ask(&replicas[2], "bob", &unknown));
    let said = |answer: &Value| {
        let mut error = answer["result"]["_meta"]["rs.mcp-server/error"].clone();
        error.as_object_mut().unwrap().remove("correlationId");
        error
    };
    assert_eq!(kind(&foreign), "not_found");
    assert_eq!(said(&foreign), said(&unknown));
    assert_eq!(text(&ask(&replicas[2], "alice", &fill)), "2 in it");
}

fn everything(url: String) {
    let place = Place { url, gate: Gate::new() };
    let replicas = [place.replica(), place.replica(), place.replica()];
    fifty_repeats_are_one_run(&place, &replicas);
    a_lost_answer_is_found(&place, &replicas);
    a_handle_is_its_owners(&replicas);
    a_lock_of_a_killed_replica_frees(&place, &replicas);
    a_killed_worker_is_told_or_replaced(&place, &replicas);
}

#[test]
fn once_on_postgres() {
    if let Some(postgres) = Postgres::start() {
        everything(postgres.url());
    }
}

#[test]
fn once_on_redis() {
    if let Some(redis) = Redis::start() {
        everything(redis.url());
    }
}
