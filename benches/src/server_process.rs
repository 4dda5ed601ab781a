//! A server process of a run's own.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// A server on a data directory that somebody else looks after. It is killed when this goes.
#[derive(Debug)]
pub struct ServerProcess {
    process: Child,
    address: String,
    data_dir: PathBuf,
}

impl ServerProcess {
    /// Starts `program`, which is `pacioli`, as a server on `data_dir`, and waits until it listens.
    /// A directory in memory, where a sync costs nothing, is warned of.
    ///
    /// # Errors
    /// What the system says; `UnexpectedEof` if the server ended before it listened.
    pub fn start(program: &Path, data_dir: &Path) -> io::Result<Self> {
        if is_memory(data_dir) {
            eprintln!(
                "warning: {} is in memory, where a sync costs nothing; name a disk with --data-dir",
                data_dir.display()
            );
        }
        let mut process = Command::new(program)
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
            .spawn()?;
        match read_address(&mut process) {
            Ok(address) => Ok(Self {
                process,
                address,
                data_dir: data_dir.to_owned(),
            }),
            Err(error) => {
                let _ = process.kill();
                let _ = process.wait();
                Err(error)
            }
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The most memory that it had resident (`VmHWM`), if the system tells.
    #[must_use]
    pub fn memory_bytes_max(&self) -> Option<u64> {
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
    ///
    /// # Errors
    /// What the file system says.
    pub fn disk_bytes(&self) -> io::Result<u64> {
        written_below(&self.data_dir)
    }

    /// Asks it to end, as an operator does, and waits until it has.
    ///
    /// # Errors
    /// What the system says.
    pub fn end(mut self) -> io::Result<ExitStatus> {
        kill_process(Pid::from_child(&self.process), Signal::TERM)?;
        self.process.wait()
    }

    /// Ends it at once. What it has is lost with it, but for what is on the disk.
    pub fn kill(self) {}
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // Mostly it has ended by now, and there is nothing to kill.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What `serve` says before the address.
const LISTENING: &str = "listening on ";

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
        let counted = match entry.file_type() {
            Ok(kind) if kind.is_dir() => written_below(&entry.path()),
            Ok(kind) if kind.is_file() => written(&entry.path()),
            kind => kind.map(|_| 0),
        };
        bytes += match counted {
            // A segment was sealed, or runs were merged, between the listing and the look.
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            counted => counted?,
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
