//! An index that is gone: what needs it is refused until it is made again, and the rest goes on.

mod running;

use std::{sync::Arc, time::Duration};

use ledger_proto::{Reason, v1};
use ledger_server::Limits;
use running::*;
use tokio::time::{Instant, sleep};
use tonic::Code;

#[tokio::test(flavor = "multi_thread")]
async fn writes_are_refused_until_the_index_is_made_again() {
    let (disk, clock) = (SlowDisk::new(), clock());
    let start = || {
        let (disk, clock) = (Arc::clone(&disk), Arc::clone(&clock));
        Running::start_on(Limits::default(), config(), disk, clock)
    };
    let running = start().await;
    let (mut ledger, mut admin) = (running.ledger().await, running.admin().await);
    create_accounts(&mut ledger, 2).await;
    // More segments than may be without a run.
    for id in 1..=12 {
        let moved = ledger
            .create_transfers(batch(vec![transfer(id, 1, 2, 1)]))
            .await;
        moved.expect("answered");
        let snapshot = admin
            .create_snapshot(v1::CreateSnapshotRequest::default())
            .await;
        snapshot.expect("it ends a segment");
    }
    let status = admin.get_status(v1::GetStatusRequest {}).await;
    let runs = status.expect("answered").into_inner().runs.expect("told");
    assert!(
        runs.runs > 0 && runs.bytes > 0 && runs.through_sequence > 0,
        "{runs:?}"
    );
    assert_eq!(runs.rebuilding_of, 0);
    running.stop().await;

    assert!(disk.remove_runs() > 0);
    disk.hold_runs();
    let running = start().await;
    let (mut ledger, mut admin) = (running.ledger().await, running.admin().await);
    let old = || batch(vec![transfer(1, 1, 2, 1)]);
    let error = ledger.create_transfers(old()).await.expect_err("no index");
    let explanation = assert_refused(&error, Code::Unavailable, Reason::RebuildingIndex);
    assert!(explanation.retry_after.is_some());
    let lookup = v1::LookupTransfersRequest {
        ids: wire_ids(&[1]),
    };
    let error = ledger.lookup_transfers(lookup).await.expect_err("no index");
    assert_refused(&error, Code::Unavailable, Reason::RebuildingIndex);
    let status = admin.get_status(v1::GetStatusRequest {}).await;
    let status = status.expect("answered").into_inner();
    let runs = status.runs.expect("told");
    assert!(runs.rebuilding_done < runs.rebuilding_of, "{runs:?}");
    let degraded: Vec<_> = status.degraded.iter().map(|it| &*it.what).collect();
    assert!(degraded.contains(&"index"), "{degraded:?}");
    // What needs no index goes on.
    let request = v1::GetBalancesRequest {
        ids: wire_ids(&[1]),
        ..Default::default()
    };
    let balances = ledger.get_balances(request).await.expect("answered");
    let balances = balances.into_inner().balances;
    assert_eq!(balances[0].read().1.debits_posted.get(), 12);

    disk.make_runs();
    let patience = Instant::now() + Duration::from_secs(20);
    let answer = loop {
        match ledger.create_transfers(old()).await {
            Ok(answer) => break answer.into_inner(),
            Err(error) => {
                assert_refused(&error, Code::Unavailable, Reason::RebuildingIndex);
            }
        }
        assert!(Instant::now() < patience, "the index is never made again");
        sleep(Duration::from_millis(10)).await;
    };
    assert_eq!(statuses(&answer), ["exists"]);
    let lookup = v1::LookupTransfersRequest {
        ids: wire_ids(&[1, 12, 13]),
    };
    let found = ledger.lookup_transfers(lookup).await.expect("answered");
    let found = found.into_inner();
    assert_eq!((found.transfers.len(), ids(&found.missing)), (2, vec![13]));
    running.stop().await;
}
