//! The engine on a Redis or Valkey server: many replicas share it.

mod bus;
mod engine;
mod fault;
mod health;
mod kv;
mod link;
mod listener;
mod log;
mod names;
mod place;
mod scripts;
mod wire;

pub use engine::Redis;
