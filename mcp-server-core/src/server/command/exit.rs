//! How the process ends, as a number that supervisors and scripts act on.

use std::process::ExitCode;

/// How the process ends. The numbers from 64 are those of `sysexits.h`.
///
/// ```
/// use mcp_server_core::server::command::Exit;
///
/// assert_eq!(Exit::Configuration.code(), 78);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Exit {
    /// 0: it did what it was asked to do.
    Done,
    /// 1: `tools --against` found a breaking difference.
    Breaking,
    /// 64: the command line is wrong.
    Usage,
    /// 70: a bug of the server.
    Bug,
    /// 75: something outside is not there now; starting again later may help.
    Temporary,
    /// 78: the configuration is wrong; starting again will not help.
    Configuration,
}

impl Exit {
    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Breaking => 1,
            Self::Usage => 64,
            Self::Bug => 70,
            Self::Temporary => 75,
            Self::Configuration => 78,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
