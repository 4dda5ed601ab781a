//! Balances as of any sequence and time: rounded down to a request's end, and then exact.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ledger_core::{AccountId, Amount, Event, Sequence, Timestamp, Totals};
use ledger_engine::journal::{self, JournalOptions, Preparation, Progress, Replay, RequestContext};
use ledger_engine::vfs::MemoryVfs;
use ledger_engine::{
    At, Command, Config, Position, QueryError, ReadError, Refused, TrialBalancePage,
};

use super::amid_writes::seeds;
use super::histories::History;
use super::naive::Naive;
use crate::teller::{Teller, account, clock, transfer_between};

/// The last events of all requests, the oldest first, from the files themselves.
fn request_ends(history: &History, through: Sequence) -> Vec<Sequence> {
    struct Nobody;
    impl Replay for Nobody {
        fn event(
            &mut self,
            _: &Event,
            _: &RequestContext<'_>,
        ) -> Result<(), Box<dyn Error + Send + Sync>> {
            Ok(())
        }
        fn time(&mut self, _: Timestamp) {}
        fn progress(&mut self, _: Progress) {}
    }
    let options = JournalOptions {
        segment_bytes: 64 << 10,
        preparation: Preparation::Inline,
    };
    let vfs = Arc::new(history.vfs());
    let opened = journal::open(vfs, Path::new("/data"), options, &mut Nobody).expect("it opens");
    let mut ends = vec![Sequence::ZERO];
    let visited = opened.reader.visit(Sequence::new(1), through, |recorded| {
        if recorded.ends_request {
            ends.push(recorded.event.sequence);
        }
        std::ops::ControlFlow::Continue(())
    });
    visited.expect("it can be read");
    ends
}

/// Checks everything that is told as of a moment.
fn check(history: &mut History, at: At, expected: Sequence) {
    let naive = Naive::at(history.events(expected), expected);
    let ids: Vec<_> = naive
        .accounts
        .iter()
        .map(|account| account.id)
        .chain([AccountId::new(77_777_777)])
        .collect();
    let balances = history.teller.engine.balances_at(&ids, at).expect("told");
    assert_eq!(balances.as_of.sequence, expected, "{at:?}");
    assert_eq!(balances.missing, [AccountId::new(77_777_777)]);
    assert_eq!(balances.found.len(), naive.accounts.len());
    for (found, account) in balances.found.iter().zip(&naive.accounts) {
        assert_eq!((found.id, found.totals), (account.id, account.totals));
    }
    check_trial_balance(history, at, expected, &naive);
}

fn check_trial_balance(history: &mut History, at: At, expected: Sequence, naive: &Naive) {
    let mut rows = Vec::new();
    let mut from: Option<Position> = None;
    loop {
        let limit = history.random.within(1, 20) as usize;
        let page = history.teller.engine.trial_balance(&[], at, from, limit);
        let TrialBalancePage {
            sequence,
            accounts,
            proofs,
            next,
            ..
        } = page.expect("told");
        assert_eq!(sequence, expected);
        if from.is_none() {
            let proofs: Vec<_> = proofs
                .iter()
                .map(|proof| {
                    let sums = [
                        proof.debits_pending,
                        proof.debits_posted,
                        proof.credits_pending,
                        proof.credits_posted,
                    ];
                    assert!(proof.is_balanced());
                    (
                        proof.ledger,
                        proof.code.clone(),
                        proof.scale,
                        sums.map(|sum| sum.low()),
                    )
                })
                .collect();
            let ledgers: Vec<_> = naive
                .ledgers
                .iter()
                .map(|(&id, (code, scale, _, sums))| (id, code.clone(), *scale, *sums))
                .collect();
            assert_eq!(proofs, ledgers);
        }
        rows.extend(accounts);
        from = next;
        if next.is_none() {
            break;
        }
        if history.random.one_in(10) {
            history.write(1);
        }
    }
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.id, row.totals, row.named))
        .collect();
    let there: Vec<_> = naive
        .accounts
        .iter()
        .map(|account| (account.id, account.totals, account.named))
        .collect();
    assert_eq!(told, there, "{at:?}");
}

#[test]
fn balances_of_any_moment_are_those_of_the_events_until_then() {
    let (first, seeds) = seeds();
    for seed in first..first + seeds {
        println!("seed {seed}");
        let mut history = History::new(seed);
        history.write(200);
        // A proof may begin from a snapshot.
        history.roll();
        history.write(100);
        history.restart();
        history.write(300);
        history.teller.engine.shutdown();
        let through = history.teller.engine.status().durable;
        let ends = request_ends(&history, through);
        history.restart();
        let rounded =
            |sequence: Sequence| *ends.iter().rev().find(|&&end| end <= sequence).unwrap();
        for _ in 0..25 {
            let sequence = Sequence::new(history.random.below(through.get() + 1));
            check(&mut history, At::Sequence(sequence), rounded(sequence));
            let event = history.random.below(through.get());
            let time = history.events(through)[event as usize].time;
            let step = history.random.below(3);
            let time = Timestamp::new(time.get() + step - 1);
            let newest = history.events(through).iter();
            let newest = newest.filter(|event| event.time <= time).count() as u64;
            check(&mut history, At::Time(time), rounded(Sequence::new(newest)));
            if history.random.one_in(10) {
                history.restart();
            }
        }
        history.settle();
        let now = history.teller.engine.status().durable;
        check(&mut history, At::Sequence(now), now);
    }
}

#[test]
fn a_time_is_told_of_once_it_has_come_and_then_for_good() {
    let mut history = History::new(5);
    history.write(40);
    history.settle();
    let (engine, clock) = (history.teller.engine.clone(), history.clock.clone());
    let before = engine.status().durable;
    let ids: Vec<_> = Naive::at(history.events(before), before)
        .accounts
        .iter()
        .map(|account| account.id)
        .collect();
    let beyond = Sequence::new(before.get() + 1);
    assert!(matches!(
        engine.balances_at(&ids, At::Sequence(beyond)),
        Err(QueryError::Read(ReadError::BeyondEnd { .. }))
    ));
    let time = Timestamp::new(history.now().get() + 10_000_000_000);
    assert!(matches!(
        engine.balances_at(&ids, At::Time(time)),
        Err(QueryError::NotYet { .. })
    ));
    clock.advance(std::time::Duration::from_secs(11));
    let told = engine
        .balances_at(&ids, At::Time(time))
        .expect("it has come");
    // Whatever is written from here on is later, however the clock is set.
    clock.set_wall(Timestamp::new(time.get() - 5_000_000_000));
    history.write(30);
    let again = engine.balances_at(&ids, At::Time(time)).expect("as before");
    assert_eq!(told, again);
}

#[test]
fn more_accounts_than_one_turn_has_are_still_of_one_moment() {
    let teller = Teller::open(&MemoryVfs::new(1), &clock());
    let ids: Vec<u128> = (1..=6_000).collect();
    for ids in ids.chunks(150) {
        teller.create_accounts(ids.iter().map(|&id| account(id)).collect());
    }
    let asked: Vec<_> = [7_000, 6_000, 1, 1]
        .into_iter()
        .chain(1..=6_000)
        .map(AccountId::new)
        .collect();
    let refused = teller.start(Command::LookupAccounts(asked.clone())).err();
    let (events, events_max) = (asked.len(), Config::ACCOUNTS_PER_TURN);
    assert_eq!(refused, Some(Refused::TooManyEvents { events, events_max }));
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut id = 0;
            while !ended.load(Ordering::Relaxed) && id < 50_000 {
                // From an account of the first turn to one of the second, and back.
                id += 2;
                teller.create_transfers(vec![transfer_between(id, 1, 5_900, 3)]);
                teller.create_transfers(vec![transfer_between(id + 1, 5_901, 2, 4)]);
            }
        });
        for _ in 0..30 {
            let balances = teller.engine.balances_at(&asked, At::Now).expect("told");
            assert_eq!(balances.missing, [AccountId::new(7_000)]);
            assert_eq!(balances.found.len(), 6_003);
            let sum = |of: fn(&Totals) -> Amount| -> u128 {
                let once = balances.found[3..].iter();
                once.map(|found| of(&found.totals).get()).sum()
            };
            let debits = sum(|totals| totals.debits_posted);
            assert_eq!(debits, sum(|totals| totals.credits_posted));
            let accounts = teller.engine.lookup_accounts(&asked).expect("told");
            let order: Vec<_> = accounts.found.iter().map(|account| account.id).collect();
            assert_eq!(order, asked[1..]);
        }
        ended.store(true, Ordering::Relaxed);
    });
}
