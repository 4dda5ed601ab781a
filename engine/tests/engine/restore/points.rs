//! Which points there are to restore to.

use ledger_core::{Sequence, Timestamp};
use ledger_engine::restore::{RestoreError, Until};

use super::history::{DIR, History, Random};
use super::{RESTORED, check, check_retries, open, options, restore};

#[test]
fn two_hundred_sequences_restore_to_the_end_of_a_request() {
    let history = History::write(11, 180);
    assert!(history.newest() > 2_000, "{}", history.newest());
    let mut random = Random::new(5);
    for round in 0..200 {
        let asked = 1 + random.below(history.newest());
        let cut = history.rounded(asked);
        let vfs = history.vfs.after_kill();
        let until = Until::Sequence(Sequence::new(asked));
        let restored = restore(&vfs, &options(DIR, RESTORED, until)).expect("it restores");
        assert_eq!(restored.plan.sequence.get(), cut, "asked for {asked}");
        let teller = open(&vfs, RESTORED, &restored);
        check(&teller, &history, cut, &restored);
        if round % 50 == 0 {
            let kept = &history.events[..usize::try_from(cut).unwrap()];
            check_retries(&teller, kept);
        }
    }
}
