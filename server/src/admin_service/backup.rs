//! `Backup`.

use std::{collections::HashSet, sync::Arc};

use ledger_engine::{
    Engine,
    backup::{Backup, BackupPlan},
};
use ledger_proto::{BackupBegin, BackupFile, BackupPart, FieldPath, Receipt, Refusal, v1};

use crate::{
    desk::Desk,
    failure,
    streaming::{Messages, Outgoing, place, stream},
};

/// How much of a file one message holds.
const CHUNK_BYTES: usize = 1 << 20;
/// How many files one message lists: with the longest names less than a megabyte.
const FILES_A_MESSAGE: usize = 4096;

pub(super) fn answer(
    desk: &Arc<Desk>,
    request: v1::BackupRequest,
) -> Result<Messages<v1::BackupResponse>, Refusal> {
    let held = request.held.into_iter().enumerate();
    let held = held
        .map(|(index, file)| file.read(FieldPath::item("held", index)))
        .collect::<Result<HashSet<_>, _>>()?;
    let place = place(&desk.backups, "backups_max", desk.limits.backups_max)?;
    stream(desk, place, move |engine, outgoing| {
        send(engine, outgoing, &held)
    })
}

/// Sends what there is and is not held. A file that the receiver holds is one of the same name,
/// length and identity.
fn send(
    engine: &Engine,
    outgoing: &Outgoing<v1::BackupResponse>,
    held: &HashSet<BackupFile>,
) -> Result<(), Refusal> {
    let backup = engine.backup().map_err(failure::no_backup)?;
    let plan = backup.plan();
    let files: Vec<_> = plan
        .files
        .iter()
        .map(|file| BackupFile {
            name: file.name.as_str().into(),
            bytes: file.bytes,
            identity: file.identity,
        })
        .collect();
    let missing = |file: &&BackupFile| !held.contains(*file);
    outgoing.send(BackupPart::Begin(begin(plan, &files, missing)).into())?;
    for files in files.chunks(FILES_A_MESSAGE) {
        outgoing.send(BackupPart::Files(files.to_vec()).into())?;
    }
    for (index, file) in files.iter().enumerate() {
        if missing(&file) {
            send_file(&backup, index, outgoing)?;
        }
    }
    outgoing.send(BackupPart::End.into())
}

fn begin(
    plan: &BackupPlan,
    files: &[BackupFile],
    missing: impl Fn(&&BackupFile) -> bool,
) -> BackupBegin {
    BackupBegin {
        receipt: Receipt {
            epoch: plan.epoch,
            sequence: plan.sequence,
            time: plan.time,
            frame_hash: plan.frame_hash,
        },
        database_id: plan.database,
        segments: plan.segments,
        files: files.len() as u64,
        bytes: files.iter().map(|file| file.bytes).sum(),
        bytes_to_send: files.iter().filter(missing).map(|file| file.bytes).sum(),
    }
}

fn send_file(
    backup: &Backup,
    index: usize,
    outgoing: &Outgoing<v1::BackupResponse>,
) -> Result<(), Refusal> {
    let mut reader = backup.open(index).map_err(failure::no_backup)?;
    outgoing.send(
        BackupPart::FileBegin {
            index: index as u64,
        }
        .into(),
    )?;
    let mut offset = 0;
    loop {
        let mut content = vec![0; CHUNK_BYTES];
        let bytes = reader.read(&mut content).map_err(failure::no_backup)?;
        if bytes == 0 {
            break;
        }
        content.truncate(bytes);
        outgoing.send(BackupPart::Chunk { offset, content }.into())?;
        offset += bytes as u64;
    }
    let hash = reader.hash();
    outgoing.send(BackupPart::FileEnd { hash }.into())
}
