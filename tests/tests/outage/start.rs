//! At start: a store that is not there is named, and so is a URL that never will be.

use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use mcp_server_tests::Folder;
use mcp_server_tests::services::{Postgres, Redis};

use super::PROGRAM;

fn run(arguments: &[&str], store: &str) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(["--http", "127.0.0.1:0", "--set", &format!("store.url={store}")]).args(arguments);
    command.stdin(Stdio::null()).output().expect("it starts and ends")
}

/// An address that nobody listens at while this lives: the port is taken, and refuses.
fn nobody() -> (TcpListener, u16) {
    let taken = TcpListener::bind("127.0.0.2:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    (taken, port)
}

#[test]
fn a_store_that_is_not_there_refuses_the_start_and_the_check_by_name() {
    let (_taken, port) = nobody();
    for url in
        [format!("postgres://app:hush-hush@127.0.0.1:{port}/app"), format!("redis://:hush-hush@127.0.0.1:{port}")]
    {
        for arguments in [&[][..], &["check"]] {
            let ended = run(arguments, &url);
            let said = String::from_utf8_lossy(&ended.stderr);
            assert_eq!(ended.status.code(), Some(75), "{arguments:?}: {said}");
            assert!(said.contains("store.url") && said.contains(&format!("127.0.0.1:{port}")), "{said}");
            assert!(!said.contains("hush-hush"), "no password is shown: {said}");
        }
    }
}

/// A server that answers with this, whatever it is asked.
fn answering(answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut asked = [0; 64];
            drop(std::io::Read::read(&mut stream, &mut asked));
            drop(std::io::Write::write_all(&mut stream, answer));
        }
    });
    port
}

/// What a start and a check say of a store; both end with this code, and say the same cause once.
fn ends(url: &str, code: i32, words: &[&str]) {
    for arguments in [&[][..], &["check"]] {
        let ended = run(arguments, url);
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(code), "{url} {arguments:?}: {said}");
        for word in words {
            assert!(said.contains(word), "{word}: {said}");
        }
        let line = said.lines().find(|line| line.contains("store.url")).unwrap_or_default();
        let parts: Vec<&str> = line.split(": ").collect();
        for (index, part) in parts.iter().enumerate() {
            assert!(!parts[index + 1..].contains(part), "said twice: {line}");
        }
        assert!(!said.contains("hush-hush"), "no password is shown: {said}");
    }
}

#[test]
fn what_waiting_does_not_mend_is_configuration() {
    let Some(postgres) = Postgres::start() else { return };
    let url = postgres.url();
    let (_, place) = url.split_once('@').expect("it has a user");
    let (host, _) = place.split_once('/').expect("it has a database");
    ends(&format!("postgres://nobody_of_that_name:hush-hush@{host}/postgres"), 78, &["nobody_of_that_name", host]);
    ends(
        &format!("{}no_such_database", url.trim_end_matches(place.split_once('/').unwrap().1)),
        78,
        &["no_such_database", host],
    );
    ends(&format!("{url}?sslrootcert=/no/such/file.pem&sslmode=verify-full"), 78, &[host]);
    let port = answering(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    ends(&format!("postgres://app:hush-hush@127.0.0.1:{port}/app"), 78, &["app@127.0.0.1", "PostgreSQL"]);
}

#[test]
fn what_waiting_does_not_mend_about_redis_is_configuration() {
    let Some(redis) = Redis::start() else { return };
    let url = redis.url();
    let (_, place) = url.split_once("://").expect("it has a scheme");
    let host = place.rsplit('@').next().unwrap_or(place).trim_end_matches('/');
    ends(&format!("redis://app:hush-hush@{host}"), 78, &["`app`", host]);
    ends(&format!("redis://{host}/9999999"), 78, &[host]);
    let port = answering(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    ends(&format!("redis://:hush-hush@127.0.0.1:{port}"), 78, &[&format!("127.0.0.1:{port}")]);
}

#[test]
fn a_file_that_cannot_be_used_is_configuration() {
    let folder = Folder::new("start");
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "notes, and more of them than the header of a database has bytes. ".repeat(20)).unwrap();
    ends(&format!("sqlite:{}", text.display()), 78, &["not an SQLite file", &text.display().to_string()]);
    ends(&format!("sqlite:{}", folder.path().display()), 78, &["folder"]);
    ends(&format!("sqlite:{}/state.db", text.display()), 78, &["a part of the path is a file"]);
    // A folder that nobody can make, not even an administrator.
    ends("sqlite:/proc/mcp-server/state.db", 78, &["/proc/mcp-server/state.db"]);
}

#[test]
fn options_of_a_store_that_nobody_knows_are_faults() {
    for (url, word) in [
        ("postgres://app:hush-hush@127.0.0.1/app?shcema=x", "shcema"),
        ("postgres://app:hush-hush@127.0.0.1/app?sslmod=verify-full", "sslmod"),
        ("redis://:hush-hush@127.0.0.1/?prefx=a", "prefix"),
        ("sqlite:state.db?mode=ro", "options"),
    ] {
        ends(url, 78, &[word]);
    }
}

#[test]
fn a_busy_port_is_temporary_and_the_check_tells_it() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let busy = taken.local_addr().expect("an address").to_string();
    let (free, unusable) = ("127.0.0.1:0", "192.0.2.1:8080");
    for (settings, code, words) in [
        ([format!("http.addr={busy}"), format!("admin.addr={free}")], 75, ["http.addr", &busy]),
        ([format!("http.addr={free}"), format!("admin.addr={busy}")], 75, ["admin.addr", &busy]),
        ([format!("http.addr={unusable}"), format!("admin.addr={free}")], 78, ["http.addr", unusable]),
    ] {
        for arguments in [&[][..], &["check"]] {
            let mut command = Command::new(PROGRAM);
            for setting in &settings {
                command.args(["--set", setting]);
            }
            command.args(["--set", "store.url=memory:", "--set", "http.public_without_authentication=true"]);
            let ended = command.args(arguments).stdin(Stdio::null()).output().expect("it starts and ends");
            let said = String::from_utf8_lossy(&ended.stderr);
            assert_eq!(ended.status.code(), Some(code), "{settings:?} {arguments:?}: {said}");
            assert!(words.iter().all(|word| said.contains(word)), "{said}");
            assert!(arguments.is_empty() || !ended.stdout.is_empty(), "the check shows the rest");
        }
    }
}

#[test]
fn a_url_of_no_store_is_a_fault_of_the_configuration() {
    for url in ["mongodb://127.0.0.1/app", "memory:app", "nonsense"] {
        for arguments in [&[][..], &["check"]] {
            let ended = run(arguments, url);
            let said = String::from_utf8_lossy(&ended.stderr);
            assert_eq!(ended.status.code(), Some(78), "{arguments:?}: {said}");
            assert!(said.contains("store.url"), "{said}");
        }
    }
}

#[test]
fn deadlines_that_do_not_fit_together_are_faults() {
    for (settings, named) in [
        (&["store.timeout=3s"][..], "store.lease"),
        (&["store.lease=1s"], "store.lease"),
        (&["seal.rotate=1d"], "seal.rotate"),
        (&["seal.rotate=1s"], "seal.rotate"),
    ] {
        let flags: Vec<&str> = settings.iter().flat_map(|setting| ["--set", setting]).collect();
        let ended = run(&flags, "memory:");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(78), "{settings:?}: {said}");
        assert!(said.contains(named), "{said}");
    }
}
