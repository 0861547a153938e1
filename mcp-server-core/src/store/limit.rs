//! What every engine takes at least, and no store asks for more than.

/// The longest key, stream or topic, in bytes.
pub const NAME: usize = 512;
/// The largest value or log entry, in bytes.
pub const VALUE: usize = 16 << 20;
/// The largest message on the bus, in bytes: messages are hints, and not every engine takes more.
pub const MESSAGE: usize = 4 << 10;
/// The most entries that one read of a log returns.
pub const READ: usize = 1_000;
/// The most messages that wait for one subscriber.
pub const WAITING: usize = 4_096;
