//! Deriving a snapshot from files alone: the snapshot before it, and the sealed segments since.
//!
//! The amounts of all events are added up, for each account, each ledger and each hold, and the
//! sums must be what the events say themselves of the totals after them. Nothing here is shared
//! with the code that decides and posts, so a mistake of either shows as a difference.
//!
//! Memory is bounded whatever the size of the books: what is gathered is written to sorted files
//! when there is too much of it, and everything is merged in one pass, in the order of ids.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger_core::Sequence;

use super::entry::{Entry, Epoch, Name};
use super::foot::Place;
use super::pace::Pace;
use super::reader::Snapshot;
use super::writer::Writer;
use crate::journal::chain::Chain;
use crate::vfs::Vfs;

mod accounts;
mod change;
mod entering;
mod error;
mod holds;
mod ledgers;
mod net;
mod scratch;
mod segments;
mod span;

use accounts::{Changes, Merged};
use entering::Entering;
pub use error::{DeriveError, Difference};
use holds::OpenHolds;
use ledgers::Ledgers;
use scratch::Scratch;
use segments::SegmentReader;
use span::Span;

/// How many accounts' changes, and how many holds, are in memory at once. With 250 bytes each, and
/// twice that for those that were created, it stays below 128 MiB.
pub(crate) const IN_MEMORY_MAX: usize = 150_000;

/// What is to be derived.
pub(crate) struct Order<'a> {
    pub(crate) vfs: &'a Arc<dyn Vfs>,
    pub(crate) dir: &'a Path,
    pub(crate) database: u128,
    /// The snapshot to begin with; none means the first segment.
    pub(crate) base: Option<&'a Snapshot>,
    /// The sealed segment to end with.
    pub(crate) through: u64,
    /// What the snapshot is to be called.
    pub(crate) names: BTreeSet<Box<str>>,
    /// See [`IN_MEMORY_MAX`].
    pub(crate) in_memory_max: usize,
}

/// Derives a snapshot and gives it its place in the data directory.
///
/// # Errors
/// [`DeriveError`]; of [`DeriveError::Journal`] and [`DeriveError::Differs`] the journal or the
/// books are the cause, and nothing more may be acknowledged.
pub(crate) fn derive(order: &Order<'_>, pace: &Pace<'_>) -> Result<PathBuf, DeriveError> {
    let chain = match order.base {
        Some(base) => Chain::behind(&base.origin()),
        None => Chain::start(order.database, 0),
    };
    let after = chain.last();
    let mut reader = SegmentReader::new(order.vfs, order.dir, chain);
    let (mut through, mut journal_bytes) = (after, 0);
    let mut first = 1;
    if let Some(base) = order.base {
        (first, journal_bytes) = (base.place().segment + 1, base.place().journal_bytes);
    }
    for number in first..=order.through {
        let (footer, bytes) = reader.footer(number)?;
        let events = footer.first_sequence.get() + footer.event_count;
        through = Sequence::new(events - 1);
        journal_bytes += bytes;
    }
    let span = Span {
        dir: order.dir.to_owned(),
        after,
        through,
    };
    let mut scratch = Scratch::new(&**order.vfs, span, pace);
    let mut entering = begin(order)?;
    for number in first..=order.through {
        // Events are entered, and room is made, by turns.
        let shared = std::cell::RefCell::new((&mut entering, &mut scratch));
        reader.read(
            number,
            pace,
            |events| {
                let (entering, scratch) = &mut *shared.borrow_mut();
                let entered = entering.enter_all(events);
                entered.map_err(|difference| scratch.span.differs(difference))
            },
            || {
                let (entering, scratch) = &mut *shared.borrow_mut();
                entering.spill(scratch)
            },
        )?;
    }
    entering.standing.sequence = reader.chain.last();
    entering.standing.time = reader.chain.time;
    entering.settle(&mut scratch)?;
    let place = Place {
        database: order.database,
        epoch: reader.chain.lineage.epoch(),
        segment: order.through,
        hash: reader.chain.hash,
        last_frame: reader.chain.kind.expect("a sealed segment has a frame"),
        journal_bytes,
    };
    write(order, entering, &scratch, &reader.chain, place)
}

/// The books as they are in the snapshot to begin with.
fn begin<'a>(order: &Order<'a>) -> Result<Entering<'a>, DeriveError> {
    let mut ledgers = Ledgers::default();
    let mut standing = ledger_core::Standing::default();
    let mut accounts = 0;
    if let Some(base) = order.base {
        for ledger in base.ledgers() {
            ledgers.insert(ledger?);
        }
        standing = *base.standing();
        accounts = u32::try_from(base.info().accounts).expect("ranks have 32 bits");
    }
    Ok(Entering {
        places: Vec::new(),
        changes: Changes::new(order.in_memory_max),
        holds: OpenHolds::new(order.base, order.in_memory_max),
        ledgers,
        standing,
        accounts,
    })
}

fn write(
    order: &Order<'_>,
    entering: Entering<'_>,
    scratch: &Scratch<'_>,
    chain: &Chain,
    place: Place,
) -> Result<PathBuf, DeriveError> {
    let differs = |difference| scratch.span.differs(difference);
    let vfs = &**order.vfs;
    let Entering {
        changes,
        holds,
        mut ledgers,
        standing,
        ..
    } = entering;
    let mut writer = Writer::create(vfs, order.dir, order.database, standing, scratch.pace)?;
    for epoch in Epoch::all(&chain.lineage) {
        writer.add(&epoch)?;
    }
    for name in names(order, standing.sequence) {
        writer.add(&Name(name))?;
    }
    for ledger in ledgers.finish().map_err(differs)? {
        writer.add(&ledger)?;
    }
    let mut changes = changes.finish(scratch)?;
    for before in order.base.map(Snapshot::accounts).into_iter().flatten() {
        let before = before?;
        let id = before.key();
        while changes.next_id().is_some_and(|next| next < id) {
            write_changed(&mut changes, None, &mut ledgers, &mut writer, scratch)?;
        }
        if changes.next_id() == Some(id) {
            let before = Some(before);
            write_changed(&mut changes, before, &mut ledgers, &mut writer, scratch)?;
        } else {
            ledgers.count_account(&before.account);
            writer.add(&before)?;
        }
    }
    while changes.next_id().is_some() {
        write_changed(&mut changes, None, &mut ledgers, &mut writer, scratch)?;
    }
    for hold in holds.finish(scratch)? {
        let hold = hold?;
        ledgers.count_hold(hold.ledger, hold.rest);
        writer.add(&hold)?;
    }
    ledgers.check().map_err(differs)?;
    Ok(writer.finish(place)?)
}

/// Writes the account that the next change is of.
fn write_changed(
    changes: &mut Merged,
    before: Option<super::Positioned>,
    ledgers: &mut Ledgers,
    writer: &mut Writer<'_>,
    scratch: &Scratch<'_>,
) -> Result<(), DeriveError> {
    let change = changes.next().expect("the next change was seen")?;
    let after = change.apply(before);
    let after = after.map_err(|difference| scratch.span.differs(difference))?;
    ledgers.count_account(&after.account);
    Ok(writer.add(&after)?)
}

/// What the snapshot is called: as one of the same event was, too, since it takes its place.
fn names(order: &Order<'_>, sequence: Sequence) -> BTreeSet<Box<str>> {
    let mut names = order.names.clone();
    if let Some(base) = order.base
        && base.standing().sequence == sequence
    {
        names.extend(base.names().iter().cloned());
    }
    names
}

#[cfg(test)]
mod tests;
