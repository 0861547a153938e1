//! Where the file lies: read from the URL, made with narrow permissions.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::store::error::StoreError;

/// The path in what follows `sqlite:`.
///
/// Both `sqlite:PATH` and the common spelling `sqlite://PATH` are read; a path is taken as it is, without escapes.
pub(super) fn path(rest: &str) -> Result<PathBuf, StoreError> {
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let refuse = |why| Err(StoreError::url(format!("sqlite:{rest}"), why));
    if path.is_empty() {
        return refuse("it names no file; write `sqlite:/var/lib/app/state.db`");
    }
    if path.contains(":memory:") {
        return refuse("a store in memory is `memory:`");
    }
    if path.contains('?') {
        return refuse("options after `?` are not taken");
    }
    Ok(PathBuf::from(path))
}

/// Makes the folder and the file unless they are there: the folder for its owner alone (0700), the file too (0600).
///
/// The write-ahead log beside the file gets the permissions of the file.
pub(super) fn make(path: &Path) -> Result<(), StoreError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(|error| unusable(path, "its folder cannot be made", error))?;
    }
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|error| unusable(path, "the file cannot be opened for writing", error))
}

/// A file that cannot be used, and whether that can change by itself.
pub(super) fn unusable(path: &Path, what: &str, error: io::Error) -> StoreError {
    let is_passing = matches!(
        error.kind(),
        io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::Interrupted
            | io::ErrorKind::ResourceBusy
    );
    let remedy = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; make room on its disk",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; give this user the right to write there, or name another place"
        }
        io::ErrorKind::IsADirectory => "; it is a folder, name a file in it",
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => "; a part of the path is a file, not a folder",
        _ => "",
    };
    let (place, why, source) = (path.display().to_string(), format!("{what}{remedy}"), Some(error.into()));
    if is_passing {
        StoreError::Unreachable { place, why, source }
    } else {
        StoreError::Unusable { place, why, source }
    }
}
