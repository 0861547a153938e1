//! What the command takes.

use std::path::PathBuf;

use clap::Parser;
use mcp_server_tests::services::Kind;

/// Breaks replicas and their store under clients of every kind, and says what did not hold.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// The store that the replicas share, which is started, killed and started again.
    #[arg(long)]
    pub(crate) store: Kind,
    /// For how long things break and clients begin new work; a calm follows, in which all work must end.
    #[arg(long, default_value_t = 20)]
    pub(crate) seconds: u64,
    /// Where every choice comes from.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many clients of each kind.
    #[arg(long, default_value_t = 2)]
    pub(crate) clients: usize,
    /// Where the report goes as JSON, too.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Where the replicas' logs go.
    #[arg(long, value_name = "FILE")]
    pub(crate) logs: Option<PathBuf>,
    /// The server; unset: `workshop-under-test` beside this program.
    #[arg(long, value_name = "PATH")]
    server: Option<PathBuf>,
}

impl Options {
    /// The server's program.
    pub(crate) fn server(&self) -> String {
        let beside = || {
            let own = std::env::current_exe().unwrap_or_default();
            own.with_file_name("workshop-under-test")
        };
        self.server.clone().unwrap_or_else(beside).to_string_lossy().into_owned()
    }
}
