//! Settings: what an operator may choose about the way into the database.

use std::path::PathBuf;
use std::time::Duration;

/// Limits of the way into the database.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How many queries may run at once.
    pub connections: usize,
    /// How many of them may be of one caller; `None` is half of them, rounded up.
    pub share: Option<usize>,
    /// How long a call waits for a free connection.
    pub wait: Duration,
    /// How long a query may run.
    pub time: Duration,
    /// How many bytes each temporary file of a query in SQLite may have.
    pub temporary: u64,
    /// Functions of PostgreSQL that may be called although they are volatile.
    pub functions: Vec<String>,
    /// Whether a PostgreSQL role is accepted that can do much more than read tables.
    pub privileged: bool,
    /// The program that is started as a query worker: this server's own binary.
    pub program: PathBuf,
}

impl Settings {
    /// How many queries of one caller may run at once.
    pub fn share(&self) -> usize {
        self.share.unwrap_or(self.connections.div_ceil(2)).clamp(1, self.connections.max(1))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connections: 5,
            share: None,
            wait: Duration::from_secs(2),
            time: Duration::from_secs(10),
            temporary: 64 << 20,
            functions: Vec::new(),
            privileged: false,
            program: own_program(),
        }
    }
}

/// On Linux the link leads to the running binary even after the file was replaced by an update.
fn own_program() -> PathBuf {
    if cfg!(target_os = "linux") {
        return PathBuf::from("/proc/self/exe");
    }
    std::env::current_exe().unwrap_or_else(|_| PathBuf::from("database"))
}
