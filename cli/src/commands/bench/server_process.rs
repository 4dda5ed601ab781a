//! A server process of the bench's own.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::command_error::CommandError;

/// A server on a temporary directory. It is killed and its directory removed when this goes.
pub(super) struct ServerProcess {
    process: Child,
    address: String,
    data_dir: TempDir,
}

/// What `serve` says before the address.
const LISTENING: &str = "listening on ";

impl ServerProcess {
    /// Starts this very program as a server, on a new directory in `parent`.
    pub(super) fn start(parent: Option<&Path>) -> Result<Self, CommandError> {
        let parent = parent.map_or_else(std::env::temp_dir, Path::to_owned);
        if is_memory(&parent) {
            eprintln!(
                "warning: {} is in memory, where a sync costs nothing; name a disk with --data-dir",
                parent.display()
            );
        }
        let data_dir = TempDir::with_prefix_in("pacioli-bench-", &parent).map_err(|source| {
            let path = parent.clone();
            CommandError::File { path, source }
        })?;
        let mut process = start(data_dir.path()).map_err(CommandError::ServerProcess)?;
        match read_address(&mut process) {
            Ok(address) => Ok(Self {
                process,
                address,
                data_dir,
            }),
            Err(error) => {
                let _ = process.kill();
                let _ = process.wait();
                Err(CommandError::ServerProcess(error))
            }
        }
    }

    /// Where it listens.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// The most memory that it had resident, if the system tells.
    pub(super) fn memory_bytes_max(&self) -> Option<u64> {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kibibytes * 1024)
    }

    /// What it has written into its data directory: each file up to its last byte that is not
    /// zero, so that space which the journal has only allocated ahead does not count.
    pub(super) fn journal_bytes(&self) -> Result<u64, CommandError> {
        written_below(self.data_dir.path()).map_err(|source| CommandError::File {
            path: self.data_dir.path().to_owned(),
            source,
        })
    }

    /// Ends it.
    pub(super) fn end(self) {}
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It has nothing to lose: the directory goes with it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn start(data_dir: &Path) -> io::Result<Child> {
    Command::new(std::env::current_exe()?)
        .arg("serve")
        .arg("--data-dir")
        .arg(data_dir)
        .args(["--listen", "127.0.0.1:0"])
        .env(
            "PACIOLI_LOG",
            std::env::var("PACIOLI_LOG").unwrap_or_else(|_| "warn".to_owned()),
        )
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
}

fn read_address(process: &mut Child) -> io::Result<String> {
    let stdout = process.stdout.take().expect("standard output is piped");
    for line in BufReader::new(stdout).lines() {
        if let Some(address) = line?.strip_prefix(LISTENING) {
            return Ok(address.to_owned());
        }
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

fn written_below(dir: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        bytes += match entry.file_type()? {
            kind if kind.is_dir() => written_below(&entry.path())?,
            kind if kind.is_file() => written(&entry.path())?,
            _ => 0,
        };
    }
    Ok(bytes)
}

/// The length of a file without the zeros at its end.
fn written(path: &Path) -> io::Result<u64> {
    const PIECE_BYTES: u64 = 1 << 20;
    let mut file = File::open(path)?;
    let mut end = file.metadata()?.len();
    let mut piece = Vec::new();
    while end > 0 {
        let begin = end.saturating_sub(PIECE_BYTES);
        piece.clear();
        file.seek(SeekFrom::Start(begin))?;
        file.by_ref().take(end - begin).read_to_end(&mut piece)?;
        if let Some(last) = piece.iter().rposition(|&byte| byte != 0) {
            return Ok(begin + last as u64 + 1);
        }
        end = begin;
    }
    Ok(0)
}

/// Whether files in `dir` lie in memory, as far as the system tells.
fn is_memory(dir: &Path) -> bool {
    let Ok(mounts) = std::fs::read_to_string("/proc/self/mounts") else {
        return false;
    };
    let Ok(dir) = dir.canonicalize() else {
        return false;
    };
    let mounted = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let (point, kind) = (fields.next()?, fields.next()?);
        dir.starts_with(point).then_some((point.len(), kind))
    });
    let innermost = mounted.max_by_key(|(length, _)| *length);
    innermost.is_some_and(|(_, kind)| kind == "tmpfs" || kind == "ramfs")
}

#[cfg(test)]
mod tests;
