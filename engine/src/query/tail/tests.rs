use std::time::Duration;

use ledger_core::{AccountId, LedgerId, NewAccount, Timestamp};

use super::*;
use crate::fixture::ask;
use crate::journal::Preparation;
use crate::runs::fixture::{Ids, Random, history, naive};
use crate::vfs::MemoryVfs;
use crate::{
    Command, Config, Direction, Engine, OnPanic, Paging, RunDamage, RunError, SimulatedClock,
    TransferFilter,
};

/// What the blocks tell of events `from ..= through` is what the events tell.
fn check(blocks: &[Arc<Block>], events: &[Event], from: u64, through: u64, random: &mut Random) {
    let (from, through) = (Sequence::new(from), Sequence::new(through));
    for (&(section, key), all) in &naive(events) {
        if matches!(
            section,
            crate::runs::Section::Transfer | crate::runs::Section::Update
        ) {
            continue;
        }
        let within = |posting: &&(Sequence, _)| (from..=through).contains(&posting.0);
        let expected: Vec<_> = all.iter().filter(within).copied().collect();
        let mut newest = None;
        for block in blocks {
            newest = block.newest(section, key, through).or(newest);
        }
        let newest = newest.filter(|(sequence, _)| *sequence >= from);
        assert_eq!(newest, expected.last().copied());
        let mut read = Vec::new();
        let limit = random.below(expected.len() as u64 + 2) as usize;
        for block in blocks {
            let left = limit - read.len();
            let up = Direction::Ascending;
            block.read(section, key, from, through, up, left, &mut read);
        }
        assert_eq!(read, expected[..limit.min(expected.len())]);
        read.clear();
        for block in blocks.iter().rev() {
            let left = limit - read.len();
            let down = Direction::Descending;
            block.read(section, key, from, through, down, left, &mut read);
        }
        assert!(read.iter().eq(expected.iter().rev().take(limit)));
    }
}

#[test]
fn growing_and_full_blocks_tell_the_same() {
    for (seed, ids) in [(1, Ids::Random), (2, Ids::Small)] {
        let events = history(seed, ids, 600);
        let mut random = Random(seed);
        for block_events in [1, 7, 100, 599, 600, 601] {
            let mut tail = Tail::new(block_events);
            tail.forget(Sequence::ZERO);
            events.iter().for_each(|event| tail.add(event));
            assert_eq!(tail.blocks.len(), 600_usize.div_ceil(block_events as usize));
            let from = 1 + random.below(600);
            for (from, through) in [(1, 600), (1, 1), (from, from + random.below(300))] {
                check(&tail.blocks(), &events, from, through.min(600), &mut random);
            }
        }
    }
}

#[test]
fn what_runs_cover_is_dropped_and_nothing_else() {
    let events = history(3, Ids::Growing, 2_000);
    let mut random = Random(3);
    for _ in 0..20 {
        let mut tail = Tail::new(1 + random.below(50) as u32);
        let (mut covered, mut durable) = (0, 0);
        while durable < events.len() as u64 {
            durable = (durable + 1 + random.below(300)).min(events.len() as u64);
            // Runs grow, and now and then one is lost. They never cover what is not durable.
            covered = match random.below(8) {
                0 => random.below(covered + 1),
                1 => durable,
                _ => (covered + random.below(200)).min(durable),
            };
            tail.forget(Sequence::new(covered));
            while tail.next.get() <= durable {
                tail.add(&events[tail.next.get() as usize - 1]);
            }
            let blocks = tail.blocks();
            for pair in blocks.windows(2) {
                assert!(
                    pair[1].first() > Sequence::new(covered + 1),
                    "it is covered"
                );
            }
            check(&blocks, &events, covered + 1, durable, &mut random);
        }
    }
}

/// Whoever waits for the tail has seen an index that may be gone when the wait is over.
#[test]
fn a_run_lost_during_the_wait_for_the_tail_does_not_become_tail() {
    let config = Config {
        segment_bytes: 64 << 10,
        directory_names_max: 0,
        on_panic: OnPanic::Poison,
        preparation: Preparation::Inline,
        ..Config::new("/data")
    };
    let clock = SimulatedClock::new(Timestamp::new(1_800_000_000_000_000_000));
    let vfs = MemoryVfs::new(1);
    let engine = Engine::open_with(config, Arc::new(vfs), Arc::new(clock)).unwrap();
    let account = |id| NewAccount {
        id: AccountId::new(id),
        ledger: LedgerId::new(1),
        code: 1,
        ..NewAccount::default()
    };
    for first in (1..).step_by(100) {
        if engine.status().recent_from > Sequence::new(1) {
            break;
        }
        let accounts = (first..first + 100).map(account).collect();
        ask(&engine, Command::CreateAccounts(accounts)).expect("it is answered");
    }
    let parts = engine.parts();
    let list = || engine.list_transfers(&TransferFilter::default(), &Paging::default());
    list().expect("the index is whole");
    let tail = parts.tail.tail.lock().unwrap();
    std::thread::scope(|scope| {
        let listing = scope.spawn(list);
        // Long enough for the other thread to come to the lock. If it does not, nothing is seen
        // of what this is about, and the answer is the same.
        std::thread::sleep(Duration::from_millis(100));
        let runs = parts.live.current();
        parts.live.discard(&RunError::Damaged {
            file: runs.runs()[0].path().to_owned(),
            offset: 0,
            damage: RunDamage::Reserved,
        });
        drop(tail);
        let listed = listing.join().unwrap();
        assert!(
            matches!(
                listed,
                Err(QueryError::Refused(Refused::RebuildingIndex { .. }))
            ),
            "{listed:?}"
        );
    });
}
