//! Engines that begin with a snapshot.

use std::sync::Arc;

use ledger_core::{
    AccountId, Amount, LedgerId, NewAccount, Timestamp, Transfer, TransferId, TransferOptions,
    TransferStatus,
};

use crate::fixture::ask;
use crate::journal::Preparation;
use crate::snapshot::CreateSnapshotError;
use crate::snapshot::fixture::dir;
use crate::vfs::MemoryVfs;
use crate::{Body, Command, Config, Engine, OnPanic, SimulatedClock};

pub(super) fn pay(engine: &Engine, id: u128) -> TransferStatus {
    let body = ask(
        engine,
        Command::CreateTransfers {
            transfers: vec![Transfer {
                id: TransferId::new(id),
                debit_account_id: AccountId::new(1),
                credit_account_id: AccountId::new(2),
                amount: Amount::new(5),
                ledger: LedgerId::new(1),
                code: 1,
                ..Transfer::default()
            }],
            options: TransferOptions::default(),
            deadline: Timestamp::ZERO,
        },
    );
    match body.unwrap().body {
        Body::Transfers(answers) => answers.answers[0].status,
        other => panic!("{other:?}"),
    }
}

pub(super) fn open_engine(vfs: &MemoryVfs) -> Engine {
    let config = Config {
        segment_bytes: 128 << 10,
        directory_names_max: 0,
        on_panic: OnPanic::Poison,
        preparation: Preparation::Inline,
        ..Config::new(dir())
    };
    let clock = SimulatedClock::new(Timestamp::new(1_800_000_000_000_000_000));
    let engine = Engine::open_with(config, Arc::new(vfs.clone()), Arc::new(clock)).unwrap();
    let account = |id| NewAccount {
        id: AccountId::new(id),
        ledger: LedgerId::new(1),
        code: 1,
        ..NewAccount::default()
    };
    let accounts = (1..=2).map(account).collect();
    ask(&engine, Command::CreateAccounts(accounts)).unwrap();
    engine
}

fn totals(engine: &Engine) -> Vec<Amount> {
    let ids = vec![AccountId::new(1), AccountId::new(2)];
    match ask(engine, Command::LookupAccounts(ids)).unwrap().body {
        Body::AccountsFound { found, .. } => found
            .iter()
            .flat_map(|account| [account.totals.debits_posted, account.totals.credits_posted])
            .collect(),
        other => panic!("{other:?}"),
    }
}

/// What is older than the snapshot is known all the same: no id is taken twice.
#[test]
fn old_ids_are_known_behind_a_snapshot() {
    let vfs = MemoryVfs::new(51);
    let mut engine = open_engine(&vfs);
    for round in 0..4_u128 {
        for id in 1..=20 {
            let status = pay(&engine, round * 100 + id);
            assert_eq!(status, TransferStatus::Created);
        }
        let taken = engine.create_snapshot(None).unwrap();
        assert_eq!(u128::from(taken.transfers), round * 21 + 20);
        pay(&engine, round * 100 + 50);
        let before = totals(&engine);
        if round % 2 == 0 {
            engine.shutdown();
        }
        drop(engine);
        engine = open_engine(&vfs);
        assert_eq!(totals(&engine), before);
        for id in [1, 7, 20, round * 100 + 3, round * 100 + 50] {
            assert_eq!(pay(&engine, id), TransferStatus::Exists, "{id}");
        }
        assert_eq!(totals(&engine), before);
        pay(&engine, round * 100 + 50);
        assert_eq!(engine.snapshots().len().min(2), engine.snapshots().len());
    }
    engine.shutdown();
}

/// Restarts seal segments without events. A name that is asked for again is of the same snapshot
/// until something is written, and of none once its file is removed.
#[test]
fn a_name_asked_for_again_after_idle_restarts_is_the_same_snapshot() {
    let vfs = MemoryVfs::new(53);
    let mut engine = open_engine(&vfs);
    pay(&engine, 1);
    let named = engine.create_snapshot(Some("noon")).unwrap();
    for life in 0..3 {
        if life % 2 == 0 {
            engine.shutdown();
        }
        drop(engine);
        engine = open_engine(&vfs);
        let again = engine.create_snapshot(Some("noon")).unwrap();
        assert_eq!(again, named, "life {life}");
        assert_eq!(engine.snapshots(), std::slice::from_ref(&named));
    }
    pay(&engine, 2);
    let refused = engine.create_snapshot(Some("noon")).unwrap_err();
    let CreateSnapshotError::NameTaken { sequence } = refused else {
        panic!("{refused}")
    };
    assert_eq!(sequence, named.sequence);
    vfs.take_away(&named.file);
    let another = engine.create_snapshot(Some("noon")).unwrap();
    assert!(another.sequence > named.sequence);
    engine.shutdown();
}
