//! How many files a server may have open: the operating system's limit, raised as far as needed.
//!
//! Each connection is an open file. The limit that a process starts with is often 1024, below what
//! a server admits, and may be raised by the process itself up to a hard limit, often 524 288.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracing::warn;

/// The files that a server needs beside its connections: sealed segments (at most 64), index runs,
/// snapshots, names, what is being written, and what backups and verifications read.
const BESIDE_CONNECTIONS: usize = 500;

/// Raises this process's limit of open files to what `connections` need, and returns how many
/// connections to admit: all of them, or fewer where the hard limit is too low, which is said in
/// the log. Where it is very low, half of it is left for files.
pub(crate) fn make_room(connections: usize) -> usize {
    let needed = connections.saturating_add(BESIDE_CONNECTIONS);
    let allowed = raise_to(needed);
    if allowed >= needed {
        return connections;
    }
    let admitted = connections.min(allowed - BESIDE_CONNECTIONS.min(allowed / 2));
    warn!(
        "this process may have {allowed} files open, and {connections} connections need {needed}: \
         no more than {admitted} are admitted; raise the hard limit (`ulimit -Hn {needed}`, or \
         LimitNOFILE={needed} for systemd), or ask for fewer with --connections-max"
    );
    admitted
}

/// Raises the limit to `needed` or as far as it may be raised; never lowers it. Returns how many
/// files may be open then.
fn raise_to(needed: usize) -> usize {
    let files = |limit: Option<u64>| {
        limit.map_or(usize::MAX, |limit| limit.try_into().unwrap_or(usize::MAX))
    };
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let (current, wanted) = (files(current), needed.min(files(maximum)));
    if current >= wanted {
        return current;
    }
    let limit = Rlimit {
        current: Some(wanted as u64),
        maximum,
    };
    match setrlimit(Resource::Nofile, limit) {
        Ok(()) => wanted,
        Err(error) => {
            warn!(%error, "the limit of open files cannot be raised to {wanted}");
            current
        }
    }
}
