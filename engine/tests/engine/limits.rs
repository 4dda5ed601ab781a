//! Every limit is refused at admission, by its name.

use std::sync::Arc;

use ledger_core::{AccountStatus, TransferId, TransferStatus};
use ledger_engine::vfs::MemoryVfs;
use ledger_engine::{Command, Config, Failure, OpenError, Refused};

use crate::gate::GatedVfs;
use crate::teller::{Teller, account, clock, config, create, hold, transfer, wait};

#[test]
fn the_queue_is_bounded_in_bytes_until_replies_are_handed_over() {
    let vfs = GatedVfs::new(MemoryVfs::new(1));
    let gate = vfs.gate();
    let config = Config {
        queue_bytes_max: 1000,
        ..config()
    };
    let teller = Teller::try_open_on(config, Arc::new(vfs), &clock()).unwrap();
    teller.open_accounts(2);
    gate.shut();
    let first = teller
        .start_weighing(create(vec![transfer(1, 1)]), 400)
        .unwrap();
    gate.wait_for_somebody();
    let second = teller
        .start_weighing(create(vec![transfer(2, 1)]), 600)
        .unwrap();
    let refused = teller.start_weighing(create(vec![transfer(3, 1)]), 1);
    assert_eq!(
        refused.err(),
        Some(Refused::QueueFull {
            queued_bytes: 1000,
            queue_bytes_max: 1000
        })
    );
    assert_eq!(teller.engine.status().queued_requests, 2);
    gate.open();
    assert!(wait(&first).is_ok() && wait(&second).is_ok());
    assert!(teller.ask(create(vec![transfer(3, 1)])).is_ok());
    assert_eq!(teller.engine.status().queued_bytes, 0);
}

#[test]
fn a_request_heavier_than_the_queue_is_admitted_alone() {
    let config = Config {
        queue_bytes_max: 1000,
        ..config()
    };
    let teller = Teller::open_as(config, &MemoryVfs::new(1), &clock());
    let heavy = teller.start_weighing(Command::ListLedgers, 5000).unwrap();
    assert!(wait(&heavy).is_ok());
}

#[test]
fn a_request_carries_a_bounded_number_of_events() {
    let teller = Teller::open(&MemoryVfs::new(1), &clock());
    let ids = vec![TransferId::new(1); 8193];
    assert_eq!(
        teller.start(Command::FindTransfers(ids)).err(),
        Some(Refused::TooManyEvents {
            events: 8193,
            events_max: 8192
        })
    );
}

#[test]
fn accounts_are_limited_and_retries_are_not() {
    let config = Config {
        accounts_max: 3,
        ..config()
    };
    let teller = Teller::open_as(config, &MemoryVfs::new(1), &clock());
    teller.open_accounts(2);
    let limit = Failure::Limit {
        name: "accounts_max",
        limit: 3,
    };
    let two_more = Command::CreateAccounts(vec![account(3), account(4)]);
    assert_eq!(teller.ask(two_more), Err(limit));
    let answers = teller.create_accounts(vec![account(1), account(2), account(3)]);
    assert_eq!(answers[0].status, AccountStatus::Exists);
    assert_eq!(answers[2].status, AccountStatus::Created);
    let answers = teller.create_accounts(vec![account(1), account(2), account(3)]);
    assert!(
        answers
            .iter()
            .all(|answer| answer.status == AccountStatus::Exists)
    );
}

#[test]
fn open_holds_are_limited_and_retries_are_not() {
    let config = Config {
        open_holds_max: 2,
        ..config()
    };
    let teller = Teller::open_as(config, &MemoryVfs::new(1), &clock());
    teller.open_accounts(2);
    teller.create_transfers(vec![hold(1, 1, 0), hold(2, 1, 0)]);
    let limit = Failure::Limit {
        name: "open_holds_max",
        limit: 2,
    };
    assert_eq!(teller.ask(create(vec![hold(3, 1, 0)])), Err(limit));
    assert_eq!(teller.status_of(hold(2, 1, 0)), TransferStatus::Exists);
    assert_eq!(teller.status_of(transfer(4, 1)), TransferStatus::Created);
}

#[test]
fn a_request_that_fits_no_frame_is_refused_by_the_limits_name() {
    let config = Config {
        segment_bytes: 64 << 10,
        ..config()
    };
    let teller = Teller::open_as(config, &MemoryVfs::new(1), &clock());
    teller.open_accounts(2);
    let large = (1..=1000).map(|id| transfer(id, 1)).collect();
    assert!(matches!(
        teller.ask(create(large)),
        Err(Failure::Limit {
            name: "frame_bytes_max",
            ..
        })
    ));
    assert_eq!(teller.status_of(transfer(1, 1)), TransferStatus::Created);
}

#[test]
fn a_configuration_that_makes_no_sense_is_refused_by_the_fields_name() {
    let config = Config {
        segment_bytes: 100_000,
        ..config()
    };
    let refused = Teller::try_open(config, &MemoryVfs::new(1), &clock()).err();
    assert!(matches!(
        refused,
        Some(OpenError::Config {
            name: "segment_bytes",
            ..
        })
    ));
}
