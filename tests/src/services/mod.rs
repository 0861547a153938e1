//! Real servers for the stores: throwaway processes on ports and in folders of their own.

mod redis;

pub use redis::Redis;
