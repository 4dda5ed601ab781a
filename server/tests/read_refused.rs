//! A machine on which no file can be read for the moment: nothing is called damaged, and everything
//! goes on once it can.

mod running;

use std::{sync::Arc, time::Duration};

use ledger_core::NewAccount;
use ledger_engine::Config;
use ledger_proto::{Reason, v1};
use ledger_server::Limits;
use running::*;
use tokio::time::{Instant, sleep};
use tonic::{Code, Response, Status, Streaming};

/// Asks everything that needs old files; what each was answered.
async fn ask_all(running: &Running) -> Vec<(&'static str, Result<(), Status>)> {
    let (mut ledger, mut admin) = (running.ledger().await, running.admin().await);
    let at = v1::GetBalancesRequest {
        ids: wire_ids(&[1]),
        at: Some(v1::get_balances_request::At::AtSequence(4)),
    };
    let trial = v1::GetTrialBalanceRequest {
        at: Some(v1::get_trial_balance_request::At::AtSequence(4)),
        ..Default::default()
    };
    let history = v1::ListBalancesRequest {
        account_id: wire_ids(&[1]).pop(),
        ..Default::default()
    };
    let transfers = v1::LookupTransfersRequest {
        ids: wire_ids(&[1]),
    };
    let accounts = v1::LookupAccountsRequest {
        ids: wire_ids(&[1]),
    };
    let retry = batch(vec![transfer(1, 1, 2, 1)]);
    vec![
        ("retry", told(ledger.create_transfers(retry).await)),
        ("transfers", told(ledger.lookup_transfers(transfers).await)),
        ("names", told(ledger.lookup_accounts(accounts).await)),
        (
            "list",
            told(
                ledger
                    .list_transfers(v1::ListTransfersRequest::default())
                    .await,
            ),
        ),
        ("history", told(ledger.list_balances(history).await)),
        ("balances", told(ledger.get_balances(at).await)),
        ("trial balance", told(ledger.get_trial_balance(trial).await)),
        (
            "verification",
            to_end(admin.verify(v1::VerifyRequest::default()).await).await,
        ),
        (
            "backup",
            to_end(admin.backup(v1::BackupRequest::default()).await).await,
        ),
        (
            "snapshot",
            told(
                admin
                    .create_snapshot(v1::CreateSnapshotRequest::default())
                    .await,
            ),
        ),
    ]
}

fn told<T>(answer: Result<Response<T>, Status>) -> Result<(), Status> {
    answer.map(drop)
}

async fn to_end<T>(answer: Result<Response<Streaming<T>>, Status>) -> Result<(), Status> {
    let mut stream = answer?.into_inner();
    while stream.message().await?.is_some() {}
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_for_the_moment_is_not_called_damaged() {
    let (disk, clock) = (SlowDisk::new(), clock());
    let config = Config {
        // Names are read from the journal then.
        directory_names_max: 0,
        ..config()
    };
    let running = Running::start_on(Limits::default(), config, Arc::clone(&disk), clock).await;
    let (mut ledger, mut admin) = (running.ledger().await, running.admin().await);
    let named = |id| NewAccount {
        name: format!("account {id}").into(),
        ..account(id)
    };
    create(&mut ledger, &[named(1), named(2)]).await;
    // More segments than have their ids in memory.
    for id in 1..=12 {
        let moved = ledger
            .create_transfers(batch(vec![transfer(id, 1, 2, 1)]))
            .await;
        moved.expect("answered");
        let taken = admin
            .create_snapshot(v1::CreateSnapshotRequest::default())
            .await;
        taken.expect("it ends a segment");
    }
    let moved = ledger
        .create_transfers(batch(vec![transfer(13, 1, 2, 1)]))
        .await;
    moved.expect("answered");

    disk.memory.refuse_reads(true);
    for (what, answer) in ask_all(&running).await {
        let error = answer.expect_err(what);
        let explanation = assert_refused(&error, Code::Unavailable, Reason::ReadRefused);
        assert!(explanation.retry_after.is_some(), "{what}: {error:?}");
    }
    disk.memory.refuse_reads(false);
    // What went wrong in the background is tried again a second later.
    let patience = Instant::now() + Duration::from_secs(20);
    loop {
        let mut answers = ask_all(&running).await;
        answers.retain(|(_, answer)| answer.is_err());
        if answers.is_empty() {
            break;
        }
        assert!(Instant::now() < patience, "{answers:?}");
        sleep(Duration::from_millis(50)).await;
    }
    running.stop().await;
}
