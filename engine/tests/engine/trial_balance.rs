//! The trial balance is of one moment, whatever is written meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ledger_core::{AccountId, LedgerId, NewAccount, Sequence};
use ledger_engine::vfs::MemoryVfs;
use ledger_engine::{At, Config, QueryError, ReadError, TrialBalancePage, TrialBalanceRow};

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
