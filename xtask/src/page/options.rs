//! What the verb takes.

use std::path::PathBuf;

use clap::Args;

/// What the verb takes.
#[derive(Debug, Default, Args)]
pub(crate) struct Options {
    /// Instead of checking, let calls come for a while and write a picture of the page to this file.
    #[arg(long, value_name = "FILE")]
    pub(super) screenshot: Option<PathBuf>,
    /// The picture shows the dark theme.
    #[arg(long, requires = "screenshot")]
    pub(super) dark: bool,
    /// How wide the picture is, in pixels.
    #[arg(long, requires = "screenshot", default_value_t = 1120)]
    pub(super) width: u32,
    /// For how many seconds calls come before the picture is taken.
    #[arg(long, requires = "screenshot", default_value_t = 150)]
    pub(super) seconds: u32,
    /// The picture shows this tool instead of all of them.
    #[arg(long, requires = "screenshot")]
    pub(super) tool: Option<String>,
    /// Another server binary than the `database` example, with the same tools and flags.
    #[arg(long, value_name = "PATH")]
    pub(super) server: Option<PathBuf>,
}
