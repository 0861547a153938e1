//! At start: a store that is not there is named, and so is a URL that never will be.

use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

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
