//! What an answer rests on, and what it means when a later one contradicts it.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use ledger_proto::Receipt;

#[cfg(test)]
mod tests;

/// An answer of the server and what it rests on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer<T> {
    /// What the answer rests on.
    pub receipt: Receipt,
    /// The answer itself.
    pub value: T,
    /// What was known before this call began and cannot be true together with this answer.
    pub contradiction: Option<Box<Contradiction>>,
}

impl<T> Answer<T> {
    /// The same answer with another value.
    pub(crate) fn map<U>(self, to: impl FnOnce(T) -> U) -> Answer<U> {
        let Self {
            receipt,
            value,
            contradiction,
        } = self;
        Answer {
            receipt,
            value: to(value),
            contradiction,
        }
    }
}

/// Two receipts that cannot both be of one history: the database was restored to an earlier
/// point, lost something, or is another one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Contradiction {
    /// The newest receipt that was known before the call began.
    pub known: Receipt,
    /// The receipt of the answer.
    pub told: Receipt,
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { known, told } = self;
        if known.epoch == told.epoch {
            write!(
                f,
                "the server answered as of sequence {}, after it had answered as of sequence {}: \
                 it has lost acknowledged events, or is another copy of the database",
                told.sequence, known.sequence
            )
        } else {
            write!(
                f,
                "the server answered in epoch {:032x}, after it had answered in epoch {:032x} as \
                 of sequence {}: the database was restored, or is another one; what was \
                 acknowledged since the fork has to be sent again",
                told.epoch, known.epoch, known.sequence
            )
        }
    }
}

/// Keeps the newest receipt.
///
/// Calls overlap, and an answer may arrive after a newer one. So an answer is compared with what
/// was known when its call began: only then must it rest on that or something later.
#[derive(Debug, Default)]
pub(crate) struct NewestReceipt {
    newest: Mutex<Option<Receipt>>,
}

impl NewestReceipt {
    pub(crate) fn new(known: Option<Receipt>) -> Self {
        Self {
            newest: Mutex::new(known),
        }
    }

    /// The newest receipt.
    pub(crate) fn get(&self) -> Option<Receipt> {
        // Whatever panicked elsewhere, a receipt is copied whole.
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in the receipt of an answer whose call began when `known` was the newest.
    pub(crate) fn observe(
        &self,
        known: Option<Receipt>,
        told: Receipt,
    ) -> Option<Box<Contradiction>> {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        match *newest {
            None => *newest = Some(told),
            Some(current) if current.epoch == told.epoch => {
                if current.sequence < told.sequence {
                    *newest = Some(told);
                }
            }
            // An answer of the old epoch that was overtaken by one of the new, which was told.
            Some(_) if known.is_some_and(|known| known.epoch == told.epoch) => {}
            Some(current) => {
                *newest = Some(told);
                return Some(Box::new(Contradiction {
                    known: current,
                    told,
                }));
            }
        }
        known
            .filter(|known| known.epoch == told.epoch && told.sequence < known.sequence)
            .map(|known| Box::new(Contradiction { known, told }))
    }

    /// Compares the lines of history of what was known and of an answer about the past.
    pub(crate) fn compare_epochs(
        known: Option<Receipt>,
        told: Receipt,
    ) -> Option<Box<Contradiction>> {
        known
            .filter(|known| known.epoch != told.epoch)
            .map(|known| Box::new(Contradiction { known, told }))
    }
}
