//! Group commit: what is acknowledged is durable, and many share one sync.

use std::sync::Arc;
use std::sync::mpsc::TryRecvError;
use std::thread;
use std::time::Duration;

use ledger_core::{AccountId, Sequence, TransferStatus};
use ledger_engine::vfs::MemoryVfs;
use ledger_engine::{Body, Command};

use crate::gate::GatedVfs;
use crate::teller::{
    Teller, clock, config, create, eventually, hold, post, transfer, transfer_answers, wait,
};

#[test]
fn nothing_is_answered_before_it_is_synced() {
    let vfs = GatedVfs::new(MemoryVfs::new(1));
    let gate = vfs.gate();
    let teller = Teller::try_open_on(config(), Arc::new(vfs), &clock()).unwrap();
    teller.open_accounts(2);
    gate.shut();
    let write = teller.start(create(vec![transfer(1, 5)])).unwrap();
    gate.wait_for_somebody();
    // A refusal and two questions that have seen what is not durable yet.
    let refused = teller.start(create(vec![transfer(1, 6)])).unwrap();
    let balances = teller
        .start(Command::GetBalances(vec![AccountId::new(1)]))
        .unwrap();
    let ledgers = teller.start(Command::ListLedgers).unwrap();
    thread::sleep(Duration::from_millis(50));
    for pending in [&write, &refused, &balances, &ledgers] {
        assert_eq!(pending.try_recv(), Err(TryRecvError::Empty));
    }
    assert_eq!(teller.engine.status().durable, Sequence::new(2));
    gate.open();
    let receipt = wait(&write).unwrap().receipt;
    assert_eq!(receipt.sequence, Sequence::new(3));
    assert!(wait(&refused).is_ok() && wait(&ledgers).is_ok());
    let Body::AccountsFound { found, .. } = wait(&balances).unwrap().body else {
        panic!()
    };
    assert_eq!(found[0].totals.debits_posted.get(), 5);
}

#[test]
fn requests_that_wait_for_a_sync_share_the_next_one() {
    let vfs = GatedVfs::new(MemoryVfs::new(1));
    let gate = vfs.gate();
    let teller = Teller::try_open_on(config(), Arc::new(vfs), &clock()).unwrap();
    teller.open_accounts(2);
    let frames = teller.engine.status().frames;
    gate.shut();
    let mut pending = vec![teller.start(create(vec![transfer(1, 1)])).unwrap()];
    gate.wait_for_somebody();
    pending.extend((2..=200).map(|id| teller.start(create(vec![transfer(id, 1)])).unwrap()));
    gate.open();
    let hashes: Vec<_> = pending
        .iter()
        .map(|pending| wait(pending).unwrap().receipt.frame_hash)
        .collect();
    assert!(
        hashes[1..].windows(2).all(|pair| pair[0] == pair[1]),
        "one frame holds them all"
    );
    assert_ne!(hashes[0], hashes[1]);
    assert_eq!(teller.engine.status().frames, frames + 2);
    assert_eq!(teller.totals(2).credits_posted.get(), 200);
}

#[test]
fn receipts_tell_the_sequence_of_the_last_event() {
    let teller = Teller::open(&MemoryVfs::new(1), &clock());
    teller.open_accounts(2);
    let reply = teller
        .ask(create(vec![transfer(1, 1), transfer(2, 1)]))
        .unwrap();
    assert_eq!(reply.receipt.sequence, Sequence::new(4));
    assert_eq!(reply.receipt.epoch, teller.engine.status().epoch);
    assert_eq!(reply.receipt.frame_hash, teller.engine.status().frame_hash);
    let again = teller.ask(create(vec![transfer(1, 1)])).unwrap();
    assert_eq!(
        again.receipt, reply.receipt,
        "a retry stands on the state that was judged"
    );
}

#[test]
fn a_mark_follows_a_burst() {
    let clock = clock();
    let teller = Teller::open(&MemoryVfs::new(1), &clock);
    teller.open_accounts(2);
    let frames = teller.engine.status().frames;
    thread::sleep(Duration::from_millis(30));
    assert_eq!(teller.engine.status().frames, frames, "time stands still");
    clock.advance(Duration::from_millis(10));
    eventually("a mark is written", || {
        teller.engine.status().frames == frames + 1
    });
    clock.advance(Duration::from_secs(1));
    thread::sleep(Duration::from_millis(30));
    assert_eq!(
        teller.engine.status().frames,
        frames + 1,
        "one mark is enough"
    );
}

#[test]
fn the_writer_recalls_events_wherever_they_are() {
    let vfs = GatedVfs::new(MemoryVfs::new(1));
    let gate = vfs.gate();
    let teller = Teller::try_open_on(config(), Arc::new(vfs), &clock()).unwrap();
    teller.open_accounts(2);
    // In files, in the frame in sync, and in the frame that gathers.
    teller.create_transfers(vec![hold(1, 10, 0)]);
    gate.shut();
    let in_sync = teller.start(create(vec![hold(2, 10, 0)])).unwrap();
    gate.wait_for_somebody();
    let gathering = teller.start(create(vec![hold(3, 10, 0)])).unwrap();
    let retries: Vec<_> = (1..=3)
        .map(|id| {
            teller
                .start(create(vec![hold(id, 10, 0), hold(id, 11, 0)]))
                .unwrap()
        })
        .collect();
    let posts: Vec<_> = (1..=3)
        .map(|id| teller.start(create(vec![post(10 + id, id)])).unwrap())
        .collect();
    gate.open();
    for pending in [&in_sync, &gathering] {
        assert!(wait(pending).is_ok());
    }
    for retry in retries {
        let answers = transfer_answers(wait(&retry)).answers;
        assert_eq!(answers[0].status, TransferStatus::Exists);
        assert_eq!(answers[1].status, TransferStatus::ExistsWithDifferentAmount);
    }
    for post in posts {
        let answers = transfer_answers(wait(&post)).answers;
        assert_eq!(answers[0].status, TransferStatus::Created);
    }
    assert_eq!(teller.totals(1).debits_posted.get(), 30);
}
