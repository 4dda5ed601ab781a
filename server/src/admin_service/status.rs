//! How the server is.

use std::{sync::atomic::Ordering, time::UNIX_EPOCH};

use ledger_engine::{Degraded, Engine, EngineStatus, Health, Lineage};
use ledger_proto::{Receipt, v1};

use crate::desk::Desk;

pub(super) fn answer(desk: &Desk, engine: &Engine) -> v1::GetStatusResponse {
    let status = engine.status();
    let started = desk
        .started
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_nanos();
    v1::GetStatusResponse {
        receipt: Some((&receipt(&status)).into()),
        role: v1::Role::Single.into(),
        health: health(desk, status.health).into(),
        database_id: Some(status.database_id.into()),
        version: env!("CARGO_PKG_VERSION").into(),
        journal_format_version: ledger_engine::journal::FORMAT_VERSION.into(),
        queue: Some(v1::QueueStatus {
            requests: status.queued_requests as u64,
            bytes: status.queued_bytes as u64,
            bytes_max: status.queue_bytes_max as u64,
        }),
        journal: Some(v1::JournalStatus {
            segments_unsealed: status.segments_unsealed,
            segments_sealed: status.segments_sealed,
            read_back: status.read_back.into(),
            bytes: status.journal_bytes,
            frames: status.frames,
        }),
        state: Some(v1::StateStatus {
            accounts: status.accounts,
            accounts_max: status.accounts_max,
            transfers: status.transfers,
            open_holds: status.open_holds,
            open_holds_max: status.open_holds_max,
            directory_names: status.directory_names,
            directory_names_max: status.directory_names_max,
        }),
        runs: Some(runs(&status)),
        snapshots: Some(snapshots(engine)),
        lineage: epochs(&engine.lineage()),
        degraded: status.degraded.iter().map(degradation).collect(),
        connections: desk.connections.load(Ordering::Relaxed) as u64,
        started: u64::try_from(started).unwrap_or(u64::MAX),
    }
}

/// The newest event that is on stable storage.
pub(super) fn receipt(engine: &EngineStatus) -> Receipt {
    Receipt {
        epoch: engine.epoch,
        sequence: engine.durable,
        time: engine.time,
        frame_hash: engine.frame_hash,
    }
}

fn snapshots(engine: &Engine) -> v1::SnapshotStatus {
    let snapshots = engine.snapshots();
    let newest = snapshots.iter().map(|snapshot| snapshot.sequence).max();
    v1::SnapshotStatus {
        snapshots: snapshots.len() as u64,
        bytes: snapshots.iter().map(|snapshot| snapshot.bytes).sum(),
        newest_sequence: newest.map_or(0, |newest| newest.get()),
    }
}

fn runs(engine: &EngineStatus) -> v1::RunStatus {
    let rebuilding = engine.degraded.iter().find_map(|degraded| match degraded {
        Degraded::IndexRebuilding { done, of } => Some((done.get(), of.get())),
        _ => None,
    });
    let (rebuilding_done, rebuilding_of) = rebuilding.unwrap_or_default();
    v1::RunStatus {
        runs: engine.runs,
        bytes: engine.runs_bytes,
        filter_bytes: engine.runs_memory_bytes,
        through_sequence: engine.indexed.get(),
        rebuilding_done,
        rebuilding_of,
    }
}

/// The lines of history that led here, the first one first.
fn epochs(lineage: &Lineage) -> Vec<v1::Epoch> {
    let branches = lineage.branches();
    let first = branches
        .first()
        .map_or_else(|| lineage.epoch(), |branch| branch.parent);
    let first = v1::Epoch {
        epoch: Some(first.into()),
        parent: None,
        fork_sequence: 0,
    };
    let others = branches.iter().map(|branch| v1::Epoch {
        epoch: Some(branch.epoch.into()),
        parent: Some(branch.parent.into()),
        fork_sequence: branch.fork.get(),
    });
    [first].into_iter().chain(others).collect()
}

fn health(desk: &Desk, engine: Health) -> v1::Health {
    match engine {
        Health::Halted => v1::Health::Halted,
        Health::Serving if !desk.is_draining() => v1::Health::Serving,
        _ => v1::Health::Draining,
    }
}

fn degradation(degraded: &Degraded) -> v1::Degradation {
    let (what, why) = match degraded {
        Degraded::ClockNotFollowed { ahead } => (
            "clock",
            format!(
                "the clock jumped {} s ahead and is not followed: set it right, or restart to \
                 follow it if it is right, with --accept-clock if the start is refused",
                ahead.as_secs()
            ),
        ),
        Degraded::SegmentNotPrepared { kind } => (
            "storage",
            format!(
                "the next segment of the journal cannot be prepared ({kind}), and writes are \
                 refused when this one is full: make room on the disk of the data directory"
            ),
        ),
        Degraded::SealingFailed { kind } => (
            "storage",
            format!(
                "finished segments of the journal cannot be sealed ({kind}); it is tried again, \
                 and writes are slowed down meanwhile: make room on the disk of the data directory"
            ),
        ),
        Degraded::SealingBehind { segments } => (
            "storage",
            format!(
                "{segments} segments of the journal wait to be sealed: writes are slowed down to \
                 what the disk keeps up with"
            ),
        ),
        Degraded::IndexNotWritten { kind } => (
            "index",
            format!(
                "files of the index cannot be written ({kind}); it is tried again: make room on \
                 the disk of the data directory"
            ),
        ),
        Degraded::IndexRebuilding { done, of } => (
            "index",
            format!(
                "the index of old ids is being rebuilt, and writes are refused until it is: at \
                 event {done} of {of}"
            ),
        ),
        Degraded::SnapshotNotTaken { kind } => (
            "storage",
            format!(
                "no snapshot can be taken ({kind}); it is tried again: make room on the disk of \
                 the data directory"
            ),
        ),
        Degraded::DirectoryRebuilding { at, of } => (
            "directory",
            format!("the directory of names is being rebuilt: at event {at} of {of}"),
        ),
        Degraded::DirectoryIncomplete { names_max } => (
            "directory",
            format!(
                "there are more names than the {names_max} that the directory may keep: names \
                 are not found by prefix; raise directory_names_max"
            ),
        ),
        Degraded::DirectoryUnavailable => (
            "directory",
            "the directory of names cannot be opened: names are not found by prefix; restart to \
             have it rebuilt"
                .into(),
        ),
        _ => (
            "unknown",
            "this version cannot tell what is degraded: see the log".into(),
        ),
    };
    v1::Degradation {
        what: what.into(),
        why,
    }
}
