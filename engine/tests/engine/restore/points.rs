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
    let mut within_a_request = 0;
    for round in 0..200 {
        let asked = 1 + random.below(history.newest());
        let cut = history.rounded(asked);
        within_a_request += u32::from(cut != asked);
        let vfs = history.vfs.after_kill();
        let until = Until::Sequence(Sequence::new(asked));
        let restored = restore(&vfs, &options(DIR, RESTORED, until)).expect("it restores");
        assert_eq!(restored.plan.sequence.get(), cut, "asked for {asked}");
        let teller = open(&vfs, RESTORED, &restored);
        check(&teller, &history, cut, &restored);
        if round % 50 == 0 {
            check_retries(&teller, history.first(cut));
        }
    }
    assert!(
        within_a_request > 50,
        "{within_a_request} points were rounded down"
    );
}

#[test]
fn a_moment_restores_to_the_last_request_before_it() {
    let history = History::write(12, 60);
    let mut random = Random::new(6);
    let times: Vec<_> = history
        .events
        .iter()
        .map(|event| event.time.get())
        .collect();
    let mut moments = vec![
        0,
        times[0] - 1,
        times[0],
        *times.last().unwrap(),
        i64::MAX as u64,
    ];
    for _ in 0..40 {
        let at = usize::try_from(random.below(history.newest())).unwrap();
        let nearby = [times[at] - 1, times[at], times[at] + 1];
        moments.push(nearby[usize::try_from(random.below(3)).unwrap()]);
    }
    for moment in moments {
        let before = times.partition_point(|&time| time <= moment) as u64;
        let cut = history.rounded(before);
        let vfs = history.vfs.after_kill();
        let until = Until::Time(Timestamp::new(moment));
        let restored = restore(&vfs, &options(DIR, RESTORED, until)).expect("it restores");
        assert_eq!(restored.plan.sequence.get(), cut, "at {moment}");
        check(&open(&vfs, RESTORED, &restored), &history, cut, &restored);
    }
}

#[test]
fn all_of_it_and_none_of_it_can_be_restored() {
    let history = History::write(13, 30);
    let newest = history.newest();
    let points = [
        (Until::End, newest),
        (Until::Sequence(Sequence::new(newest)), newest),
        (Until::Sequence(Sequence::ZERO), 0),
    ];
    for (until, cut) in points {
        let vfs = history.vfs.after_kill();
        let restored = restore(&vfs, &options(DIR, RESTORED, until)).expect("it restores");
        assert_eq!(restored.plan.left_out, newest - cut);
        check(&open(&vfs, RESTORED, &restored), &history, cut, &restored);
    }
    let beyond = Until::Sequence(Sequence::new(newest + 1));
    let refused = restore(&history.vfs, &options(DIR, RESTORED, beyond)).unwrap_err();
    assert!(
        matches!(refused, RestoreError::BeyondEnd { .. }),
        "{refused}"
    );
}

#[test]
fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    use std::sync::Arc;

    use ledger_engine::vfs::Vfs;

    let history = History::write(14, 30);
    let asked = history.newest() / 2;
    let before = history.vfs.paths();
    let wanted = options(DIR, RESTORED, Until::Sequence(Sequence::new(asked)));
    let vfs: Arc<dyn Vfs> = Arc::new(history.vfs.clone());
    let plan = ledger_engine::restore::plan(&vfs, &wanted).expect("it could be restored");
    assert_eq!(plan.sequence.get(), history.rounded(asked));
    assert_eq!(plan.newest.get(), history.newest());
    assert_eq!(history.vfs.paths(), before);
    let restored = restore(&history.vfs, &wanted).expect("it restores");
    assert_eq!(restored.plan, plan);
}
