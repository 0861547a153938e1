//! The lock of a file: a store in a file belongs to one process at a time.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::time::Instant;

use super::place::unusable;
use crate::store::error::StoreError;

/// How soon a lock that another process holds is tried again.
const AGAIN: Duration = Duration::from_millis(20);
/// How much is read of what the holder says of itself, in bytes.
const SAYS: u64 = 1024;

/// The locks of this process by the file that they guard: within a process a file can be opened several times.
static HELD: LazyLock<Mutex<HashMap<PathBuf, Weak<FileLock>>>> = LazyLock::new(Mutex::default);

/// A lock of the operating system on `FILE.lock` beside the file. It ends with the process, however that ends.
///
/// The lock file stays: removing it would let two processes lock two files of one name.
#[derive(Debug)]
pub(super) struct FileLock {
    /// Closing it gives the lock back.
    _file: File,
}

impl FileLock {
    /// Takes the lock of a file that exists. Waits up to `wait` for another process that is about to end.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`] that names the process which holds the lock, if that is known.
    pub(super) async fn take(path: &Path, wait: Duration) -> Result<Arc<Self>, StoreError> {
        let fault = |error| unusable(path, "its lock file cannot be opened", error);
        // Whatever name leads to the file, its lock is one.
        let file = fs::canonicalize(path).map_err(fault)?;
        let since = Instant::now();
        loop {
            match Self::try_take(&file) {
                Ok(lock) => return Ok(lock),
                Err(TryLockError::WouldBlock) if since.elapsed() < wait => tokio::time::sleep(AGAIN).await,
                Err(TryLockError::WouldBlock) => return Err(held(path, &file)),
                Err(TryLockError::Error(error)) => return Err(fault(error)),
            }
        }
    }

    fn try_take(path: &Path) -> Result<Arc<Self>, TryLockError> {
        let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = held.get(path).and_then(Weak::upgrade) {
            return Ok(lock);
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(name(path)).map_err(TryLockError::Error)?;
        file.try_lock()?;
        // It is only what others are told: the lock holds without it.
        drop(introduce(&mut file));
        let lock = Arc::new(Self { _file: file });
        held.retain(|_, lock| lock.strong_count() > 0);
        held.insert(path.to_owned(), Arc::downgrade(&lock));
        Ok(lock)
    }
}

/// The name of the lock file.
fn name(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".lock");
    name.into()
}

/// Writes who holds the lock.
fn introduce(file: &mut File) -> io::Result<()> {
    let program = std::env::current_exe().map(|path| format!(" ({})", path.display())).unwrap_or_default();
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(format!("process {}{program}\n", std::process::id()).as_bytes())
}

/// The error for a file that another process has.
fn held(path: &Path, file: &Path) -> StoreError {
    let mut says = String::new();
    let read = File::open(name(file)).and_then(|file| file.take(SAYS).read_to_string(&mut says));
    let holder = match (read, says.trim()) {
        (Ok(_), says) if !says.is_empty() => says,
        _ => "another process",
    };
    StoreError::Unreachable {
        place: path.display().to_string(),
        why: format!(
            "{holder} uses it, and a file belongs to one process at a time; stop that process, or set store.url to \
             another file (`sqlite:PATH`), to `memory:`, or to a PostgreSQL or Redis server, which replicas can share"
        ),
        source: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreErrorKind;
    use crate::store::seal::random_id;

    #[tokio::test]
    async fn within_a_process_a_lock_is_shared_and_ends_with_its_last_holder() {
        let path = std::env::temp_dir().join(format!("mcp-server-lock-{}", random_id()));
        fs::write(&path, "").unwrap();
        let first = FileLock::take(&path, Duration::ZERO).await.unwrap();
        let second = FileLock::take(&path, Duration::ZERO).await.unwrap();
        assert!(Arc::ptr_eq(&first, &second));

        // As another process would try it.
        let other = File::open(name(&fs::canonicalize(&path).unwrap())).unwrap();
        assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
        drop(first);
        assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
        drop(second);
        other.try_lock().unwrap();

        let refused = FileLock::take(&path, Duration::ZERO).await.unwrap_err();
        assert_eq!(refused.kind(), StoreErrorKind::Unavailable);
        let text = refused.to_string();
        for part in [&format!("process {}", std::process::id()), "store.url", &path.display().to_string()] {
            assert!(text.contains(part), "{text}");
        }
        drop(other);
        fs::remove_file(name(&path)).ok();
        fs::remove_file(path).ok();
    }
}
