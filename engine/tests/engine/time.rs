//! Journal time: what was decided because of the time stays decided.

use std::thread;
use std::time::Duration;

use ledger_core::{
    AccountFlags, Amount, NewAccount, Timestamp, Transfer, TransferFlags, TransferId,
    TransferStatus,
};
use ledger_engine::vfs::MemoryVfs;
use ledger_engine::{ClockStep, Command, Config, Degraded, Failure, OpenError, SimulatedClock};

use crate::teller::{
    START, Teller, account, after, clock, config, create, eventually, hold, post, transfer, wait,
};

fn with_deadline(transfers: Vec<Transfer>, deadline: Timestamp) -> Command {
    let Command::CreateTransfers {
        transfers, options, ..
    } = create(transfers)
    else {
        unreachable!("that is what was made")
    };
    Command::CreateTransfers {
        transfers,
        options,
        deadline,
    }
}

#[test]
fn a_reservation_is_released_when_its_time_comes() {
    let clock = clock();
    let teller = Teller::open(&MemoryVfs::new(1), &clock);
    teller.open_accounts(2);
    teller.create_transfer(hold(1, 10, 5));
    assert_eq!(teller.totals(1).debits_pending, Amount::new(10));
    clock.advance(Duration::from_millis(4_900));
    thread::sleep(Duration::from_millis(20));
    assert_eq!(teller.totals(1).debits_pending, Amount::new(10));
    let durable = teller.engine.status().durable;
    clock.advance(Duration::from_millis(200));
    eventually("nobody has to ask for it", || {
        teller.engine.status().durable > durable
    });
    assert_eq!(teller.totals(1).debits_pending, Amount::ZERO);
    assert_eq!(
        teller.status_of(post(2, 1)),
        TransferStatus::PendingTransferExpired
    );
}

#[test]
fn no_event_of_a_request_is_refused_for_a_reservation_that_is_due() {
    let clock = clock();
    let teller = Teller::open(&MemoryVfs::new(1), &clock);
    let limited = NewAccount {
        flags: AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS,
        overdraft_limit: Amount::new(10),
        ..account(1)
    };
    teller.create_accounts(vec![limited, account(2)]);
    let held = teller.create_transfer(hold(1, 10, 5)).timestamp;
    let due = held.checked_add_seconds(5).unwrap();
    // Each event takes a nanosecond: the third would be judged at the very moment.
    clock.set_wall(Timestamp::new(due.get() - 2));
    let answers = teller.create_transfers((10..15).map(|id| transfer(id, 2)).collect());
    for answer in answers.answers {
        assert_eq!(answer.status, TransferStatus::Created);
    }
    assert_eq!(teller.totals(1).debits_pending, Amount::ZERO);
}

#[test]
fn that_an_id_is_unknown_is_final_after_the_deadline() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open(&vfs, &clock);
    teller.open_accounts(2);
    clock.set_wall(after(60));
    let reply = teller
        .ask(Command::FindTransfers(vec![TransferId::new(7)]))
        .unwrap();
    assert!(reply.receipt.time >= after(60));
    drop(teller);
    // The clock steps back a little while nobody looks, which a start accepts.
    clock.set_wall(after(10));
    let teller = Teller::open(&vfs, &clock);
    let late = teller.ask(with_deadline(vec![transfer(7, 1)], after(30)));
    assert!(matches!(late, Err(Failure::NotDecided { .. })), "{late:?}");
}

#[test]
fn a_reservation_is_released_after_a_restart() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open(&vfs, &clock);
    teller.open_accounts(2);
    teller.create_transfers(vec![hold(1, 10, 5), hold(2, 7, 0)]);
    drop(teller);
    clock.advance(Duration::from_secs(60));
    let teller = Teller::open(&vfs, &clock);
    eventually("the time came while nobody was there", || {
        teller.totals(1).debits_pending == Amount::new(7)
    });
}

#[test]
fn a_backlog_of_expiries_is_released_over_several_frames() {
    let clock = clock();
    let config = Config {
        segment_bytes: 16 << 20,
        ..config()
    };
    let teller = Teller::open_as(config, &MemoryVfs::new(1), &clock);
    teller.open_accounts(2);
    for request in 0..3 {
        let holds = (1..=8192)
            .map(|id| hold(request * 8192 + id, 1, 5))
            .collect();
        teller.create_transfers(holds);
    }
    clock.advance(Duration::from_secs(10));
    // The last of them expires last, but not for who names it.
    assert_eq!(
        teller.status_of(post(100_000, 3 * 8192)),
        TransferStatus::PendingTransferExpired
    );
    eventually("all are released", || {
        teller.engine.status().open_holds == 0
    });
    assert_eq!(teller.totals(1).debits_pending, Amount::ZERO);
}

#[test]
fn a_deadline_that_passed_decides_nothing_and_uses_up_nothing() {
    let clock = clock();
    let teller = Teller::open(&MemoryVfs::new(1), &clock);
    teller.open_accounts(2);
    clock.advance(Duration::from_secs(10));
    let late = with_deadline(vec![transfer(1, 5)], after(9));
    assert!(
        matches!(teller.ask(late), Err(Failure::NotDecided { deadline, .. }) if deadline == after(9))
    );
    let punctual = with_deadline(vec![transfer(1, 5)], after(11));
    assert!(teller.ask(punctual).is_ok());
    assert_eq!(teller.totals(2).credits_posted, Amount::new(5));
}

/// The clock steps back over a crash, but journal time does not, so the answer stands.
#[test]
fn a_passed_deadline_stays_passed_after_a_crash() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open(&vfs, &clock);
    teller.open_accounts(2);
    clock.advance(Duration::from_secs(1000));
    let late = with_deadline(vec![transfer(1, 5)], after(900));
    assert!(matches!(
        teller.ask(late.clone()),
        Err(Failure::NotDecided { .. })
    ));
    let vfs = vfs.after_power_cut();
    drop(teller);
    let earlier = std::sync::Arc::new(SimulatedClock::new(after(800)));
    let teller = Teller::open(&vfs, &earlier);
    assert!(matches!(teller.ask(late), Err(Failure::NotDecided { .. })));
}

#[test]
fn an_expiry_that_was_told_stays_after_a_crash() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open(&vfs, &clock);
    teller.open_accounts(2);
    teller.create_transfer(hold(1, 10, 100));
    clock.advance(Duration::from_secs(101));
    assert_eq!(
        teller.status_of(post(2, 1)),
        TransferStatus::PendingTransferExpired
    );
    let vfs = vfs.after_power_cut();
    drop(teller);
    let earlier = std::sync::Arc::new(SimulatedClock::new(after(50)));
    let teller = Teller::open(&vfs, &earlier);
    assert_eq!(
        teller.status_of(post(3, 1)),
        TransferStatus::PendingTransferExpired
    );
    assert_eq!(teller.totals(1).debits_pending, Amount::ZERO);
}

/// A refusal that depends on the time and leaves no event behind makes a frame of its own.
#[test]
fn a_time_dependent_refusal_makes_its_time_durable() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open(&vfs, &clock);
    teller.open_accounts(2);
    clock.advance(Duration::from_secs(1));
    let frames = 2;
    eventually("the accounts' frame is followed by its mark", || {
        teller.engine.status().frames == frames
    });
    clock.advance(Duration::from_secs(999));
    let imported = Transfer {
        flags: TransferFlags::IMPORTED,
        timestamp: after(2000),
        ..transfer(1, 1)
    };
    let status = teller.status_of(imported);
    assert_eq!(status, TransferStatus::ImportedEventTimestampMustNotAdvance);
    assert_eq!(teller.engine.status().frames, frames + 1);
    assert!(teller.engine.status().time >= after(1000));
}

#[test]
fn journal_time_grows_though_the_clock_stands_still_or_goes_back() {
    let clock = clock();
    let teller = Teller::open(&MemoryVfs::new(1), &clock);
    teller.open_accounts(2);
    let first = teller.create_transfer(transfer(1, 1)).timestamp;
    let second = teller.create_transfer(transfer(2, 1)).timestamp;
    clock.set_wall(Timestamp::new(START.get() - 3_600_000_000_000));
    let third = teller.create_transfer(transfer(3, 1)).timestamp;
    assert!(first < second && second < third);
    assert!(third < after(1), "time creeps; it does not jump");
}

#[test]
fn a_jump_ahead_is_not_followed_until_it_is_accepted() {
    let clock = clock();
    let teller = Teller::open(&MemoryVfs::new(1), &clock);
    teller.open_accounts(2);
    clock.set_wall(after(10 * 365 * 86_400));
    let timestamp = teller.create_transfer(transfer(1, 1)).timestamp;
    assert!(timestamp < after(1));
    let degraded = teller.engine.status().degraded;
    assert!(matches!(degraded[..], [Degraded::ClockNotFollowed { ahead }] if ahead.as_secs() > 60));
    teller.engine.accept_clock();
    eventually("the alarm ends", || {
        teller.engine.status().degraded.is_empty()
    });
    assert!(teller.create_transfer(transfer(2, 1)).timestamp >= after(10 * 365 * 86_400));
}

#[test]
fn a_restart_follows_a_jump_ahead_that_does_not_refuse_the_start() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open(&vfs, &clock);
    teller.open_accounts(2);
    let ahead = after(30 * 86_400);
    clock.set_wall(ahead);
    assert!(teller.create_transfer(transfer(1, 1)).timestamp < after(1));
    teller.engine.shutdown();
    drop(teller);
    let teller = Teller::open(&vfs, &clock);
    assert!(teller.create_transfer(transfer(2, 1)).timestamp >= ahead);
    assert!(teller.engine.status().degraded.is_empty());
}

#[test]
fn the_start_is_refused_with_a_clock_that_does_not_fit() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open(&vfs, &clock);
    teller.open_accounts(1);
    teller.engine.shutdown();
    drop(teller);
    clock.set_wall(Timestamp::new(START.get() - 3601 * 1_000_000_000));
    let refused = Teller::try_open(config(), &vfs, &clock).err();
    assert!(matches!(
        refused,
        Some(OpenError::Clock {
            step: ClockStep::Behind(_),
            ..
        })
    ));
    clock.set_wall(after(367 * 86_400));
    let refused = Teller::try_open(config(), &vfs, &clock).err();
    assert!(matches!(
        refused,
        Some(OpenError::Clock {
            step: ClockStep::Ahead(_),
            ..
        })
    ));
    let accepting = Config {
        accept_clock: true,
        ..config()
    };
    let teller = Teller::open_as(accepting, &vfs, &clock);
    let answer = wait(&teller.start(create(vec![])).unwrap());
    assert!(answer.is_ok());
}

#[test]
fn a_retry_gives_the_first_answer_after_a_restart() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open(&vfs, &clock);
    teller.open_accounts(2);
    let first = teller.create_transfer(transfer(1, 5));
    let missing = Transfer {
        pending_id: TransferId::new(99),
        ..post(2, 99)
    };
    let refused = teller.create_transfer(missing.clone());
    assert_eq!(refused.status, TransferStatus::PendingTransferNotFound);
    drop(teller);
    clock.advance(Duration::from_secs(5));
    let teller = Teller::open(&vfs, &clock);
    let again = teller.create_transfer(transfer(1, 5));
    assert_eq!(again.status, TransferStatus::Exists);
    assert_eq!(
        (again.timestamp, again.amount),
        (first.timestamp, first.amount)
    );
    let again = teller.create_transfer(missing);
    assert_eq!(again.status, TransferStatus::IdAlreadyFailed);
    assert_eq!(again.timestamp, refused.timestamp);
    assert_eq!(
        again.original_status,
        Some(TransferStatus::PendingTransferNotFound)
    );
    assert_eq!(teller.totals(2).credits_posted, Amount::new(5));
}
