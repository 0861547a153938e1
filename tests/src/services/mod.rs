//! Real servers for the length of a test: started on a port of their own, stopped, paused, and gone at the end.

mod guardian;
mod port;
mod postgres;
mod redis;

pub use postgres::Postgres;
pub use redis::Redis;
