//! Readiness and liveness on an address of their own.

use mcp_server_tests::services::{Postgres, Redis};
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

#[test]
fn a_store_without_memory_is_not_ready_until_it_has_some() {
    let Some(redis) = Redis::start() else { return };
    let server = replica(&redis.url(), &[]);
    server.becomes("ready");
    redis.command(&["CONFIG", "SET", "maxmemory", "1"]);
    server.becomes("store");
    assert_eq!(server.admin("/livez"), (200, "live".to_owned()));
    redis.command(&["CONFIG", "SET", "maxmemory", "0"]);
    server.becomes("ready");
}

#[test]
fn a_database_without_connections_is_not_ready_until_it_has_some() {
    let Some(postgres) = Postgres::start() else { return };
    postgres.execute("CREATE ROLE app LOGIN; GRANT CREATE ON DATABASE postgres TO app");
    let server = replica(&postgres.url_of("app"), &[]);
    server.becomes("ready");
    postgres.execute("ALTER ROLE app CONNECTION LIMIT 0");
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'app'";
    postgres.execute(end);
    server.becomes("store");
    postgres.execute("ALTER ROLE app CONNECTION LIMIT -1");
    server.becomes("ready");
}
