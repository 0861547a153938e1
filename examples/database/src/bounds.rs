//! Bounds that the kernel keeps for the process in which a query runs.

use std::io;

/// How many bytes of memory a worker may have of its own.
pub(crate) const MEMORY: u64 = 64 << 20;

/// How many bytes SQLite may take of them: below the kernel's bound, so that it fails with a word.
pub(crate) const SQLITE_MEMORY: u64 = 40 << 20;

/// How many temporary files a query may have at a time.
pub(crate) const TEMPORARY_FILES: u64 = 8;

/// Bounds this process: its memory, and the size of each file that it writes.
///
/// # Errors
/// If the kernel refuses.
#[cfg(unix)]
pub(crate) fn apply(temporary: u64) -> io::Result<()> {
    use rustix::process::Resource;

    // Past it, the kernel ends the process by `SIGXFSZ`, from which the server knows the reason.
    lower(Resource::Fsize, temporary)?;
    lower(Resource::Core, 0)?;
    lower(Resource::Data, MEMORY)
}

/// Lowers a bound for good; one that is lower already stays.
#[cfg(unix)]
fn lower(resource: rustix::process::Resource, value: u64) -> io::Result<()> {
    use rustix::process::{Rlimit, getrlimit, setrlimit};

    let value = getrlimit(resource).maximum.map_or(value, |maximum| maximum.min(value));
    setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) })?;
    Ok(())
}

/// There is no such bound here: SQLite keeps temporary tables in its bounded memory instead.
#[cfg(not(unix))]
pub(crate) fn apply(_temporary: u64) -> io::Result<()> {
    Ok(())
}

/// Bounds how many files this process may open beyond those that it has open now.
///
/// # Errors
/// If the kernel refuses.
#[cfg(unix)]
pub(crate) fn freeze_files() -> io::Result<()> {
    // A file that is opened gets the lowest free number, and the bound is on the number.
    let next = std::os::fd::AsRawFd::as_raw_fd(&std::fs::File::open("/dev/null")?);
    lower(rustix::process::Resource::Nofile, u64::try_from(next).unwrap_or_default() + TEMPORARY_FILES)
}

/// There is no such bound here.
#[cfg(not(unix))]
pub(crate) fn freeze_files() -> io::Result<()> {
    Ok(())
}
