//! Several processes over one store.

use std::process::{Child, Command};

use mcp_server_core::store::open;

use super::subjects::{POSTGRES, REDIS, sqlite};

/// Processes that count at once lose no count.
async fn count(url: &str) {
    let start = |_| Command::new(env!("CARGO_BIN_EXE_counter-under-test")).args([url, "count", "50"]).spawn().unwrap();
    let processes: Vec<Child> = (0..4).map(start).collect();
    for mut process in processes {
        assert!(process.wait().unwrap().success());
    }
    assert_eq!(open(url).await.unwrap().get("count").await.unwrap().unwrap().value, "200");
}

#[tokio::test]
async fn no_count_is_lost_on_postgres() {
    let Some(server) = &*POSTGRES else { return };
    count(&format!("{}?schema=processes", server.url())).await;
}

#[tokio::test]
async fn no_count_is_lost_on_redis() {
    let Some(server) = &*REDIS else { return };
    count(&format!("{}?prefix=processes", server.url())).await;
}

/// A file belongs to one process at a time; the lock ends with the process, however that ends.
#[tokio::test]
async fn a_file_is_of_one_process_at_a_time() {
    let Some(subject) = sqlite() else { return };
    let url = subject.url();
    let count = |url: &str| Command::new(env!("CARGO_BIN_EXE_counter-under-test")).args([url, "count", "5"]).output();
    let held = open(&url).await.unwrap();
    let refused = count(&url).unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains(&format!("process {}", std::process::id())), "{said}");
    held.close().await.unwrap();
    assert!(count(&url).unwrap().status.success(), "the file is free once it is closed");

    let mut killed = Command::new(env!("CARGO_BIN_EXE_counter-under-test"));
    let mut killed = killed.args([url.as_str(), "count", "4000000000"]).spawn().unwrap();
    // It has the file once it counts.
    while count(&url).is_ok_and(|output| output.status.success()) {
        tokio::task::yield_now().await;
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(count(&url).unwrap().status.success(), "nothing is left of a process that was killed");
}
