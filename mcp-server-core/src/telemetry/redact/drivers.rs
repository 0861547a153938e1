//! Drivers: crates that talk to databases and other servers. What they log repeats statements and values, often on
//! threads that belong to no call.

/// The crates, by the first part of the target of their events.
const DRIVERS: [&str; 40] = [
    "async_nats",
    "aws_config",
    "aws_sdk_dynamodb",
    "aws_smithy_runtime",
    "bb8",
    "clickhouse",
    "cassandra",
    "deadpool",
    "deadpool_postgres",
    "deadpool_redis",
    "diesel",
    "duckdb",
    "elasticsearch",
    "fred",
    "h2",
    "hyper",
    "hyper_util",
    "lapin",
    "lettre",
    "libsql",
    "log",
    "mobc",
    "mongodb",
    "mysql",
    "mysql_async",
    "neo4rs",
    "postgres",
    "r2d2",
    "rdkafka",
    "redb",
    "redis",
    "reqwest",
    "rusqlite",
    "rustls",
    "scylla",
    "sea_orm",
    "surrealdb",
    "tiberius",
    "tokio_postgres",
    "tonic",
];

/// Whether events of a target are those of a driver.
pub(crate) fn is_driver(target: &str) -> bool {
    let package = target.split("::").next().unwrap_or_default();
    package.starts_with("sqlx") || package.starts_with("tokio_tungstenite") || DRIVERS.contains(&package)
}

/// Whether a field of a driver's event measures and cannot hold a value of a client.
pub(crate) fn is_measure(field: &str) -> bool {
    matches!(field, "elapsed" | "elapsed_secs" | "slow_threshold" | "rows_affected" | "rows_returned")
}
