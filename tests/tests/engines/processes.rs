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

#[tokio::test]
async fn no_count_is_lost_in_a_file() {
    let Some(subject) = sqlite() else { return };
    count(&subject.url()).await;
}
