//! `CreateSnapshot` and `ListSnapshots`.

use std::sync::Arc;

use ledger_engine::snapshot::SnapshotInfo;
use ledger_proto::{Receipt, Refusal, Snapshot, v1};

use super::status::receipt;
use crate::{ask::read, desk::Desk, failure, streaming::place};

/// Takes a snapshot, which is finished even if nobody waits for it any more.
pub(super) async fn create(
    desk: &Arc<Desk>,
    request: v1::CreateSnapshotRequest,
) -> Result<v1::CreateSnapshotResponse, Refusal> {
    let engine = desk.engine()?.clone();
    let limit = desk.limits.snapshots_max;
    let place = place(&desk.snapshots, "snapshots_max", limit)?;
    let taking = tokio::task::spawn_blocking(move || {
        let _counted = place;
        let name = (!request.name.is_empty()).then_some(&*request.name);
        let taken = engine.create_snapshot(name).map_err(failure::no_snapshot)?;
        Ok(v1::CreateSnapshotResponse {
            receipt: Some((&receipt(&engine.status())).into()),
            snapshot: Some((&snapshot(&taken)).into()),
        })
    });
    taking.await.unwrap_or(Err(Refusal::Bug {
        rule: "taking a snapshot does not panic",
    }))
}

/// There are few: two, and those that were named.
pub(super) async fn list(desk: &Arc<Desk>) -> Result<v1::ListSnapshotsResponse, Refusal> {
    read(desk, |engine| {
        let receipt: Receipt = receipt(&engine.status());
        let snapshots = engine.snapshots();
        Ok(v1::ListSnapshotsResponse {
            receipt: Some((&receipt).into()),
            snapshots: snapshots.iter().map(|it| (&snapshot(it)).into()).collect(),
        })
    })
    .await
}

fn snapshot(info: &SnapshotInfo) -> Snapshot {
    let file = info.file.file_name().unwrap_or_default();
    Snapshot {
        sequence: info.sequence,
        time: info.time,
        names: info.names.clone(),
        file: file.to_string_lossy().into(),
        bytes: info.bytes,
        accounts: info.accounts,
        transfers: info.transfers,
        open_holds: info.open_holds,
        digest: info.digest,
    }
}
