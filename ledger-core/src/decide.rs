//! Deciding: each event of a request is judged by all rules, in one straight sequence in the order
//! of precedence, before anything changes. What is allowed becomes an event, is posted and is
//! recorded; from there on it must succeed.

mod accounts;
mod answer;
mod chain;
mod expiry;
mod identity;
mod ledgers;
mod movement;
mod resolution;
mod reversal;
mod shape;
mod single;
mod transfers;
mod updates;

use alloc::boxed::Box;

pub use answer::{
    AccountAnswer, BalancesAfter, TransferAnswer, TransferAnswers, TransferOptions, UpdateAnswer,
};

use crate::state::Touched;
use crate::{Event, Fact, State, Timestamp, Transfer, TransferCreated, TransferStatus, Unreadable};

/// What a transfer that no rule refuses becomes.
#[expect(
    clippy::large_enum_variant,
    reason = "it is moved into its event once; a box would cost an allocation a transfer"
)]
enum Verdict {
    Created(TransferCreated, Touched),
    Fenced(Transfer),
}

/// Why a transfer does not become an event.
enum Stop {
    /// A rule refuses it.
    Refused(TransferStatus),
    /// Its id was used before; the answer is what became of it then.
    Known(Box<Known>),
    /// The journal cannot tell what has to be known.
    Unreadable(Unreadable),
}

/// The answer to a transfer whose id was used before.
struct Known {
    answer: TransferAnswer,
    balances: Option<BalancesAfter>,
}

impl From<TransferStatus> for Stop {
    fn from(status: TransferStatus) -> Self {
        Self::Refused(status)
    }
}

impl From<Unreadable> for Stop {
    fn from(unreadable: Unreadable) -> Self {
        Self::Unreadable(unreadable)
    }
}

/// Refuses with `status` if `defect` holds.
fn refuse_if<S>(defect: bool, status: S) -> Result<(), S> {
    if defect { Err(status) } else { Ok(()) }
}

impl State {
    /// Gives a fact the next place in the journal.
    fn next_event(&mut self, at: Timestamp, chained: bool, fact: Fact) -> Event {
        let sequence = self.sequence().next();
        assert!(
            sequence >= self.recent_from(),
            "the ids of what is decided are noted"
        );
        self.advance(sequence, at);
        Event {
            sequence,
            time: at,
            chained,
            fact,
        }
    }
}
