//! How long the parts of making and asking a run take. Nothing is asserted: run it by hand with
//! `cargo test --release -p ledger-engine --lib runs::tests -- --ignored --nocapture`.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use ledger_core::{
    AccountId, Amount, Event, Fact, HoldAfter, LedgerId, Sequence, Timestamp, Totals, Transfer,
    TransferCreated, TransferId,
};

use super::block::{BlockBuilder, Room, word};
use super::filter::{self, KeyHasher};
use super::fixture::{Random, place, unpaced};
use super::gathering::Gathered;
use super::group::Group;
use super::{Role, Run, RunBuilder, RunSet, Section, merge};
use crate::vfs::{OsVfs, Vfs};

/// About half as many as a segment of 64 MiB holds.
const SEGMENT_EVENTS: u64 = 420_000;
const SEGMENTS: u64 = 8;

fn transfer(random: &mut Random, sequence: u64, is_growing: bool) -> Event {
    let id = if is_growing {
        u128::from(sequence / 50) << 80 | random.id() >> 48
    } else {
        random.id()
    };
    Event {
        sequence: Sequence::new(sequence),
        time: Timestamp::new(sequence),
        chained: false,
        fact: Fact::TransferCreated(TransferCreated {
            transfer: Transfer {
                id: TransferId::new(id),
                debit_account_id: AccountId::new(1 + u128::from(random.below(10_000))),
                credit_account_id: AccountId::new(1 + u128::from(random.below(10_000))),
                amount: Amount::new(1),
                ledger: LedgerId::new(1),
                code: 1,
                ..Transfer::default()
            },
            took_all: false,
            hold: HoldAfter::default(),
            reversed: Amount::ZERO,
            debit_after: Totals::ZERO,
            credit_after: Totals::ZERO,
        }),
    }
}

/// Shows the nanoseconds for each of `count`, of this thread on a processor rather than of the
/// clock on the wall, since others may be at work.
fn timed<T>(name: &str, count: u64, work: impl FnOnce() -> T) -> T {
    let start = on_processor();
    let done = work();
    let each = (on_processor() - start) as f64 / count as f64;
    println!("{name:<44} {each:8.1} ns");
    done
}

fn on_processor() -> u64 {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    times.split(' ').next().unwrap().parse().unwrap()
}

#[test]
#[ignore = "measures, and asserts nothing"]
fn what_runs_cost() {
    for is_growing in [false, true] {
        println!("ids that grow with time: {is_growing}");
        parts(is_growing);
        whole(is_growing);
    }
}

fn parts(is_growing: bool) {
    let mut random = Random(1);
    let count = SEGMENT_EVENTS;
    let own = |n, key| (key, word(Sequence::new(n), Role::OWN));
    let id = |n: u64, random: &mut Random| match is_growing {
        true => u128::from(n) << 64 | u128::from(random.next()),
        false => random.id(),
    };
    let ids: Vec<_> = (1..=count).map(|n| own(n, id(n, &mut random))).collect();
    let ids = gather("an id", &ids);
    let accounts: Vec<_> = (2..=2 * count)
        .map(|n| own(n / 2, u128::from(random.below(10_000))))
        .collect();
    let accounts = gather("a posting of an account", &accounts);
    let encode = |postings: &[(u128, u64)]| {
        let mut block = BlockBuilder::new(Sequence::new(1));
        let mut bytes = 0;
        for &(key, word) in postings {
            let one = Group::one(key, word);
            if block.push(&one) == Room::Full {
                bytes += block.finish().len();
                block.clear();
                block.push(&one);
            }
        }
        bytes
    };
    let bytes = timed("encode an id", count, || encode(&ids));
    println!("  {:.2} bytes", bytes as f64 / count as f64);
    let bytes = timed("encode a posting of an account", 2 * count, || {
        encode(&accounts)
    });
    println!("  {:.2} bytes", bytes as f64 / (2 * count) as f64);
    let hasher = KeyHasher([1, 2]);
    for keys in [1 << 14, 1 << 16, 1 << 18] {
        let hashes: Vec<u64> = (0..keys).map(|key| hasher.hash(key)).collect();
        let (_, bytes) = timed(&format!("filter of {keys}"), keys as u64, || {
            filter::build(&mut hashes.clone(), 10, 5)
        });
        println!(
            "  {:.3} bits for 10",
            bytes.len() as f64 * 8.0 / keys as f64
        );
    }
}

fn gather(name: &str, postings: &[(u128, u64)]) -> Vec<(u128, u64)> {
    let count = postings.len() as u64;
    let gathered = timed(&format!("gather {name}"), count, || {
        let mut gathered = Gathered::new();
        for &(key, word) in postings {
            gathered.push(key, word);
        }
        gathered
    });
    let mut sorted = Vec::with_capacity(postings.len());
    timed(&format!("sort {name}"), count, || {
        gathered.in_order(|group| {
            sorted.extend(group.words().map(|word| (group.key, word)));
            Ok::<(), ()>(())
        })
    })
    .unwrap();
    sorted
}

fn whole(is_growing: bool) {
    let folder = tempfile::tempdir().unwrap();
    let dir: &Path = folder.path();
    let vfs: Arc<dyn Vfs> = Arc::new(OsVfs);
    let mut random = Random(2);
    let mut runs: Vec<Arc<Run>> = Vec::new();
    let mut known = Vec::new();
    for segment in 0..SEGMENTS {
        let from = segment * SEGMENT_EVENTS;
        let events: Vec<Event> = (1..=SEGMENT_EVENTS)
            .map(|n| transfer(&mut random, from + n, is_growing))
            .collect();
        let mut builder = RunBuilder::new();
        timed("add an event", SEGMENT_EVENTS, || {
            events.iter().for_each(|event| builder.add(event));
        });
        let run = timed("finish, for each event", SEGMENT_EVENTS, || {
            builder.finish(&vfs, dir, &place(segment + 1), &mut unpaced)
        });
        runs.push(Arc::new(run.unwrap().unwrap()));
        known.extend(events.iter().step_by(1_000).filter_map(|event| {
            let Fact::TransferCreated(created) = &event.fact else {
                return None;
            };
            Some(created.transfer.id)
        }));
    }
    let all = SEGMENTS * SEGMENT_EVENTS;
    let merged = timed("merge, for each event", all, || {
        merge(&vfs, dir, &runs, 1, &mut unpaced).unwrap()
    });
    println!(
        "  {:.2} bytes an event, {:.2} bits of filter an id",
        merged.file_bytes() as f64 / all as f64,
        merged.filter_bytes() as f64 * 8.0 / all as f64
    );
    timed("verify, for each event", all, || {
        merged.verify_all().unwrap()
    });
    let asked: Vec<u128> = (0..1_000_000).map(|_| random.id()).collect();
    let before = RunSet::choose(runs).set;
    let after = RunSet::choose(vec![Arc::new(merged)]).set;
    for (name, set) in [("8 runs", before), ("1 run", after)] {
        timed(&format!("a new id asked for, {name}"), 1_000_000, || {
            asked
                .iter()
                .filter(|&&id| {
                    set.runs()
                        .iter()
                        .any(|run| run.maybe(Section::Transfer, id))
                })
                .count()
        });
        timed(
            &format!("an old id found, {name}"),
            known.len() as u64,
            || {
                for &id in &known {
                    black_box(set.find_id(id).unwrap().unwrap());
                }
            },
        );
    }
}
