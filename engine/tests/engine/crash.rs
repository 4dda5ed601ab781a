//! The power goes at every call that changes a disk: what was acknowledged is there once, with its
//! answer, and nothing is there that was never asked for.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ledger_core::{Amount, Sequence, Transfer, TransferAnswer, TransferStatus};
use ledger_engine::vfs::MemoryVfs;
use ledger_engine::{At, Body, Command, Config, Failure, Reply, SimulatedClock};

use crate::teller::{
    START, Teller, account, after, clock, config, create, hold, post, transfer_between, wait,
};

/// Small segments, so that the journal rolls over often.
fn crash_config() -> Config {
    Config {
        segment_bytes: 64 << 10,
        ..config()
    }
}

const ACCOUNTS: u128 = 6;
const REQUESTS: u128 = 50;

/// The transfers of a request: movements of all kinds, whose outcome depends on those before.
fn request(number: u128) -> Vec<Transfer> {
    let id = number * 100;
    let mut transfers: Vec<Transfer> = (1..=20)
        .map(|n| {
            transfer_between(
                id + n,
                1 + (n + number) % ACCOUNTS,
                1 + (n + number + 1) % ACCOUNTS,
                n,
            )
        })
        .collect();
    transfers.push(hold(id + 50, 7, 3));
    transfers.push(hold(id + 51, 9, 0));
    if number > 0 {
        transfers.push(post(id + 60, id - 100 + 51));
        transfers.push(post(id + 61, id - 100 + 50));
    }
    // Names no reservation: its id is used up.
    transfers.push(post(id + 70, 99_999));
    transfers
}

/// What became of each request that was sent, in order; it stops at the first one without answer.
struct Day {
    answered: Vec<(Vec<TransferAnswer>, Reply)>,
    /// Whether the request after those answered was sent.
    in_doubt: bool,
}

fn run(vfs: &MemoryVfs, clock: &Arc<SimulatedClock>) -> Option<Day> {
    let teller = Teller::try_open(crash_config(), vfs, clock).ok()?;
    let accounts = Command::CreateAccounts((1..=ACCOUNTS).map(account).collect());
    if wait(&teller.start(accounts).ok()?).is_err() {
        return None;
    }
    let mut day = Day {
        answered: Vec::new(),
        in_doubt: false,
    };
    for number in 0..REQUESTS {
        clock.advance(Duration::from_secs(1));
        let Ok(pending) = teller.start(create(request(number))) else {
            return Some(day);
        };
        match wait(&pending) {
            Ok(reply) => {
                let Body::Transfers(answers) = &reply.body else {
                    panic!("not transfers")
                };
                day.answered.push((answers.answers.clone(), reply.clone()));
            }
            Err(failure) => {
                assert_eq!(failure, Failure::OutcomeUnknown);
                day.in_doubt = true;
                return Some(day);
            }
        }
    }
    teller.engine.shutdown();
    Some(day)
}

/// Checks a disk against what was told while it was written.
fn check(vfs: &MemoryVfs, day: Option<&Day>) {
    let clock = Arc::new(SimulatedClock::new(START));
    let teller = Teller::open_as(
        Config {
            accept_clock: true,
            ..crash_config()
        },
        vfs,
        &clock,
    );
    let Some(day) = day else { return };
    let durable = teller.engine.status().durable;
    let told = day
        .answered
        .last()
        .map_or(Sequence::ZERO, |(_, reply)| reply.receipt.sequence);
    assert!(durable >= told, "what was acknowledged is there");
    for (number, (answers, reply)) in (0..).zip(&day.answered) {
        assert!(reply.receipt.time <= teller.engine.status().time);
        check_answered(&teller, &request(number), answers);
    }
    let next = day.answered.len() as u128;
    let existing = existing(&teller, &request(next));
    if next < REQUESTS && day.in_doubt {
        assert!(
            existing == 0 || existing == request(next).len(),
            "a request is there whole or not at all: {existing}"
        );
    } else if next < REQUESTS {
        assert_eq!(existing, 0, "nothing is there that was not asked for");
    }
    check_sums(&teller, durable);
}

/// A retry gives the answer that was given.
fn check_answered(teller: &Teller, transfers: &[Transfer], answers: &[TransferAnswer]) {
    let again = teller.create_transfers(transfers.to_vec()).answers;
    for (answer, again) in answers.iter().zip(again) {
        match answer.status {
            TransferStatus::Created => {
                assert_eq!(again.status, TransferStatus::Exists);
                assert_eq!(
                    (again.timestamp, again.amount),
                    (answer.timestamp, answer.amount)
                );
            }
            status if status.uses_up_id() => {
                assert_eq!(again.status, TransferStatus::IdAlreadyFailed);
                assert_eq!(again.original_status, Some(status));
                assert_eq!(again.timestamp, answer.timestamp);
            }
            status => assert_eq!(again.status, status),
        }
    }
}

/// How many of the transfers have an event. All of them should have one, or none.
fn existing(teller: &Teller, transfers: &[Transfer]) -> usize {
    let ids = transfers.iter().map(|transfer| transfer.id).collect();
    let reply = teller.ask(Command::FindTransfers(ids)).expect("an answer");
    let Body::TransfersFound(found) = reply.body else {
        panic!("not transfers found")
    };
    let posted_late = |id: u128| id % 100 == 61;
    // A post that came too late leaves nothing behind; it counts as the others do.
    let known = |found: &ledger_engine::Found| !matches!(found, ledger_engine::Found::Unknown);
    let others = found.iter().filter(|(_, found)| known(found)).count();
    let late = found
        .iter()
        .filter(|(id, found)| posted_late(id.get()) && !known(found))
        .count();
    if others == 0 { 0 } else { others + late }
}

/// Every balance follows from the events, and debits equal credits.
fn check_sums(teller: &Teller, durable: Sequence) {
    let sequences: Vec<_> = (1..=durable.get()).map(Sequence::new).collect();
    let events = teller
        .engine
        .read_events(&sequences)
        .expect("every event can be read");
    let mut newest = BTreeMap::new();
    for (event, sequence) in events.iter().zip(&sequences) {
        assert_eq!(event.sequence, *sequence);
        if let Some(effect) = event.fact.effect() {
            newest.insert(effect.debit_account_id, effect.debit_after);
            newest.insert(effect.credit_account_id, effect.credit_after);
        }
    }
    let page = teller
        .engine
        .trial_balance(&[], At::Sequence(durable), None, 100)
        .expect("a page");
    for row in &page.accounts {
        let totals = newest.get(&row.id).copied().unwrap_or_default();
        assert_eq!(row.totals, totals, "account {}", row.id);
    }
    let side = |of: fn(&ledger_core::Totals) -> Amount| -> u128 {
        page.accounts.iter().map(|row| of(&row.totals).get()).sum()
    };
    assert_eq!(side(|t| t.debits_posted), side(|t| t.credits_posted));
    assert_eq!(side(|t| t.debits_pending), side(|t| t.credits_pending));
}

#[test]
fn the_workload_rolls_over_and_ends() {
    let vfs = MemoryVfs::new(7);
    let day = run(&vfs, &clock()).expect("it runs");
    assert_eq!(day.answered.len() as u128, REQUESTS);
    let statuses: Vec<_> = day.answered[5]
        .0
        .iter()
        .map(|answer| answer.status)
        .collect();
    assert!(statuses.contains(&TransferStatus::PendingTransferNotFound));
    assert!(
        statuses
            .iter()
            .filter(|&&status| status == TransferStatus::Created)
            .count()
            > 20
    );
    check(&vfs, Some(&day));
    let teller = Teller::open_as(
        Config {
            accept_clock: true,
            ..crash_config()
        },
        &vfs,
        &clock(),
    );
    assert!(
        teller.engine.status().segments_sealed >= 4,
        "{:?}",
        teller.engine.status()
    );
    assert!(teller.engine.status().time > after(30));
}

#[test]
fn the_power_goes_at_every_call() {
    let calls = {
        let vfs = MemoryVfs::new(7);
        run(&vfs, &clock()).expect("it runs");
        vfs.calls().total()
    };
    for call in 1..=calls {
        let vfs = MemoryVfs::new(call);
        vfs.cut_power_at(call);
        let day = run(&vfs, &clock());
        check(&vfs.after_power_cut(), day.as_ref());
    }
}

#[test]
fn the_process_is_killed_at_every_call() {
    let calls = {
        let vfs = MemoryVfs::new(7);
        run(&vfs, &clock()).expect("it runs");
        vfs.calls().total()
    };
    for call in (1..=calls).step_by(3) {
        let vfs = MemoryVfs::new(call);
        vfs.cut_power_at(call);
        let day = run(&vfs, &clock());
        check(&vfs.after_kill(), day.as_ref());
    }
}

#[test]
fn every_call_fails_once() {
    let calls = {
        let vfs = MemoryVfs::new(7);
        run(&vfs, &clock()).expect("it runs");
        vfs.calls().total()
    };
    for call in 1..=calls {
        let vfs = MemoryVfs::new(call);
        vfs.fail_at(call);
        let day = run(&vfs, &clock());
        check(&vfs.after_kill(), day.as_ref());
    }
}
