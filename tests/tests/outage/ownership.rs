//! State has an owner: a file belongs to one process, and a store to one server.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use mcp_server_tests::{Folder, Server, legacy};
use serde_json::json;

use super::service::Service;
use super::{PROGRAM, ask, open};

/// A server with another name.
const OTHER: &str = env!("CARGO_BIN_EXE_guarded-under-test");

/// A start that says nothing of a store, so that the state folder is used.
fn command(program: &str, state: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.env("XDG_STATE_HOME", state).args(["--http", "127.0.0.1:0", "--set", "log.format=json"]).args(more);
    command
}

fn start(program: &str, state: &Path) -> Server {
    let started = Server::try_start(command(program, state, &[]));
    started.unwrap_or_else(|said| panic!("it starts:\n{}", said.join("\n")))
}

fn end(mut command: Command) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = command.stdin(Stdio::null()).output().expect("it starts and ends");
    (status.code(), String::from_utf8_lossy(&stderr).into_owned())
}

#[test]
fn the_default_file_belongs_to_one_process_until_that_ends() {
    let folder = Folder::new("ownership");
    let first = start(PROGRAM, folder.path());
    let session = open(&first);
    for more in [&[][..], &["check"]] {
        let (code, said) = end(command(PROGRAM, folder.path(), more));
        assert_eq!(code, Some(75), "{said}");
        for part in [&format!("process {}", first.process()), "store.url", "state.db"] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
    assert_eq!(ask(&first, &session, &legacy(1, "ping", json!({}))).status, 200);
    // A kill leaves nothing behind that would hinder the next start, and the sessions are there.
    first.kill();
    let second = start(PROGRAM, folder.path());
    assert_eq!(ask(&second, &session, &legacy(2, "ping", json!({}))).status, 200);
}

#[test]
fn programs_of_one_name_and_instances_of_one_program_do_not_share_a_file() {
    let folder = Folder::new("ownership");
    let (state, copy) = (folder.path().join("state"), folder.path().join("everything"));
    std::fs::copy(PROGRAM, &copy).expect("a program can be copied");
    let instance = |name: &str| {
        let mut command = command(PROGRAM, &state, &[]);
        command.env("INSTANCE", name);
        Server::try_start(command).unwrap_or_else(|said| panic!("it starts:\n{}", said.join("\n")))
    };
    let one = start(PROGRAM, &state);
    let session = open(&one);
    let others = [start(&copy.to_string_lossy(), &state), instance("staging"), instance("production")];
    for other in &others {
        assert_eq!(ask(other, &session, &legacy(1, "ping", json!({}))).status, 404, "a session of somebody else");
    }
    assert_eq!(ask(&one, &session, &legacy(2, "ping", json!({}))).status, 200);
}

#[test]
fn a_store_belongs_to_the_server_that_used_it_first() {
    let folder = Folder::new("ownership");
    let file = format!("sqlite:{}", folder.path().join("state.db").display());
    belongs(&file);
    Service::each(|service| belongs(&service.url()));
}

fn belongs(url: &str) {
    let setting = format!("store.url={url}");
    drop(Server::start(PROGRAM, &[&setting]));
    let flags = ["--set", setting.as_str()];
    for more in [&flags[..], &[&flags[..], &["check"]].concat()] {
        let (code, said) = end(command(OTHER, Path::new("/nonexistent"), more));
        assert_eq!(code, Some(78), "{said}");
        assert!(said.contains("`everything`") && said.contains("`guarded`"), "{said}");
        let mut staging = command(PROGRAM, Path::new("/nonexistent"), more);
        staging.env("INSTANCE", "staging");
        let (code, said) = end(staging);
        assert_eq!(code, Some(78), "{said}");
        assert!(said.contains("`everything`") && said.contains("instance `staging`"), "{said}");
    }
    // The same server, whatever its version: it is not refused.
    drop(Server::start(PROGRAM, &[&setting]));
}
