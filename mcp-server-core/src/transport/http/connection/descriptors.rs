//! File descriptors: what accepting does when there are none, and those that are kept for a listener that must not fail.

use std::fs::File;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A file that every process may open.
const ANY_FILE: &str = "/dev/null";

/// Descriptors that are kept open to be given up when the process has no other.
#[derive(Debug)]
pub(crate) struct Spare {
    files: Mutex<Vec<File>>,
    number: usize,
}

impl Spare {
    /// Keeps so many; fewer if the process has fewer.
    pub(crate) fn new(number: usize) -> Self {
        let spare = Self { files: Mutex::default(), number };
        spare.refill();
        spare
    }

    /// Gives one up. Returns whether there was one.
    pub(super) fn release(&self) -> bool {
        self.lock().pop().is_some()
    }

    /// Takes back what was given up, as far as there are descriptors again.
    pub(super) fn refill(&self) {
        let mut files = self.lock();
        while files.len() < self.number
            && let Ok(file) = File::open(ANY_FILE)
        {
            files.push(file);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<File>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an error says that the process or the system has no descriptors left.
pub(super) fn is_exhausted(error: &io::Error) -> bool {
    let code = error.raw_os_error();
    [rustix::io::Errno::MFILE, rustix::io::Errno::NFILE].iter().any(|errno| code == Some(errno.raw_os_error()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_can_be_given_up_and_comes_back() {
        let spare = Spare::new(2);
        assert!(spare.release() && spare.release() && !spare.release());
        spare.refill();
        assert!(spare.release());
    }

    #[test]
    fn exhaustion_is_told_from_other_failures() {
        assert!(is_exhausted(&io::Error::from_raw_os_error(rustix::io::Errno::MFILE.raw_os_error())));
        assert!(!is_exhausted(&io::Error::from(io::ErrorKind::ConnectionAborted)));
    }
}
