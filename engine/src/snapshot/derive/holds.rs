//! The open holds, in the order of the events that made them, however many there are.
//!
//! Most holds are resolved soon after they were made, and such never leave the memory. Of an older
//! one only what became of it is remembered, until the lists of older holds are read once and
//! written anew without what ended. A list is never sorted: what is made later stands later.

use foldhash::{HashMap, HashMapExt};
use ledger_core::{AccountId, Amount, Hold, Sequence, TransferFlags, TransferId};

use super::error::{DeriveError, Difference};
use super::scratch::{Scratch, Sorted};
use super::span::Span;
use crate::snapshot::Snapshot;
use crate::snapshot::reader::{Entries, Holds};

/// So many lists of older holds are made into one before there is another.
const LISTS_MAX: usize = 64;

/// What an event does to a hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resolution {
    pub(super) id: TransferId,
    pub(super) sequence: Sequence,
    pub(super) before: Split,
    pub(super) after: Split,
    /// Whether it is a release, which opens again what a closing hold had closed.
    pub(super) releases: bool,
}

/// What is posted of a hold and what is left of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Split {
    pub(super) posted: Amount,
    pub(super) rest: Amount,
}

/// An account is opened again by an event that released a closing hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Reopened {
    pub(super) account: AccountId,
    pub(super) sequence: Sequence,
}

/// Gathers the open holds.
pub(super) struct OpenHolds<'a> {
    /// Those of the snapshot to begin with, until they are written anew.
    base: Option<&'a Snapshot>,
    lists: Vec<Sorted>,
    /// What became of holds in these.
    resolved: HashMap<TransferId, Resolution>,
    /// Those made since, in order; nothing where one has ended.
    recent: Vec<Option<Hold>>,
    places: HashMap<TransferId, u32>,
    in_memory_max: usize,
    reopened: Vec<Reopened>,
}

impl<'a> OpenHolds<'a> {
    pub(super) fn new(base: Option<&'a Snapshot>, in_memory_max: usize) -> Self {
        Self {
            base,
            lists: Vec::new(),
            resolved: HashMap::new(),
            recent: Vec::new(),
            places: HashMap::new(),
            in_memory_max,
            reopened: Vec::new(),
        }
    }

    pub(super) fn make(&mut self, hold: Hold) {
        self.places.insert(hold.id, self.recent.len() as u32);
        self.recent.push(Some(hold));
    }

    pub(super) fn resolve(&mut self, resolution: Resolution) -> Result<(), Difference> {
        let id = resolution.id;
        let Some(&place) = self.places.get(&id) else {
            return self.resolve_older(resolution);
        };
        let slot = &mut self.recent[place as usize];
        let hold = slot.as_mut().expect("a hold that ended has no place");
        if resolve(hold, &resolution, &mut self.reopened)? {
            *slot = None;
            self.places.remove(&id);
        }
        Ok(())
    }

    fn resolve_older(&mut self, resolution: Resolution) -> Result<(), Difference> {
        let known = self.resolved.entry(resolution.id).or_insert(resolution);
        if known.sequence == resolution.sequence {
            return Ok(());
        }
        if known.after.rest.is_zero() {
            return Err(Difference::HoldUnknown(resolution.id));
        }
        if known.after != resolution.before {
            return Err(Difference::HoldSplitWrong(resolution.id));
        }
        *known = Resolution {
            before: known.before,
            ..resolution
        };
        Ok(())
    }

    /// Whether there is more than may be in memory. It is asked now and then, not after each event.
    pub(super) fn is_full(&self) -> bool {
        self.recent.len() >= self.in_memory_max || self.resolved.len() >= 4 * self.in_memory_max
    }

    /// Makes room in memory.
    pub(super) fn spill(&mut self, scratch: &mut Scratch<'_>) -> Result<(), DeriveError> {
        if self.recent.len() >= self.in_memory_max {
            self.forget_ended();
        }
        if self.recent.len() >= self.in_memory_max / 2 {
            let recent = std::mem::take(&mut self.recent);
            self.places.clear();
            let list = scratch.sort_out(recent.into_iter().flatten().map(Ok))?;
            self.lists.push(list);
        }
        if self.resolved.len() >= 4 * self.in_memory_max || self.lists.len() >= LISTS_MAX {
            self.write_anew(scratch)?;
        }
        Ok(())
    }

    /// Leaves no gaps where recent holds have ended.
    fn forget_ended(&mut self) {
        self.recent.retain(Option::is_some);
        self.places.clear();
        let holds = self.recent.iter().flatten().enumerate();
        self.places = holds.map(|(place, hold)| (hold.id, place as u32)).collect();
    }

    /// Writes the older holds anew, as they are now.
    fn write_anew(&mut self, scratch: &mut Scratch<'_>) -> Result<(), DeriveError> {
        let mut older = Older {
            span: scratch.span.clone(),
            holds: self.read_older(scratch)?,
            resolved: std::mem::take(&mut self.resolved),
            reopened: std::mem::take(&mut self.reopened),
        };
        let list = scratch.sort_out(std::iter::from_fn(|| older.next()))?;
        if let Some(&id) = older.resolved.keys().min() {
            return Err(scratch.span.differs(Difference::HoldUnknown(id)));
        }
        self.reopened = older.reopened;
        self.base = None;
        for list in std::mem::replace(&mut self.lists, vec![list]) {
            scratch.discard(list);
        }
        Ok(())
    }

    fn read_older(&self, scratch: &Scratch<'_>) -> Result<OlderHolds, DeriveError> {
        let lists: Result<Vec<_>, _> = self.lists.iter().map(|list| scratch.read(list)).collect();
        Ok(OlderHolds {
            base: self.base.map(Snapshot::holds),
            lists: lists?.into_iter(),
            list: None,
        })
    }

    /// Settles what became of all holds; the accounts that were opened by it.
    pub(super) fn settle(
        &mut self,
        scratch: &mut Scratch<'_>,
    ) -> Result<Vec<Reopened>, DeriveError> {
        if !self.resolved.is_empty() {
            self.write_anew(scratch)?;
        }
        Ok(std::mem::take(&mut self.reopened))
    }

    /// The open holds, in order, once they are settled.
    pub(super) fn finish(
        self,
        scratch: &Scratch<'_>,
    ) -> Result<impl Iterator<Item = Result<Hold, DeriveError>>, DeriveError> {
        let older = self.read_older(scratch)?;
        let recent = self.recent.into_iter().flatten().map(Ok);
        Ok(older.chain(recent))
    }
}

/// Applies a resolution; whether the hold has ended.
fn resolve(
    hold: &mut Hold,
    resolution: &Resolution,
    reopened: &mut Vec<Reopened>,
) -> Result<bool, Difference> {
    let split = Split {
        posted: hold.posted,
        rest: hold.rest,
    };
    if split != resolution.before {
        return Err(Difference::HoldSplitWrong(hold.id));
    }
    (hold.posted, hold.rest) = (resolution.after.posted, resolution.after.rest);
    if !hold.rest.is_zero() {
        return Ok(false);
    }
    let closing = [
        (TransferFlags::CLOSING_DEBIT, hold.debit_account_id),
        (TransferFlags::CLOSING_CREDIT, hold.credit_account_id),
    ];
    for (flag, account) in closing {
        if resolution.releases && hold.flags.contains(flag) {
            reopened.push(Reopened {
                account,
                sequence: resolution.sequence,
            });
        }
    }
    Ok(true)
}

/// The older holds as they were, in order.
struct OlderHolds {
    base: Option<Holds>,
    lists: std::vec::IntoIter<Entries<Hold>>,
    list: Option<Entries<Hold>>,
}

impl Iterator for OlderHolds {
    type Item = Result<Hold, DeriveError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(hold) = self.base.as_mut().and_then(Iterator::next) {
            return Some(hold.map_err(DeriveError::Snapshot));
        }
        loop {
            if let Some(hold) = self.list.as_mut().and_then(Iterator::next) {
                return Some(hold.map_err(DeriveError::Snapshot));
            }
            self.list = Some(self.lists.next()?);
        }
    }
}

/// The older holds as they are now.
struct Older {
    span: Span,
    holds: OlderHolds,
    resolved: HashMap<TransferId, Resolution>,
    reopened: Vec<Reopened>,
}

impl Older {
    fn next(&mut self) -> Option<Result<Hold, DeriveError>> {
        loop {
            let mut hold = match self.holds.next()? {
                Ok(hold) => hold,
                Err(error) => return Some(Err(error)),
            };
            let Some(resolution) = self.resolved.remove(&hold.id) else {
                return Some(Ok(hold));
            };
            match resolve(&mut hold, &resolution, &mut self.reopened) {
                Ok(true) => {}
                Ok(false) => return Some(Ok(hold)),
                Err(difference) => return Some(Err(self.span.differs(difference))),
            }
        }
    }
}
