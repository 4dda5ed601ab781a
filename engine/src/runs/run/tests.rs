use std::io;
use std::ops::ControlFlow;

use ledger_core::{Event, Fact};

use super::super::fixture::{
    DIR, Ids, Random, all_of, build, disk, history, naive, newest_of_each_role, place, run_of,
    unpaced,
};
use super::super::{RunBuilder, merge};
use super::*;

fn path_of(run: &Run) -> PathBuf {
    run.path().to_owned()
}

/// Everything that a run can be asked about a key, against what the events say.
fn assert_answers(run: &Run, section: Section, key: u128, expected: &[(Sequence, Role)]) {
    assert!(run.maybe(section, key), "{section:?} {key}");
    let last = run.covered().last.get();
    let mut random = Random(last ^ key as u64);
    for _ in 0..4 {
        let through = Sequence::new(random.below(last + 3));
        let newest = expected.iter().rev().find(|posting| posting.0 <= through);
        let found = run.newest(section, key, through).unwrap();
        assert_eq!(found.as_ref(), newest, "{section:?} {key} {through}");
        let from = Sequence::new(random.below(through.get() + 2));
        let within = |posting: &&(Sequence, Role)| (from..=through).contains(&posting.0);
        let mut range: Vec<_> = expected.iter().filter(within).copied().collect();
        for direction in [Direction::Ascending, Direction::Descending] {
            let limit = random.below(range.len() as u64 + 3) as usize;
            let mut found = vec![(Sequence::ZERO, Role::OWN)];
            run.read(section, key, from, through, direction, limit, &mut found)
                .unwrap();
            let some = &range[..limit.min(range.len())];
            assert_eq!(&found[1..], some, "{section:?} {key} {from} {through}");
            range.reverse();
        }
    }
}

#[test]
fn a_run_knows_what_its_events_say() {
    for (seed, ids) in [(1, Ids::Random), (2, Ids::Growing), (3, Ids::Small)] {
        let (_, vfs) = disk();
        let events = history(seed, ids, 12_000);
        let run = build(&vfs, &events, 1).unwrap();
        run.verify_all().unwrap();
        let naive = naive(&events);
        let mut keys = [0; Section::ALL.len()];
        for (&(section, key), all) in &naive {
            keys[place_of(section)] += 1;
            if section.keeps_newest() {
                assert_answers(&run, section, key, &newest_of_each_role(all));
            } else {
                assert_answers(&run, section, key, all);
            }
        }
        for section in Section::ALL {
            assert_eq!(run.keys(section), keys[place_of(section)], "{section:?}");
            assert!(run.count(section) > 0, "{section:?} is part of the test");
        }
        let index = run.section(Section::Account).unwrap();
        let is_split = (0..index.blocks()).map(|block| index.fence(block).first);
        let is_split = is_split
            .filter(|&(key, word)| naive[&(Section::Account, key)][0].0 < sequence_of(word));
        assert!(
            is_split.count() > 0,
            "a key of two blocks is part of the test"
        );
    }
}

fn place_of(section: Section) -> usize {
    super::place(section)
}

#[test]
fn ids_stand_for_what_their_events_say() {
    let (_, vfs) = disk();
    let events = history(9, Ids::Random, 6_000);
    let run = build(&vfs, &events, 1).unwrap();
    let naive = naive(&events);
    for (&(_, key), all) in naive.iter().filter(|((s, _), _)| *s == Section::Transfer) {
        let newest = |role| {
            let found = all.iter().rev().find(|posting| posting.1 == role);
            found.map_or(Sequence::ZERO, |posting| posting.0)
        };
        let expected = OldId {
            sequence: newest(Role::OWN),
            fenced: all.iter().any(|posting| posting.1 == Role::FENCED),
            act: newest(Role::ACT),
        };
        assert_eq!(run.find_id(key).unwrap(), Some(expected));
    }
}

#[test]
fn a_key_that_is_not_there_is_not_found() {
    for ids in [Ids::Random, Ids::Growing, Ids::Small] {
        let (_, vfs) = disk();
        let run = build(&vfs, &history(4, ids, 3_000), 1).unwrap();
        let mut random = Random(1);
        for section in Section::ALL {
            for key in [0, 1, random.id(), random.id(), 5 << 64, u128::MAX] {
                let through = Sequence::new(u64::MAX);
                if run.newest(section, key, through).unwrap().is_none() {
                    let mut found = Vec::new();
                    let from = Sequence::ZERO;
                    let direction = Direction::Descending;
                    run.read(section, key, from, through, direction, 9, &mut found)
                        .unwrap();
                    assert_eq!(found, []);
                }
            }
        }
        let asked = 200_000;
        let maybe = (0..asked).filter(|_| run.maybe(Section::Transfer, random.id()));
        assert!(maybe.count() < asked / 1_500, "a filter of 11 bits");
    }
}

#[test]
fn asked_together_keys_get_the_answers_that_they_get_alone() {
    for ids in [Ids::Random, Ids::Growing, Ids::Small] {
        let (_, vfs) = disk();
        let events = history(6, ids, 3_000);
        let run = build(&vfs, &events, 1).unwrap();
        let mut random = Random(2);
        for section in Section::ALL {
            let mut keys: Vec<u128> = (0..200).map(|_| random.id()).collect();
            let known = naive(&events).into_keys();
            keys.extend(known.filter(|&(of, _)| of == section).map(|(_, key)| key));
            keys.sort_unstable();
            for some in [&keys[..], &keys[7..], &keys[200..], &keys[..0]] {
                let mut candidates = Vec::new();
                run.candidates(section, some, &mut |key| candidates.push(key));
                let alone = some.iter().filter(|&&key| run.maybe(section, key));
                assert!(alone.eq(&candidates), "{section:?}");
            }
        }
    }
}

/// However often an id was reversed, all of it is in one block.
#[test]
fn an_id_costs_one_block() {
    let (_, vfs) = disk();
    let mut random = Random(8);
    let mut postings = Vec::new();
    for n in 1..2_000_u64 {
        let key = random.id() >> (n % 60);
        for (role, at) in [
            (Role::OWN, n),
            (Role::FENCED, n + 9),
            (Role::ACT, n + 4_000),
        ] {
            postings.push((Section::Transfer, key, Sequence::new(at), role));
        }
    }
    postings.sort_unstable();
    let run = run_of(&vfs, 1..=10_000, &postings);
    run.verify_all().unwrap();
    let index = run.section(Section::Transfer).unwrap();
    assert!(index.blocks() > 4);
    for block in 1..index.blocks() {
        let first = index.fence(block).first;
        assert_eq!(index.block_of(first), Some(block));
        assert_eq!(index.block_of((first.0, 0)), Some(block - 1));
        let id = run.find_id(first.0).unwrap().unwrap();
        assert!(id.fenced && !id.act.get() > 0 && !id.sequence.get() > 0);
    }
    assert_eq!(all_of(&run), postings);
}

#[test]
fn of_many_acts_the_newest_is_kept() {
    let (_, vfs) = disk();
    let mut postings = Vec::new();
    for at in 2..5_000 {
        let role = if at % 3 == 0 { Role::FENCED } else { Role::ACT };
        postings.push((Section::Transfer, 77, Sequence::new(at), role));
    }
    postings.insert(0, (Section::Transfer, 77, Sequence::new(1), Role::OWN));
    let run = run_of(&vfs, 1..=10_000, &postings);
    let kept: Vec<_> = all_of(&run).into_iter().map(|p| (p.2.get(), p.3)).collect();
    assert_eq!(
        kept,
        [(1, Role::OWN), (4_998, Role::FENCED), (4_999, Role::ACT)]
    );
}

#[test]
fn merging_in_any_grouping_equals_building_at_once() {
    for (seed, ids) in [
        (1, Ids::Random),
        (2, Ids::Growing),
        (3, Ids::Small),
        (4, Ids::Random),
    ] {
        let (_, vfs) = disk();
        let events = history(seed, ids, 3_000);
        let whole = all_of(&build(&vfs, &events, 1).unwrap());
        let mut random = Random(seed);
        let mut runs = Vec::new();
        let mut rest = &events[..];
        while !rest.is_empty() {
            let length = (1 + random.below(900) as usize).min(rest.len());
            let (segment, others) = rest.split_at(length);
            runs.push(build(&vfs, segment, 1 + runs.len() as u64).unwrap());
            rest = others;
        }
        while runs.len() > 1 {
            let from = random.below(runs.len() as u64 - 1) as usize;
            let count = 2 + random.below((runs.len() - from - 1) as u64) as usize;
            let inputs = &runs[from..from + count];
            let merged = merge(&vfs, Path::new(DIR), inputs, 1, &mut unpaced).unwrap();
            merged.verify_all().unwrap();
            let covered = merged.covered();
            assert_eq!(covered.first, inputs[0].covered().first);
            assert_eq!(
                covered.segments.start(),
                inputs[0].covered().segments.start()
            );
            assert_eq!(covered.last_hash, inputs[count - 1].covered().last_hash);
            assert_eq!(merged.tier(), 1);
            runs.splice(from..from + count, [Arc::new(merged)]);
        }
        assert!(all_of(&runs[0]) == whole, "seed {seed}");
    }
}

/// Changes each byte in turn: `open`, or `verify_all` and the reads that touch the byte, tell.
/// Its checksums are right, so that only the order tells.
#[test]
fn what_lies_outside_of_what_a_run_covers_is_not_merged() {
    let posting = |sequence| (Section::Account, 7, Sequence::new(sequence), Role::DEBIT);
    for (wrong, is_sound) in [(11, true), (20, true), (10, false), (21, false)] {
        let (_, vfs) = disk();
        let older = run_of(&vfs, 1..=10, &[posting(3), posting(10)]);
        let newer = run_of(&vfs, 11..=20, &[posting(wrong)]);
        let merged = merge(&vfs, Path::new(DIR), &[older, newer], 1, &mut unpaced);
        match merged {
            Ok(_) => assert!(is_sound, "{wrong}"),
            Err(error) => {
                assert!(!is_sound, "{wrong}: {error}");
                assert!(matches!(error, RunError::Damaged { .. }), "{error:?}");
            }
        }
    }
}

#[test]
fn every_changed_byte_is_noticed() {
    let (memory, vfs) = disk();
    let run = build(&vfs, &history(5, Ids::Random, 150), 1).unwrap();
    let path = path_of(&run);
    let expected = all_of(&run);
    let (mut by_open, mut by_reading) = (0, 0);
    for at in 0..run.file_bytes() {
        let bit = at * 8 + at % 8;
        memory.flip(&path, bit);
        match Run::open(&vfs, &path) {
            Err(RunError::Damaged { file, offset, .. }) => {
                assert_eq!(file, path);
                assert!(offset <= at, "byte {at} is said to be at {offset}");
                by_open += 1;
            }
            Err(error) => panic!("byte {at}: {error}"),
            Ok(damaged) => {
                assert!(damaged.verify_all().is_err(), "byte {at}");
                let (section, block) = block_with(&run, at);
                let (key, word) = run.section(section).unwrap().fence(block).first;
                let through = sequence_of(word);
                assert!(damaged.newest(section, key, through).is_err(), "byte {at}");
                assert!(damaged.scan(section).any(|posting| posting.is_err()));
                let (section, key, sequence, role) = expected[at as usize % expected.len()];
                if let Ok(newest) = damaged.newest(section, key, sequence) {
                    assert_eq!(newest, Some((sequence, role)));
                }
                by_reading += 1;
            }
        }
        memory.flip(&path, bit);
    }
    assert!(
        by_open > 500 && by_reading > 2_000,
        "{by_open} {by_reading}"
    );
    Run::open(&vfs, &path).unwrap().verify_all().unwrap();
}

/// The block in which a byte lies.
fn block_with(run: &Run, at: u64) -> (Section, usize) {
    for section in Section::ALL {
        let Some(index) = run.section(section) else {
            continue;
        };
        for block in 0..index.blocks() {
            let fence = index.fence(block);
            if (fence.offset..fence.offset + u64::from(fence.length)).contains(&at) {
                return (section, block);
            }
        }
    }
    panic!("byte {at} lies in no block");
}

#[test]
fn a_shorter_or_longer_file_is_noticed() {
    let (memory, vfs) = disk();
    let run = build(&vfs, &history(5, Ids::Random, 100), 1).unwrap();
    let path = path_of(&run);
    let bytes = memory.contents(&path).unwrap();
    for length in 0..bytes.len() {
        memory.put(&path, bytes[..length].to_vec());
        let error = Run::open(&vfs, &path).unwrap_err();
        assert!(
            matches!(error, RunError::Damaged { .. }),
            "{length}: {error}"
        );
    }
    for more in [1, 4_096] {
        memory.put(&path, [&bytes[..], &vec![0; more]].concat());
        assert!(matches!(
            Run::open(&vfs, &path),
            Err(RunError::Damaged { .. })
        ));
        memory.put(&path, [&vec![0; more], &bytes[..]].concat());
        assert!(matches!(
            Run::open(&vfs, &path),
            Err(RunError::Damaged { .. })
        ));
    }
    memory.take_away(&path);
    assert!(matches!(Run::open(&vfs, &path), Err(RunError::Read { .. })));
}

/// With a right checksum, so that nothing but the field itself can tell.
#[test]
fn what_is_unknown_is_refused() {
    let (memory, vfs) = disk();
    let run = build(&vfs, &history(5, Ids::Random, 100), 1).unwrap();
    let path = path_of(&run);
    let bytes = memory.contents(&path).unwrap();
    let footer_at = bytes.len() - FOOTER_BYTES;
    let open_with = |at: usize, value: u8| {
        let mut changed = bytes.clone();
        changed[footer_at + at] = value;
        let crc = crc32fast::hash(&changed[footer_at..bytes.len() - 4]);
        let crc_at = bytes.len() - 4;
        changed[crc_at..].copy_from_slice(&crc.to_le_bytes());
        memory.put(&path, changed);
        match Run::open(&vfs, &path) {
            Err(RunError::Damaged { damage, .. }) => damage,
            other => panic!("{other:?}"),
        }
    };
    let version = RunDamage::UnknownVersion {
        found: 2,
        supported: 1,
    };
    assert_eq!(open_with(4, 2), version);
    assert_eq!(open_with(7, 1), RunDamage::Reserved);
    assert_eq!(open_with(147, 1), RunDamage::Reserved);
    assert_eq!(open_with(170, 1), RunDamage::Reserved);
    assert_eq!(open_with(0, b'X'), RunDamage::NoFooter);
    assert!(matches!(open_with(136, 9), RunDamage::Length { .. }));
}

/// A block that belongs to another place has a right checksum, but not the right postings.
#[test]
fn a_block_from_elsewhere_is_noticed() {
    let (memory, vfs) = disk();
    let at = Sequence::new(1);
    let mut random = Random(2);
    let mut keys: Vec<_> = (0..20_000).map(|_| random.id()).collect();
    keys.sort_unstable();
    let postings = keys
        .iter()
        .map(|&key| (Section::Account, key, at, Role::DEBIT));
    let run = run_of(&vfs, 1..=1, &postings.collect::<Vec<_>>());
    let index = run.section(Section::Account).unwrap();
    let fences: Vec<_> = (0..index.blocks())
        .map(|block| index.fence(block))
        .collect();
    let same_length = |one: &usize| fences[one + 1].length == fences[*one].length;
    let one = (0..fences.len() - 1).find(same_length);
    let (one, two) = (&fences[one.unwrap()], &fences[one.unwrap() + 1]);
    let mut bytes = memory.contents(run.path()).unwrap();
    let from = two.offset as usize;
    bytes.copy_within(from..from + two.length as usize, one.offset as usize);
    memory.put(run.path(), bytes);
    let run = Run::open(&vfs, run.path()).unwrap();
    let wrong = run.newest(Section::Account, one.first.0, at).unwrap_err();
    assert!(wrong.to_string().contains("contradicts"), "{wrong}");
    assert!(run.verify_all().is_err());
    assert!(run.scan(Section::Account).any(|posting| posting.is_err()));
}

#[test]
fn a_run_that_cannot_be_read_is_not_one_without_the_key() {
    let (memory, vfs) = disk();
    let events = history(5, Ids::Random, 300);
    let run = build(&vfs, &events, 1).unwrap();
    memory.fail_reads(run.path());
    let Fact::TransferCreated(created) = &events[events.len() - 1].fact else {
        panic!("the last event of this history creates a transfer");
    };
    let id = created.transfer.id.get();
    let error = run.find_id(id).unwrap_err();
    assert!(matches!(&error, RunError::Read { file, .. } if file == run.path()));
    let through = run.covered().last;
    assert!(run.newest(Section::Transfer, id, through).is_err());
    assert!(run.verify_all().is_err());
    let again = merge(
        &vfs,
        Path::new(DIR),
        &[run, run_after(&vfs, &events)],
        1,
        &mut unpaced,
    );
    assert!(matches!(again, Err(RunError::Read { .. })));
    assert!(!memory.paths().iter().any(|path| path.ends_with(".merging")));
}

fn run_after(vfs: &Arc<dyn Vfs>, events: &[Event]) -> Arc<Run> {
    let mut next = events[0].clone();
    next.sequence = events[events.len() - 1].sequence.next();
    build(vfs, &[next], 2).unwrap()
}

#[test]
fn without_events_there_is_no_run() {
    let (memory, vfs) = disk();
    let builder = RunBuilder::new();
    let none = builder.finish(&vfs, Path::new(DIR), &place(1), &mut unpaced);
    assert!(none.unwrap().is_none());
    assert_eq!(memory.paths(), Vec::<PathBuf>::new());
}

#[test]
fn a_full_disk_and_a_stop_leave_nothing_behind() {
    let events = history(5, Ids::Random, 300);
    let builder = || {
        let mut builder = RunBuilder::new();
        events.iter().for_each(|event| builder.add(event));
        builder
    };
    let (memory, vfs) = disk();
    let mut stop = |_| ControlFlow::Break(());
    let stopped = builder().finish(&vfs, Path::new(DIR), &place(1), &mut stop);
    assert!(matches!(stopped, Err(RunError::Stopped { .. })));
    assert_eq!(memory.paths(), Vec::<PathBuf>::new());
    memory.set_capacity(1_000);
    let full = builder().finish(&vfs, Path::new(DIR), &place(1), &mut unpaced);
    let Err(RunError::Write { source, .. }) = full else {
        panic!("{full:?}");
    };
    assert_eq!(source.kind(), io::ErrorKind::StorageFull);
    assert_eq!(memory.paths(), Vec::<PathBuf>::new());
    memory.set_capacity(u64::MAX);
    builder()
        .finish(&vfs, Path::new(DIR), &place(1), &mut unpaced)
        .unwrap();
}

/// After a power cut at any call the run is there and whole, or it is not there.
#[test]
fn a_power_cut_leaves_all_or_nothing() {
    let events = history(5, Ids::Random, 300);
    let mut finished = false;
    for call in 1.. {
        let (memory, vfs) = disk();
        memory.cut_power_at(call);
        finished |= build(&vfs, &events, 1).is_ok();
        for seed in 0..8 {
            let after = memory.after_power_cut();
            let vfs: Arc<dyn Vfs> = Arc::new(after.clone());
            let runs = after.paths().into_iter();
            for path in runs.filter(|path| path.extension().is_some_and(|e| e == "run")) {
                let run = Run::open(&vfs, &path).unwrap_or_else(|e| panic!("{call} {seed}: {e}"));
                run.verify_all().unwrap();
            }
        }
        if finished {
            assert!(call > 3, "writes, a sync and a rename were cut");
            break;
        }
    }
}
