use ledger_core::Event;

use super::super::tail::Tail;
use super::*;
use crate::runs::Run;
use crate::runs::fixture::{Ids, Random, build, disk, history, naive};

/// A view of all events, of which those through `covered` are in runs. The tail begins anywhere
/// before their end.
fn view(events: &[Event], covered: usize, random: &mut Random) -> View {
    let (_, vfs) = disk();
    let mut runs: Vec<Arc<Run>> = Vec::new();
    let mut rest = &events[..covered];
    while !rest.is_empty() {
        let length = (1 + random.below(500) as usize).min(rest.len());
        let (segment, others) = rest.split_at(length);
        runs.push(build(&vfs, segment, 1 + runs.len() as u64).unwrap());
        rest = others;
    }
    let mut tail = Tail::new(1 + random.below(200) as u32);
    let before = random.below(covered as u64 + 1);
    tail.forget(Sequence::new(before));
    events[before as usize..]
        .iter()
        .for_each(|event| tail.add(event));
    tail.forget(Sequence::new(covered as u64));
    View::new(Arc::new(RunSet::choose(runs).set), tail.blocks())
}

#[test]
fn runs_and_tail_together_know_every_event_once() {
    let events = history(1, Ids::Small, 1_500);
    let mut random = Random(1);
    for covered in [0, 1, 700, 1_499, 1_500] {
        let view = view(&events, covered, &mut random);
        for (&(section, key), all) in &naive(&events) {
            if matches!(section, Section::Transfer | Section::Update) {
                continue;
            }
            let through = Sequence::new(random.below(1_502));
            let newest = all.iter().rev().find(|posting| posting.0 <= through);
            let found = view.newest(section, key, through).unwrap();
            assert_eq!(found.as_ref(), newest);
            let from = Sequence::new(random.below(through.get() + 2));
            let within = |posting: &&(Sequence, Role)| (from..=through).contains(&posting.0);
            let mut expected: Vec<_> = all.iter().filter(within).copied().collect();
            for direction in [Direction::Ascending, Direction::Descending] {
                let limit = random.below(expected.len() as u64 + 2) as usize;
                let mut read = Vec::new();
                view.read(section, key, from, through, direction, limit, &mut read)
                    .unwrap();
                assert_eq!(read, expected[..limit.min(expected.len())]);
                expected.reverse();
            }
        }
    }
}
