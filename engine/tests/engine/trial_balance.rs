//! The trial balance is of one moment, whatever is written meanwhile.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ledger_core::{AccountId, LedgerId, NewAccount, Sequence};
use ledger_engine::vfs::MemoryVfs;
use ledger_engine::{At, Config, QueryError, ReadError, TrialBalancePage, TrialBalanceRow};

use crate::old_history::files;
use crate::teller::{Teller, account, clock, config, create, hold, post, transfer_between, wait};

fn pages(
    teller: &Teller,
    ledgers: &[LedgerId],
    limit: usize,
) -> (TrialBalancePage, Vec<TrialBalanceRow>) {
    let first = teller
        .engine
        .trial_balance(ledgers, At::Now, None, limit)
        .unwrap();
    let mut rows = first.accounts.clone();
    let mut next = first.next;
    while let Some(position) = next {
        let page = teller
            .engine
            .trial_balance(ledgers, At::Now, Some(position), limit)
            .unwrap();
        assert_eq!(page.sequence, first.sequence);
        assert!(page.proofs.is_empty());
        rows.extend_from_slice(&page.accounts);
        next = page.next;
    }
    (first, rows)
}

fn check(page: &TrialBalancePage, rows: &[TrialBalanceRow]) {
    let sum = |of: fn(&TrialBalanceRow) -> u128| rows.iter().map(of).sum::<u128>();
    let sums = [
        sum(|row| row.totals.debits_pending.get()),
        sum(|row| row.totals.credits_pending.get()),
        sum(|row| row.totals.debits_posted.get()),
        sum(|row| row.totals.credits_posted.get()),
    ];
    assert_eq!(sums[0], sums[1]);
    assert_eq!(sums[2], sums[3]);
    let proof = &page.proofs[0];
    assert!(proof.is_balanced());
    assert_eq!(
        proof.debits_pending.low(),
        sums[0],
        "the accounts add up to the proof"
    );
    assert_eq!(proof.debits_posted.low(), sums[2]);
}

#[test]
fn every_page_is_of_one_sequence_while_others_write() {
    let config = Config {
        segment_bytes: 4 << 20,
        ..config()
    };
    let teller = Teller::open_as(config, &MemoryVfs::new(1), &clock());
    teller.open_accounts(40);
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut id = 0;
            while !ended.load(Ordering::Relaxed) && id < 60_000 {
                // Few accounts are hot, most are cold, and there are ever more of them.
                let mut transfers = Vec::new();
                for n in 0..20 {
                    id += 1;
                    let debit = 1 + (id * id + n) % 40;
                    transfers.push(transfer_between(id, debit, 1 + debit % 40, 1 + n));
                    if n % 5 == 0 {
                        transfers.push(hold(1_000_000 + id, 3, 0));
                        transfers.push(post(2_000_000 + id, 1_000_000 + id));
                    }
                }
                wait(&teller.start(create(transfers)).unwrap()).unwrap();
                if id % 200 == 0 {
                    teller.create_accounts(vec![account(1000 + id)]);
                }
            }
        });
        for limit in [1, 3, 7, 100, 1, 2].into_iter().cycle().take(24) {
            let (page, rows) = pages(&teller, &[], limit);
            check(&page, &rows);
            thread::yield_now();
        }
        ended.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_past_sequence_is_put_together_from_events() {
    let teller = Teller::open(&MemoryVfs::new(1), &clock());
    teller.open_accounts(3);
    for transfer in [
        transfer_between(1, 1, 2, 10),
        hold(2, 5, 0),
        post(3, 2),
        transfer_between(4, 2, 3, 4),
    ] {
        teller.create_transfer(transfer);
    }
    teller.create_accounts(vec![account(4)]);
    let at = |sequence: u64| {
        let page = teller
            .engine
            .trial_balance(&[], At::Sequence(Sequence::new(sequence)), None, 100)
            .unwrap();
        check(&page, &page.accounts);
        let mut figures = Vec::new();
        for row in page.accounts {
            let t = row.totals;
            figures.push(
                [
                    t.debits_pending,
                    t.debits_posted,
                    t.credits_pending,
                    t.credits_posted,
                ]
                .map(|amount| amount.get()),
            );
        }
        figures
    };
    assert_eq!(at(3), [[0; 4]; 3]);
    assert_eq!(at(4), [[0, 10, 0, 0], [0, 0, 0, 10], [0; 4]]);
    assert_eq!(at(5), [[5, 10, 0, 0], [0, 0, 5, 10], [0; 4]]);
    assert_eq!(at(6), [[0, 15, 0, 0], [0, 0, 0, 15], [0; 4]]);
    assert_eq!(at(7), [[0, 15, 0, 0], [0, 4, 0, 15], [0, 0, 0, 4]]);
    assert_eq!(at(8).len(), 4);
    let opening = teller
        .engine
        .trial_balance(&[], At::Sequence(Sequence::new(2)), None, 100)
        .unwrap();
    assert_eq!(
        opening.sequence,
        Sequence::ZERO,
        "three were opened at once"
    );
    assert!(opening.accounts.is_empty() && opening.proofs.is_empty());
    let beyond = teller
        .engine
        .trial_balance(&[], At::Sequence(Sequence::new(9)), None, 100);
    assert!(matches!(
        beyond,
        Err(QueryError::Read(ReadError::BeyondEnd { .. }))
    ));
}

#[test]
fn only_the_ledgers_asked_for_are_told_of() {
    let teller = Teller::open(&MemoryVfs::new(1), &clock());
    let in_ledger = |id: u128, ledger| NewAccount {
        ledger: LedgerId::new(ledger),
        ..account(id)
    };
    teller.create_accounts(
        (1..=30)
            .map(|id| in_ledger(id, 1 + (id % 3) as u32))
            .collect(),
    );
    let (page, rows) = pages(&teller, &[LedgerId::new(2)], 4);
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let expected: Vec<_> = (1..=30)
        .filter(|id| id % 3 == 1)
        .map(AccountId::new)
        .collect();
    assert_eq!(ids, expected);
    assert_eq!(page.proofs.len(), 1);
    assert_eq!(page.proofs[0].ledger, LedgerId::new(2));
    let (page, rows) = pages(&teller, &[], 100);
    assert_eq!((rows.len(), page.proofs.len()), (30, 3));
}

/// Transfer `n` moves `n` from account 1 to account 2.
fn pay(teller: &Teller, ids: std::ops::RangeInclusive<u128>) {
    for id in ids {
        teller.create_transfer(transfer_between(id, 1, 2, id));
    }
}

/// Asks for the proof of the moment after transfer `n`, and checks it.
fn check_after(teller: &Teller, n: u128) -> Result<(), QueryError> {
    // Both accounts were opened before.
    let at = At::Sequence(Sequence::new(u64::try_from(n).unwrap() + 2));
    let page = teller.engine.trial_balance(&[], at, None, 100)?;
    check(&page, &page.accounts);
    assert_eq!(page.proofs[0].debits_posted.low(), n * (n + 1) / 2);
    Ok(())
}

#[test]
fn a_proof_reads_the_events_from_the_nearest_snapshot_on_and_no_others() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open(&vfs, &clock);
    teller.open_accounts(2);
    let sealed = || BTreeSet::<PathBuf>::from_iter(files(&vfs, "sealed"));
    pay(&teller, 1..=150);
    teller.engine.create_snapshot(Some("one")).unwrap();
    let before = sealed();
    pay(&teller, 151..=170);
    teller.engine.create_snapshot(Some("other")).unwrap();
    let through = sealed();
    pay(&teller, 171..=500);
    teller.engine.create_snapshot(Some("newest")).unwrap();
    // The answer is found with what lies between the two snapshots.
    let far = |file: &PathBuf| before.contains(file) || !through.contains(file);
    let far: Vec<_> = sealed().into_iter().filter(far).collect();
    assert!(far.len() >= 2, "{far:?}");
    far.iter().for_each(|file| vfs.fail_reads(file));
    check_after(&teller, 153).expect("forward from the first snapshot");
    check_after(&teller, 168).expect("back from the second one");
    // From a moment that was asked for, it is not far to the next one.
    check_after(&teller, 155).expect("forward from what is remembered");
    let elsewhere = check_after(&teller, 140);
    assert!(matches!(elsewhere, Err(QueryError::Read(_))));
}

#[test]
fn a_snapshot_that_does_not_verify_is_no_beginning_of_a_proof() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open(&vfs, &clock);
    teller.open_accounts(2);
    pay(&teller, 1..=60);
    let old = teller.engine.create_snapshot(Some("old")).unwrap();
    pay(&teller, 61..=300);
    teller.engine.create_snapshot(Some("newest")).unwrap();
    teller.engine.shutdown();
    for byte in (0..old.bytes).step_by(11) {
        let disk = vfs.after_kill();
        disk.flip(&old.file, byte * 8);
        let teller = Teller::open(&disk, &clock);
        check_after(&teller, 70).unwrap_or_else(|error| panic!("byte {byte}: {error}"));
    }
}
