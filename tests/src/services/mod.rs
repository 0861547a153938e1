//! Real servers for the length of a test: started on a port of their own, stopped, paused, and gone at the end.

mod backing;
mod collector;
mod guardian;
mod lock;
mod nginx;
mod port;
mod postgres;
mod prometheus;
mod redis;

pub use backing::{Backing, Kind};
pub use collector::{Attributes, Collector, Mood, Point, SeenMetric, SeenSpan, Tls};
pub use lock::Lock;
pub use nginx::Nginx;
pub(crate) use port::free as free_port;
pub use postgres::Postgres;
pub use prometheus::Prometheus;
pub use redis::Redis;
