//! The proof of a trial balance: for each ledger, debits equal credits, pending and posted each.
//!
//! The sums of a moment in the past are those of the nearest moment at which they are known, with
//! what the events between the two did added or taken off. They are known at both ends of the
//! journal, at every snapshot, and at the last few moments that somebody asked for.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use ledger_core::{Event, Fact, Ledger, LedgerId, Sequence, Sum};

use crate::query::{Chunk, Past, Turns};
use crate::snapshot::Snapshots;
use crate::{Engine, QueryError, ReadError};

/// Of how many moments the sums are remembered.
const REMEMBERED: usize = 16;

/// Debits and credits of a ledger, kept as running sums: each pair must be equal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LedgerProof {
    /// The ledger.
    pub ledger: LedgerId,
    /// Its code; empty if it is not registered.
    pub code: Box<str>,
    /// Its decimal places.
    pub scale: u32,
    /// Sum over its accounts.
    pub debits_pending: Sum,
    /// Sum over its accounts.
    pub debits_posted: Sum,
    /// Sum over its accounts.
    pub credits_pending: Sum,
    /// Sum over its accounts.
    pub credits_posted: Sum,
}

impl LedgerProof {
    /// Whether debits equal credits, pending and posted each.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        self.debits_pending == self.credits_pending && self.debits_posted == self.credits_posted
    }
}

/// Moments at which the sums are known, because somebody asked for them.
#[derive(Default, Debug)]
pub(crate) struct KnownSums {
    /// The one that was used last is the last.
    moments: Mutex<Vec<(Sequence, Books)>>,
}

/// All ledgers that there were, at some moment.
type Books = BTreeMap<LedgerId, Book>;

/// A ledger.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
struct Book {
    code: Box<str>,
    scale: u32,
    accounts: u64,
    /// Debits pending, debits posted, credits pending, credits posted.
    sums: [Sum; 4],
}

/// What some events did to a ledger.
#[derive(Default)]
struct Change {
    registered: Option<(Box<str>, u32)>,
    accounts: u64,
    /// What was added to the sums, in their order, and what was taken off. It is kept apart,
    /// because when events are undone in their order a sum may be below zero on the way.
    added: [Sum; 4],
    taken: [Sum; 4],
}

/// The proof of each of `ledgers` (of all, if there are none) at `as_of`. `chunk` is what the
/// writer said of the newest state.
pub(super) fn at(
    engine: &Engine,
    turns: &mut Turns<'_>,
    as_of: Sequence,
    chunk: &Chunk,
    ledgers: &[LedgerId],
) -> Result<Vec<LedgerProof>, QueryError> {
    let now = || {
        chunk
            .ledgers
            .iter()
            .map(|ledger| (ledger.id, Book::new(ledger)))
            .collect()
    };
    let books = if as_of == chunk.sequence {
        now()
    } else {
        let past = turns.past_through(chunk.sequence)?;
        let parts = engine.parts();
        let newest = (chunk.sequence, now());
        parts.known_sums.at(past, &parts.snapshots, as_of, newest)?
    };
    Ok(books
        .into_iter()
        .filter(|(id, _)| ledgers.is_empty() || ledgers.contains(id))
        .map(|(ledger, book)| book.proof(ledger))
        .collect())
}

impl KnownSums {
    /// The books at `as_of`, from the nearest moment at which they are known.
    fn at(
        &self,
        past: &Past,
        snapshots: &Snapshots,
        as_of: Sequence,
        newest: (Sequence, Books),
    ) -> Result<Books, ReadError> {
        let distance = |(sequence, _): &&(Sequence, Books)| sequence.get().abs_diff(as_of.get());
        let mut nearest = {
            let moments = self.moments.lock().unwrap_or_else(PoisonError::into_inner);
            let first = (Sequence::ZERO, Books::new());
            let known = moments.iter().chain([&newest, &first]);
            known
                .min_by_key(distance)
                .expect("there are two at least")
                .clone()
        };
        let events = distance(&&nearest);
        if let Some((sequence, ledgers)) = snapshots.ledgers_near(as_of, events) {
            let books = ledgers.iter().map(|ledger| (ledger.id, Book::new(ledger)));
            nearest = (sequence, books.collect());
        }
        let books = moved(past, nearest, as_of)?;
        let mut moments = self.moments.lock().unwrap_or_else(PoisonError::into_inner);
        moments.retain(|(sequence, _)| *sequence != as_of);
        moments.push((as_of, books.clone()));
        if moments.len() > REMEMBERED {
            moments.remove(0);
        }
        Ok(books)
    }
}

/// The books at `to`, from those at another moment and the events between the two.
fn moved(past: &Past, from: (Sequence, Books), to: Sequence) -> Result<Books, ReadError> {
    let (from, mut books) = from;
    let (after, through) = (from.min(to), from.max(to));
    let mut changes: BTreeMap<LedgerId, Change> = BTreeMap::new();
    past.visit(after.next(), through, |event| {
        note(event, &mut changes);
        ControlFlow::Continue(())
    })?;
    for (ledger, change) in changes {
        let book = books.entry(ledger).or_default();
        let whole = if from < to {
            book.redo(change)
        } else {
            book.undo(change)
        };
        whole.ok_or(ReadError::Contradiction { sequence: through })?;
    }
    books.retain(|_, book| book.accounts > 0 || !book.code.is_empty());
    Ok(books)
}

/// Notes what an event did to its ledger.
fn note(event: &Event, changes: &mut BTreeMap<LedgerId, Change>) {
    match &event.fact {
        Fact::LedgerRegistered(ledger) => {
            let change = changes.entry(ledger.id).or_default();
            change.registered = Some((ledger.code.clone(), ledger.scale));
        }
        Fact::AccountCreated(account) => {
            changes.entry(account.ledger).or_default().accounts += 1;
        }
        fact => {
            let Some(effect) = fact.effect() else {
                return;
            };
            let change = changes.entry(effect.ledger).or_default();
            // The same on both sides, in the order of the sums.
            for [pending, posted] in [[0, 1], [2, 3]] {
                change.added[pending].add(effect.reserved);
                change.taken[pending].add(effect.released);
                change.added[posted].add(effect.posted);
            }
        }
    }
}

impl Book {
    fn new(ledger: &Ledger) -> Self {
        Self {
            code: ledger.code.clone(),
            scale: ledger.scale,
            accounts: ledger.accounts,
            sums: [
                ledger.debits_pending,
                ledger.debits_posted,
                ledger.credits_pending,
                ledger.credits_posted,
            ],
        }
    }

    fn proof(self, ledger: LedgerId) -> LedgerProof {
        let [
            debits_pending,
            debits_posted,
            credits_pending,
            credits_posted,
        ] = self.sums;
        LedgerProof {
            ledger,
            code: self.code,
            scale: self.scale,
            debits_pending,
            debits_posted,
            credits_pending,
            credits_posted,
        }
    }

    /// Lets the change happen. `None` if it cannot have.
    fn redo(&mut self, change: Change) -> Option<()> {
        if let Some((code, scale)) = change.registered {
            self.code = code;
            self.scale = scale;
        }
        self.accounts = self.accounts.checked_add(change.accounts)?;
        self.move_sums(&change.added, &change.taken)
    }

    /// Lets the change not have happened. `None` if it cannot have. A ledger is registered once.
    fn undo(&mut self, change: Change) -> Option<()> {
        if change.registered.is_some() {
            self.code = Box::default();
            self.scale = 0;
        }
        self.accounts = self.accounts.checked_sub(change.accounts)?;
        self.move_sums(&change.taken, &change.added)
    }

    fn move_sums(&mut self, up: &[Sum; 4], down: &[Sum; 4]) -> Option<()> {
        for (sum, (&up, &down)) in self.sums.iter_mut().zip(up.iter().zip(down)) {
            *sum = less(more(*sum, up)?, down)?;
        }
        Some(())
    }
}

fn more(one: Sum, other: Sum) -> Option<Sum> {
    let (low, carry) = one.low().overflowing_add(other.low());
    let high = one.high().checked_add(other.high())?;
    Some(Sum::from_parts(high.checked_add(carry.into())?, low))
}

fn less(one: Sum, other: Sum) -> Option<Sum> {
    let (low, borrow) = one.low().overflowing_sub(other.low());
    let high = one.high().checked_sub(other.high())?;
    Some(Sum::from_parts(high.checked_sub(borrow.into())?, low))
}
