//! Looking into a directory that nobody has open, without changing it.

use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use ledger_core::{AccountId, Sequence};

use super::store::{Left, read_closed};

/// What there is at a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Inspected {
    /// Nothing.
    Absent,
    /// A directory that was not closed: the next start makes it anew.
    Open,
    /// A directory as a clean end left it.
    Closed(Left),
}

/// Why it cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InspectError {
    #[error("the directory of names cannot be copied")]
    Copy(#[source] io::Error),
    #[error("the directory of names cannot be read")]
    Sled(#[source] sled::Error),
    #[error("reading the directory of names panicked")]
    Panicked,
}

/// Shows every name in the directory at `path` with its account and the event that gave it.
///
/// sled writes when it opens, so what is read is a copy, which goes again.
pub(crate) fn inspect(
    path: &Path,
    each: &mut dyn FnMut(AccountId, Sequence, &str),
) -> Result<Inspected, InspectError> {
    if !path.is_dir() {
        return Ok(Inspected::Absent);
    }
    let copy = Copy::of(path).map_err(InspectError::Copy)?;
    // sled may panic on a damaged directory.
    let read = catch_unwind(AssertUnwindSafe(|| read_closed(&copy.0, each)));
    let left = read
        .map_err(|_| InspectError::Panicked)?
        .map_err(InspectError::Sled)?;
    Ok(left.map_or(Inspected::Open, Inspected::Closed))
}

/// A copy in the system's temporary directory.
struct Copy(PathBuf);

impl Copy {
    fn of(path: &Path) -> io::Result<Self> {
        let name = format!("pacioli-directory-{:016x}", getrandom::u64()?);
        let copy = Self(std::env::temp_dir().join(name));
        copy_below(path, &copy.0)?;
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // What cannot be removed is left to the system, whose temporary files these are.
        drop(fs::remove_dir_all(&self.0));
    }
}

fn copy_below(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_below(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}
