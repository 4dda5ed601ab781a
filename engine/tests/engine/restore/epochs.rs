//! A restore begins another history, and everybody can tell.

use ledger_core::{Sequence, TransferStatus};
use ledger_engine::restore::Until;
use ledger_engine::{EpochChanged, Lineage};

use std::path::Path;

use super::history::{DIR, History, transfer_ids};
use super::{RESTORED, check, check_retries, open, options, restore};
use crate::old_history::files;
use crate::teller::{Teller, transfer};

fn lineage(teller: &Teller) -> Lineage {
    teller.engine.lineage()
}

#[test]
fn two_restores_of_one_database_are_two_histories() {
    let history = History::write(21, 30);
    let cut = history.rounded(history.newest() / 2);
    let until = Until::Sequence(Sequence::new(cut));
    let vfs = history.vfs.after_kill();
    let one = restore(&vfs, &options(DIR, "/one", until)).expect("it restores");
    let other = restore(&vfs, &options(DIR, "/other", until)).expect("it restores");
    assert_eq!(one.sequence, other.sequence);
    assert_ne!(one.epoch, other.epoch);

    let (first, second) = (open(&vfs, "/one", &one), open(&vfs, "/other", &other));
    let parent = one.plan.epoch;
    let fork = Sequence::new(cut);
    for (teller, restored) in [(&first, &one), (&second, &other)] {
        let lineage = lineage(teller);
        assert_eq!(lineage.epoch(), restored.epoch);
        assert_eq!(lineage.place(parent, fork), Ok(()));
        assert_eq!(
            lineage.place(parent, fork.next()),
            Err(EpochChanged {
                epoch: restored.epoch,
                fork: Some(fork)
            })
        );
        let reply = teller.ask(crate::teller::create(vec![transfer(5_000_000, 1)]));
        assert_eq!(reply.expect("an answer").receipt.epoch, restored.epoch);
    }
    let stranger = lineage(&first).place(other.epoch, Sequence::new(1));
    assert_eq!(stranger.unwrap_err().fork, None);
}

/// The runs of the history before tell of events that the restored one does not have. That is no
/// loss, and they are not believed.
#[test]
fn runs_of_the_epoch_before_do_not_keep_a_restored_database_from_starting() {
    let history = History::write(23, 300);
    let cut = history.rounded(history.newest() / 2);
    let vfs = history.vfs.after_kill();
    let until = Until::Sequence(Sequence::new(cut));
    let restored = restore(&vfs, &options(DIR, RESTORED, until)).expect("it restores");
    let (mut beyond, mut copied) = (0, 0);
    for run in files(&vfs, "run") {
        let name = run.file_name().expect("a name").to_string_lossy();
        let last: u64 = name[21..37].parse().expect("a name has the last event");
        beyond += u64::from(last > restored.sequence.get());
        copied += 1;
        let to = Path::new(RESTORED).join(&*name);
        vfs.put(&to, vfs.contents(&run).expect("it is there"));
    }
    assert!(beyond > 0 && copied > beyond, "{beyond} of {copied}");
    let teller = open(&vfs, RESTORED, &restored);
    check(&teller, &history, cut, &restored);
    let (kept, left_out) = history.events.split_at(usize::try_from(cut).unwrap());
    check_retries(&teller, kept);
    // What was left out is unknown, and can be done again.
    let ids = transfer_ids(left_out);
    let again = transfer(ids[ids.len() / 2].get(), 1);
    assert_eq!(teller.status_of(again), TransferStatus::Created);
}

#[test]
fn a_restored_database_can_be_restored() {
    let history = History::write(22, 30);
    let cut = history.rounded(history.newest() / 2);
    let vfs = history.vfs.after_kill();
    let until = Until::Sequence(Sequence::new(cut));
    let first = restore(&vfs, &options(DIR, RESTORED, until)).expect("it restores");
    let teller = open(&vfs, RESTORED, &first);
    for id in 5_000_000..5_000_040 {
        assert_eq!(teller.status_of(transfer(id, 1)), TransferStatus::Created);
    }
    teller.engine.shutdown();
    drop(teller);
    let grown = History::read(vfs.after_kill(), RESTORED);
    assert!(grown.newest() >= cut + 40);

    // Within what came after the first restore, at its beginning, and before it.
    let points = [grown.newest() - 7, cut + 1, cut, grown.rounded(cut / 2)];
    for (number, point) in points.into_iter().enumerate() {
        let vfs = grown.vfs.after_kill();
        let again = format!("/again-{number}");
        let until = Until::Sequence(Sequence::new(point));
        let second = restore(&vfs, &options(RESTORED, &again, until)).expect("it restores");
        let point = grown.rounded(point);
        let teller = open(&vfs, &again, &second);
        check(&teller, &grown, point, &second);
        let lineage = lineage(&teller);
        let branches: Vec<_> = lineage.branches().iter().map(|b| b.fork.get()).collect();
        if point > cut {
            assert_eq!(branches, [cut, point]);
            assert!(lineage.place(first.epoch, Sequence::new(point)).is_ok());
            assert!(
                lineage
                    .place(first.epoch, Sequence::new(point + 1))
                    .is_err()
            );
        } else {
            assert_eq!(branches, [point]);
        }
        let original = lineage.place(first.plan.epoch, Sequence::new(point.min(cut)));
        assert_eq!(original, Ok(()));
    }
}

#[test]
fn what_was_reserved_and_ran_out_since_is_released_when_it_goes_on() {
    use std::sync::Arc;

    use ledger_engine::SimulatedClock;

    use super::history::small;
    use crate::teller::{START, after, hold};

    let vfs = ledger_engine::vfs::MemoryVfs::new(1);
    let clock = Arc::new(SimulatedClock::new(START));
    let teller = Teller::open_as(small(DIR), &vfs, &clock);
    teller.open_accounts(2);
    assert_eq!(teller.status_of(hold(1, 5, 60)), TransferStatus::Created);
    teller.engine.shutdown();
    drop(teller);
    let mut wanted = options(DIR, RESTORED, Until::End);
    wanted.now = after(3_600);
    let restored = restore(&vfs, &wanted).expect("it restores");
    assert_eq!(restored.time, after(3_600), "the epoch begins now");
    let teller = open(&vfs, RESTORED, &restored);
    crate::teller::eventually("the reservation is released", || {
        teller.totals(1).debits_pending.is_zero()
    });
}
