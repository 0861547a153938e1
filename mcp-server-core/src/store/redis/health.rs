//! What a server says about itself, and whether that will do.

use redis::aio::MultiplexedConnection;
use redis::{RedisError, RedisResult};

use super::fault::{at_open, unusable};
use super::place::Place;
use crate::store::error::StoreError;

/// The oldest version of Redis that is served.
const OLDEST: u32 = 7;

/// Refuses a server that cannot keep a store, and warns of one that may lose what it keeps.
pub(super) async fn check(connection: &mut MultiplexedConnection, place: &Place) -> Result<(), StoreError> {
    let said = ask(connection).await.map_err(|error: RedisError| at_open(place, error))?;
    if let Some(why) = said.refusal() {
        // A replica may become the primary; anything else does not change by itself.
        return Err(if said.is_replica() {
            StoreError::Unreachable { place: place.to_string(), why, source: None }
        } else {
            unusable(place, why, None)
        });
    }
    for risk in said.risks() {
        tracing::warn!(server = %place, "{risk}");
    }
    Ok(())
}

async fn ask(connection: &mut MultiplexedConnection) -> RedisResult<Said> {
    let info = redis::cmd("INFO").query_async(connection).await?;
    let mut said = Said { info, shards: None, snapshots: None };
    if said.field("redis_mode") == Some("cluster") {
        let cluster: String = redis::cmd("CLUSTER").arg("INFO").query_async(connection).await?;
        said.shards = field(&cluster, "cluster_size").and_then(|size| size.parse().ok());
    }
    // Many a hosted server does not say how it is set up.
    let save: RedisResult<Vec<String>> = redis::cmd("CONFIG").arg("GET").arg("save").query_async(connection).await;
    said.snapshots = save.ok().and_then(|pair| pair.get(1).map(|rule| !rule.is_empty()));
    Ok(said)
}

/// What a server says about itself.
#[derive(Debug)]
struct Said {
    /// The answer to `INFO`: lines of a name, a colon and a value.
    info: String,
    /// How many shards there are, if it is a node of a cluster.
    shards: Option<u32>,
    /// Whether it takes snapshots, if it says so.
    snapshots: Option<bool>,
}

impl Said {
    fn field(&self, name: &str) -> Option<&str> {
        field(&self.info, name)
    }

    fn is_replica(&self) -> bool {
        self.field("role") == Some("slave")
    }

    /// Why it cannot keep a store.
    fn refusal(&self) -> Option<String> {
        let version = self.field("redis_version").unwrap_or("an unknown version");
        let major: u32 = version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or(0);
        // Valkey calls itself a Redis of some version for the sake of its clients, and every Valkey will do.
        if major < OLDEST && self.field("valkey_version").is_none() {
            return Some(format!("it is Redis {version}; use Redis {OLDEST}, Valkey, or anything newer"));
        }
        if self.is_replica() {
            let primary = self.field("master_host").unwrap_or("another server");
            return Some(format!("it is a replica, which cannot be written; name its primary, {primary}"));
        }
        self.shards.filter(|shards| *shards > 1).map(|shards| {
            format!(
                "it is one of {shards} shards of a cluster; name a single server, or a proxy in front of the cluster"
            )
        })
    }

    /// How it may lose what it keeps.
    fn risks(&self) -> Vec<String> {
        let mut risks = Vec::new();
        let policy = self.field("maxmemory_policy").unwrap_or("noeviction");
        if policy != "noeviction" && self.field("maxmemory").is_some_and(|limit| limit != "0") {
            risks.push(format!(
                "the Redis server may evict sessions and tasks when its memory is full (maxmemory-policy {policy}); set \
                 it to noeviction"
            ));
        }
        if self.field("aof_enabled") == Some("0") {
            match self.snapshots {
                Some(false) => risks.push(
                    "the Redis server keeps nothing on disk: a restart loses every session and task; set appendonly yes"
                        .to_owned(),
                ),
                Some(true) => risks.push(
                    "the Redis server keeps only snapshots: a restart loses what came after the last one; set appendonly \
                     yes"
                        .to_owned(),
                ),
                None => {}
            }
        }
        risks
    }
}

/// The value of a line `name:value`.
fn field<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(lines: &str) -> Said {
        Said { info: lines.replace(' ', "\r\n"), shards: None, snapshots: Some(true) }
    }

    #[test]
    fn redis_7_and_every_valkey_will_do_and_nothing_older() {
        let refusal = |lines| said(lines).refusal();
        assert_eq!(refusal("redis_version:7.0.15 role:master"), None);
        assert_eq!(refusal("redis_version:8.2.1 role:master"), None);
        assert_eq!(refusal("redis_version:7.2.4 server_name:valkey valkey_version:8.1.0 role:master"), None);
        assert!(refusal("redis_version:6.2.14 role:master").unwrap().contains("Redis 6.2.14"));
        assert!(refusal("uptime:5").unwrap().contains("unknown version"));
    }

    #[test]
    fn a_replica_and_a_shard_are_refused() {
        let replica = said("redis_version:7.0.15 role:slave master_host:10.0.0.1").refusal().unwrap();
        assert!(replica.contains("a replica") && replica.contains("10.0.0.1"), "{replica}");
        let shard = Said { shards: Some(3), ..said("redis_version:7.0.15 role:master redis_mode:cluster") };
        assert!(shard.refusal().unwrap().contains("one of 3 shards"));
        assert_eq!(Said { shards: Some(1), ..shard }.refusal(), None);
    }

    #[test]
    fn a_server_that_forgets_is_warned_of() {
        let safe = "maxmemory:100 maxmemory_policy:noeviction aof_enabled:1";
        assert_eq!(said(safe).risks(), Vec::<String>::new());
        assert_eq!(said("maxmemory:0 maxmemory_policy:allkeys-lru aof_enabled:1").risks(), Vec::<String>::new());
        let evicts = said("maxmemory:100 maxmemory_policy:allkeys-lru aof_enabled:1").risks();
        assert!(matches!(&evicts[..], [risk] if risk.contains("allkeys-lru")), "{evicts:?}");
        let snapshots = said("aof_enabled:0").risks();
        assert!(matches!(&snapshots[..], [risk] if risk.contains("only snapshots")), "{snapshots:?}");
        let nothing = Said { snapshots: Some(false), ..said("aof_enabled:0") }.risks();
        assert!(matches!(&nothing[..], [risk] if risk.contains("nothing on disk")), "{nothing:?}");
    }
}
