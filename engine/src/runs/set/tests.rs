use std::path::Path;

use ledger_core::Event;

use super::super::fixture::{
    DIR, Ids, Random, build, disk, history, naive, newest_of_each_role, run_of, unpaced,
};
use super::super::merge;
use super::*;

fn set(runs: Vec<Arc<Run>>) -> RunSet {
    let chosen = RunSet::choose(runs);
    assert!(chosen.apart.is_empty() && chosen.superseded.is_empty());
    chosen.set
}

/// As many runs as the seed has it.
fn runs_of(events: &[Event], random: &mut Random) -> RunSet {
    let (_, vfs) = disk();
    let mut runs = Vec::new();
    let mut rest = events;
    while !rest.is_empty() {
        let length = (1 + random.below(700) as usize).min(rest.len());
        let (segment, others) = rest.split_at(length);
        runs.push(build(&vfs, segment, 1 + runs.len() as u64).unwrap());
        rest = others;
        if runs.len() > 2 && random.below(3) == 0 {
            let from = runs.len() - 2;
            let merged = merge(&vfs, Path::new(DIR), &runs[from..], 1, &mut unpaced).unwrap();
            runs.splice(from.., [Arc::new(merged)]);
        }
    }
    set(runs)
}

#[test]
fn a_set_knows_what_all_events_say() {
    for (seed, ids) in [(1, Ids::Random), (2, Ids::Growing), (3, Ids::Small)] {
        let events = history(seed, ids, 3_000);
        let mut random = Random(seed);
        let set = runs_of(&events, &mut random);
        assert!(set.runs().len() > 2);
        assert_eq!(set.through(), Sequence::new(3_000));
        for (&(section, key), all) in &naive(&events) {
            assert!(set.runs().iter().any(|run| run.maybe(section, key)));
            if section == Section::Transfer {
                assert_id(&set, key, all);
                continue;
            }
            let through = Sequence::new(random.below(3_002));
            let newest = all.iter().rev().find(|posting| posting.0 <= through);
            assert_eq!(set.newest(section, key, through).unwrap().as_ref(), newest);
            let from = Sequence::new(random.below(through.get() + 2));
            let within = |posting: &&(Sequence, Role)| (from..=through).contains(&posting.0);
            let mut range: Vec<_> = all.iter().filter(within).copied().collect();
            for direction in [Direction::Ascending, Direction::Descending] {
                let limit = random.below(range.len() as u64 + 2) as usize;
                let mut found = Vec::new();
                set.read(section, key, from, through, direction, limit, &mut found)
                    .unwrap();
                assert_eq!(found, range[..limit.min(range.len())]);
                range.reverse();
            }
            if section == Section::Group {
                let holds = all.iter().filter(|posting| posting.1 == Role::HOLD);
                let holds: Vec<_> = holds.map(|posting| posting.0).collect();
                assert_eq!(set.group_holds(GroupId::new(key)).unwrap(), holds);
            }
            if section == Section::Update {
                let found = set.find_update(UpdateId::new(key)).unwrap();
                assert_eq!(found, Some(all[0].0));
            }
        }
    }
}

fn assert_id(set: &RunSet, key: u128, all: &[(Sequence, Role)]) {
    let newest = newest_of_each_role(all);
    let newest = |role| {
        let found = newest.iter().find(|posting| posting.1 == role);
        found.map(|posting| posting.0)
    };
    let expected = OldId {
        sequence: newest(Role::OWN).unwrap_or(Sequence::ZERO),
        fenced: newest(Role::FENCED).is_some(),
        act: newest(Role::ACT).unwrap_or(Sequence::ZERO),
    };
    let id = TransferId::new(key);
    assert!(
        set.runs()
            .iter()
            .any(|run| run.maybe(Section::Transfer, key))
    );
    assert_eq!(set.find_id(id).unwrap(), Some(expected));
}

#[test]
fn without_runs_nothing_is_known() {
    let set = RunSet::default();
    assert_eq!(set.through(), Sequence::ZERO);
    assert_eq!(set.find_id(TransferId::new(1)).unwrap(), None);
    assert_eq!(set.find_update(UpdateId::new(1)).unwrap(), None);
    assert_eq!(set.group_holds(GroupId::new(1)).unwrap(), []);
    assert_eq!(set.next_merge(), None);
}

#[test]
fn the_run_that_covers_others_wins() {
    let (_, vfs) = disk();
    let run = |sequences: std::ops::RangeInclusive<u64>| run_of(&vfs, sequences, &[]);
    let ranges = |runs: &[Arc<Run>]| -> Vec<(u64, u64)> {
        let covered = runs.iter().map(|run| run.covered());
        covered.map(|c| (c.first.get(), c.last.get())).collect()
    };
    let chosen = RunSet::choose(vec![
        run(21..=30),
        run(11..=20),
        run(1..=30),
        run(41..=50),
        run(1..=10),
        run(31..=40),
        run(61..=70),
        run(71..=80),
        run(61..=80),
    ]);
    assert_eq!(ranges(chosen.set.runs()), [(1, 30), (31, 40), (41, 50)]);
    assert_eq!(ranges(&chosen.apart), [(61, 80)]);
    let superseded = [(1, 10), (11, 20), (21, 30), (61, 70), (71, 80)];
    assert_eq!(ranges(&chosen.superseded), superseded);
    assert_eq!(chosen.set.through(), Sequence::new(50));
    let without_a_beginning = RunSet::choose(vec![run(2..=9)]);
    assert_eq!(without_a_beginning.set.through(), Sequence::ZERO);
    assert_eq!(ranges(&without_a_beginning.apart), [(2, 9)]);
}
