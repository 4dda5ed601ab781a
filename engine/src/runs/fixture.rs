//! What the tests of runs are made of: events that touch every section, the naive index of them,
//! and runs of any postings.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use ledger_core::{
    AccountId, AccountUpdate, Amount, Event, Fact, GroupId, HoldAfter, NewAccount, Sequence,
    Timestamp, Totals, Transfer, TransferCreated, TransferExpired, TransferFlags, TransferId,
    TransferRejected, TransferStatus, UpdateId,
};

use super::block::word;
use super::group::Group;
use super::writer::{Order, RunWriter};
use super::{Covered, Role, Run, RunBuilder, RunError, Section, SegmentPlace, postings};
use crate::journal::names;
use crate::vfs::{MemoryVfs, Vfs};

pub(crate) const DIR: &str = "/data";

pub(crate) fn disk() -> (MemoryVfs, Arc<dyn Vfs>) {
    let memory = MemoryVfs::new(7);
    let vfs: Arc<dyn Vfs> = Arc::new(memory.clone());
    vfs.create_dir(Path::new(DIR)).unwrap();
    (memory, vfs)
}

pub(crate) fn unpaced(_: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Random numbers that follow from a seed.
#[derive(Clone)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub(crate) fn id(&mut self) -> u128 {
        u128::from(self.next()) << 64 | u128::from(self.next()) | 1
    }
}

/// How ids come about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ids {
    Random,
    Growing,
    Small,
}

/// A history of `count` events from `first` on: transfers that post, void, reverse and fence one
/// another, of few accounts, groups, references and user data.
pub(crate) fn history(seed: u64, ids: Ids, count: u64) -> Vec<Event> {
    let mut random = Random(seed);
    let mut known: Vec<u128> = vec![3];
    (1..=count)
        .map(|sequence| {
            let id = match ids {
                Ids::Random => random.id(),
                Ids::Growing => u128::from(sequence) << 70 | u128::from(random.next()),
                Ids::Small => u128::from(sequence) * 3 + 100,
            };
            let older = known[random.below(known.len() as u64) as usize];
            let fact = fact(&mut random, id, older);
            known.push(id);
            Event {
                sequence: Sequence::new(sequence),
                time: Timestamp::new(1_000 + sequence),
                chained: false,
                fact,
            }
        })
        .collect()
}

fn fact(random: &mut Random, id: u128, older: u128) -> Fact {
    let account = |random: &mut Random| AccountId::new(u128::from(1 + random.below(5)) << 60);
    let mut transfer = Transfer {
        id: TransferId::new(id),
        debit_account_id: account(random),
        credit_account_id: AccountId::new(9 + u128::from(random.below(3))),
        group_id: GroupId::new(u128::from(random.below(9))),
        user_data_128: u128::from(random.below(3)),
        user_data_64: random.below(40),
        ..Transfer::default()
    };
    if random.below(5) == 0 {
        transfer.reference = format!("order {}", random.below(30)).into();
    }
    let older = TransferId::new(older);
    let mut hold = HoldAfter::default();
    match random.below(12) {
        0 => {
            transfer.flags = TransferFlags::PENDING;
            if random.below(2) == 0 {
                transfer.flags = transfer.flags.with(TransferFlags::CLOSING_CREDIT);
            }
        }
        1 => {
            transfer.flags = TransferFlags::POST_PENDING_TRANSFER;
            transfer.pending_id = older;
            hold.rest = Amount::new(u128::from(random.below(2)));
        }
        2 => {
            transfer.flags = TransferFlags::VOID_PENDING_TRANSFER;
            transfer.pending_id = older;
        }
        3 | 4 => transfer.reverses_id = older,
        5 => {
            return Fact::TransferExpired(TransferExpired {
                pending_id: older,
                debit_account_id: transfer.debit_account_id,
                credit_account_id: transfer.credit_account_id,
                ledger: transfer.ledger,
                posted: Amount::ZERO,
                released: Amount::ZERO,
                debit_after: Totals::ZERO,
                credit_after: Totals::ZERO,
            });
        }
        6 => {
            return Fact::TransferRejected(TransferRejected {
                id: transfer.id,
                status: TransferStatus::ExceedsCredits,
                control_id: 0,
            });
        }
        7 if random.below(2) == 0 => {
            transfer.flags = TransferFlags::FENCE.with(TransferFlags::VOID_PENDING_TRANSFER);
            transfer.pending_id = older;
            return Fact::TransferFenced(transfer);
        }
        7 => {
            transfer.flags = TransferFlags::FENCE;
            transfer.reverses_id = older;
            return Fact::TransferFenced(transfer);
        }
        8 if random.below(3) == 0 => {
            return Fact::AccountCreated(NewAccount {
                id: AccountId::new(id),
                user_data_128: 2,
                user_data_64: random.below(40),
                ..NewAccount::default()
            });
        }
        8 => {
            return Fact::AccountUpdated(AccountUpdate {
                update_id: UpdateId::new(id),
                id: account(random),
                ..AccountUpdate::default()
            });
        }
        _ => {}
    }
    Fact::TransferCreated(TransferCreated {
        transfer,
        took_all: false,
        hold,
        reversed: Amount::ZERO,
        debit_after: Totals::ZERO,
        credit_after: Totals::ZERO,
    })
}

/// All postings of some events, by section and key.
pub(crate) type Naive = BTreeMap<(Section, u128), Vec<(Sequence, Role)>>;

pub(crate) fn naive(events: &[Event]) -> Naive {
    let mut naive = Naive::new();
    for event in events {
        postings(event, &mut |section, key, role| {
            let found = naive.entry((section, key)).or_default();
            found.push((event.sequence, role));
        });
    }
    naive
}

/// What of a key's postings is kept: of each role the newest, in order.
pub(crate) fn newest_of_each_role(all: &[(Sequence, Role)]) -> Vec<(Sequence, Role)> {
    let newest: BTreeMap<Role, Sequence> = all.iter().map(|&(at, role)| (role, at)).collect();
    let mut kept: Vec<_> = newest.into_iter().map(|(role, at)| (at, role)).collect();
    kept.sort_unstable();
    kept
}

pub(crate) fn place(number: u64) -> SegmentPlace {
    SegmentPlace {
        database: 1,
        epoch: 2,
        number,
        last_hash: [number as u8; 32],
    }
}

/// The run of a segment with these events.
pub(crate) fn build(
    vfs: &Arc<dyn Vfs>,
    events: &[Event],
    number: u64,
) -> Result<Arc<Run>, RunError> {
    let mut builder = RunBuilder::new();
    for event in events {
        builder.add(event);
    }
    let run = builder.finish(vfs, Path::new(DIR), &place(number), &mut unpaced)?;
    Ok(Arc::new(run.expect("there are events")))
}

/// A run of any postings in order, which need not come from events.
pub(crate) fn run_of(
    vfs: &Arc<dyn Vfs>,
    sequences: std::ops::RangeInclusive<u64>,
    postings: &[(Section, u128, Sequence, Role)],
) -> Arc<Run> {
    let first = Sequence::new(*sequences.start());
    let last = Sequence::new(*sequences.end());
    let order = Order {
        dir: Path::new(DIR),
        temporary: names::indexing(Path::new(DIR), first, last),
        covered: Covered {
            database: 1,
            epoch: 2,
            segments: 1..=1,
            last_hash: [3; 32],
            first,
            last,
        },
        tier: 0,
        width: 11,
    };
    let mut pace = unpaced;
    let mut writer = RunWriter::create(vfs, order, &mut pace).unwrap();
    for section in Section::ALL {
        let mut of_section = writer.section(section);
        for &(_, key, sequence, role) in postings.iter().filter(|posting| posting.0 == section) {
            of_section
                .push(Group::one(key, word(sequence, role)))
                .unwrap();
        }
        of_section.finish().unwrap();
    }
    let path = writer.finish().unwrap();
    Arc::new(Run::open(vfs, &path).unwrap())
}

/// All postings of a run, read from front to back.
pub(crate) fn all_of(run: &Run) -> Vec<(Section, u128, Sequence, Role)> {
    let sections = Section::ALL.into_iter();
    sections
        .flat_map(|section| {
            run.scan(section).map(move |posting| {
                let posting = posting.unwrap();
                (section, posting.key, posting.sequence, posting.role)
            })
        })
        .collect()
}
