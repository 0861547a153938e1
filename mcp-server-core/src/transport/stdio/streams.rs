//! The process's streams: the real ones are moved away, so that no stray read or write can break the protocol.

use std::io;
use std::os::fd::OwnedFd;

use rustix::fs::{Mode, OFlags};

/// The streams that the protocol runs on.
#[derive(Debug)]
pub(super) struct Streams {
    pub(super) input: OwnedFd,
    pub(super) output: OwnedFd,
}

/// Moves standard input and output to private descriptors. Descriptor 0 then reads nothing and descriptor 1 writes to
/// standard error: a `println!` in a tool, a C library or a child process lands in the log.
///
/// # Errors
/// What the system says: a stream is closed, or there are no descriptors left.
pub(super) fn take() -> io::Result<Streams> {
    let input = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
    let output = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3)?;
    let nothing = rustix::fs::open("/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    rustix::stdio::dup2_stdin(&nothing)?;
    rustix::stdio::dup2_stdout(rustix::stdio::stderr())?;
    Ok(Streams { input, output })
}
