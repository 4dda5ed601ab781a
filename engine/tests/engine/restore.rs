//! Restoring: what comes out is what was there at the end of a request, and nothing else.

use std::sync::Arc;

use ledger_core::{Event, Fact, Sequence, Timestamp};
use ledger_engine::SimulatedClock;
use ledger_engine::restore::{RestoreError, RestoreOptions, Restored, Until};
use ledger_engine::vfs::{MemoryVfs, Vfs};
use ledger_engine::{Body, Command, Found};

use crate::teller::{Teller, create, transfer};

mod accidents;
mod backups;
mod differences;
mod epochs;
mod history;
mod points;

use history::{History, small, transfer_ids};

pub(crate) const RESTORED: &str = "/restored";

pub(crate) fn options(from: &str, to: &str, until: Until) -> RestoreOptions {
    RestoreOptions {
        from: from.into(),
        to: to.into(),
        until,
        verify: false,
        now: Timestamp::ZERO,
        accept_clock: true,
    }
}

pub(crate) fn restore(vfs: &MemoryVfs, options: &RestoreOptions) -> Result<Restored, RestoreError> {
    let vfs: Arc<dyn Vfs> = Arc::new(vfs.clone());
    ledger_engine::restore::restore(&vfs, options, &mut |_| {})
}

/// Opens a restored database at the moment at which its epoch began.
pub(crate) fn open(vfs: &MemoryVfs, dir: &str, restored: &Restored) -> Teller {
    let clock = Arc::new(SimulatedClock::new(restored.time));
    Teller::open_as(small(dir), vfs, &clock)
}

/// Checks that a restored database is what a history was after its first `cut` events.
pub(crate) fn check(teller: &Teller, history: &History, cut: u64, restored: &Restored) {
    let engine = &teller.engine;
    let status = engine.status();
    assert_eq!(
        (status.epoch, restored.sequence.get()),
        (restored.epoch, cut + 1)
    );
    assert_eq!(status.durable, restored.sequence);
    let sequences: Vec<_> = (1..=cut + 1).map(Sequence::new).collect();
    let events = engine.read_events(&sequences).expect("all can be read");
    let (kept, left_out) = history.events.split_at(usize::try_from(cut).unwrap());
    assert!(
        events[..kept.len()] == *kept,
        "the events are the same up to {cut}"
    );
    check_branch(&events[kept.len()], cut, restored);

    let mut model = history.state(cut);
    model
        .replay(&events[kept.len()])
        .expect("an epoch can begin");
    let ids = model.accounts_from(0).map(|account| account.id).collect();
    let Body::AccountsFound { found, missing } = ask(teller, Command::LookupAccounts(ids)) else {
        panic!("not accounts")
    };
    assert!(missing.is_empty());
    assert!(found.iter().eq(model.accounts_from(0)), "accounts at {cut}");
    let Body::LedgerList(ledgers) = ask(teller, Command::ListLedgers) else {
        panic!("not ledgers")
    };
    assert!(ledgers.iter().eq(model.ledgers()), "ledgers at {cut}");

    let some = |events: &[Event]| {
        let ids = transfer_ids(events);
        let step = ids.len() / 300 + 1;
        ids.into_iter().rev().step_by(step).collect::<Vec<_>>()
    };
    let Body::TransfersFound(found) = ask(teller, Command::FindTransfers(some(kept))) else {
        panic!("not transfers")
    };
    for (id, found) in found {
        let Found::At { sequence, open, .. } = found else {
            panic!("transfer {id} was there at {cut}")
        };
        assert!(sequence.get() <= cut);
        let hold = model.hold(id).map(|hold| (hold.posted, hold.rest));
        assert_eq!(
            open.map(|open| (open.posted, open.rest)),
            hold,
            "transfer {id}"
        );
    }
    let Body::TransfersFound(found) = ask(teller, Command::FindTransfers(some(left_out))) else {
        panic!("not transfers")
    };
    for (id, found) in found {
        assert_eq!(found, Found::Unknown, "transfer {id} came after {cut}");
    }
}

fn check_branch(event: &Event, cut: u64, restored: &Restored) {
    let Fact::EpochBegan(began) = event.fact else {
        panic!("an epoch begins after {cut}, not {event:?}")
    };
    assert_eq!(began.epoch, restored.epoch);
    assert_eq!(began.fork.get(), cut);
    assert_eq!(event.time, restored.time);
    assert_ne!(began.parent, began.epoch);
}

fn ask(teller: &Teller, command: Command) -> Body {
    teller.ask(command).expect("an answer").body
}

/// A retry of what was kept is told so, whatever it was.
pub(crate) fn check_retries(teller: &Teller, kept: &[Event]) {
    use ledger_core::{TransferFlags, TransferStatus};

    for event in kept {
        let (mut asked, expected) = match &event.fact {
            Fact::TransferCreated(created) => (created.transfer.clone(), TransferStatus::Exists),
            Fact::TransferFenced(fence) => (fence.clone(), TransferStatus::Exists),
            Fact::TransferRejected(rejected) => {
                let used_up = transfer(rejected.id.get(), 1);
                (used_up, TransferStatus::IdAlreadyFailed)
            }
            _ => continue,
        };
        if asked.flags.contains(TransferFlags::LINKED) {
            continue;
        }
        asked.timestamp = Timestamp::ZERO;
        let again = teller.ask(create(vec![asked])).expect("an answer");
        let Body::Transfers(answers) = again.body else {
            panic!("not transfers")
        };
        let answer = &answers.answers[0];
        assert_eq!(answer.status, expected, "event {}", event.sequence);
        assert_eq!(answer.timestamp, event.time, "event {}", event.sequence);
    }
}
