//! Readiness and liveness on an address of their own.

use mcp_server_tests::{Connection, Server, call};
use serde_json::json;

use super::{PROGRAM, replica};

#[test]
fn a_server_is_ready_until_it_drains_and_serves_meanwhile() {
    let server = replica("memory:", &["shutdown.lame_duck=3s"]);
    assert_eq!(server.readiness(), (200, "ready".to_owned()));
    assert_eq!(server.admin("/livez"), (200, "live".to_owned()));
    server.terminate();
    server.becomes("draining");
    let reply = server.connect().ask(&call(1, "test_simple_text", json!({})), &[]);
    assert_eq!(reply.status, 200, "balancers still have to notice");
    assert_eq!(server.admin("/livez").0, 200);
    assert!(server.wait().success());
}

#[test]
fn the_endpoint_itself_serves_neither() {
    let server = Server::start(PROGRAM, &[]);
    for path in ["/livez", "/readyz"] {
        let mut connection = server.connect();
        connection.send("GET", path, &[], b"");
        assert_eq!(connection.reply().status, 404);
    }
}

#[test]
fn whoever_holds_connections_open_shuts_nobody_out_for_long() {
    let server = replica("memory:", &[]);
    let address = server.admin_address();
    // As many as there are places, and they say nothing.
    let _idle: Vec<Connection> = (0..64).map(|_| Connection::open(address)).collect();
    assert_eq!(server.admin("/livez").0, 200);
}
