//! Everything that the rules need to know, in memory.

mod arena;
mod contradiction;
mod digest;
mod id_filter;
mod id_table;
mod index;
mod look_ahead;
mod noting;
mod post;
mod probe;
mod question;
mod recent;
mod record;
mod replay;
mod restoration;
mod standing;
mod undo;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;

use arena::Arena;
pub(crate) use arena::Slot;
pub use contradiction::Contradiction;
pub use digest::StateDigest;
use index::{IdHasher, SlotIndex};
pub(crate) use look_ahead::LOOK_AHEAD;
pub(crate) use post::{AccountSlots, Touched};
pub use recent::Forgotten;
use recent::Recent;
pub use record::{Account, Hold, Ledger};
pub use restoration::Restoration;
pub use standing::Standing;
use undo::Undo;

use crate::{LedgerId, Sequence, Timestamp};

/// The state of the ledger after the newest event.
///
/// It is changed in two ways only: by posting an event that was decided, and by replaying one that
/// was recorded, behind nothing or behind a [`Restoration`]. Both go through the same code, so the same events give the same state on any
/// machine. Nothing here reads a clock, draws a random number or depends on the order of a hash
/// table.
///
/// Invariants:
/// - For every ledger, total debits equal total credits, pending and posted each.
/// - Of no account does pending plus posted exceed 128 bits on either side.
/// - A reservation is here exactly as long as something of it may still be posted or released.
/// - Sequences have no gaps, and journal time grows with them.
/// - What events from [`State::recent_from`] on say of an id is here; what earlier ones say is not
///   all here, and is asked of the journal.
pub struct State {
    hasher: IdHasher,
    accounts: Arena<Account>,
    account_index: SlotIndex,
    ledgers: Arena<Ledger>,
    ledger_index: BTreeMap<LedgerId, Slot>,
    ledger_codes: BTreeMap<Box<str>, LedgerId>,
    holds: Arena<Hold>,
    hold_index: SlotIndex,
    open_holds: usize,
    /// Reservations that will expire, in the order of their time and creation.
    expiries: BTreeMap<(Timestamp, Sequence), Slot>,
    recent: Recent,
    clock: Standing,
    undo: Undo,
}

impl State {
    /// The state before the first event. `hash_seed` is to be drawn anew by each process.
    #[must_use]
    pub fn new(hash_seed: u64) -> Self {
        let hasher = IdHasher::new(hash_seed);
        Self {
            accounts: Arena::new(),
            account_index: SlotIndex::new(),
            ledgers: Arena::new(),
            ledger_index: BTreeMap::new(),
            ledger_codes: BTreeMap::new(),
            holds: Arena::new(),
            hold_index: SlotIndex::new(),
            open_holds: 0,
            expiries: BTreeMap::new(),
            recent: Recent::new(hasher.clone(), Sequence::ZERO.next()),
            clock: Standing::default(),
            undo: Undo::new(),
            hasher,
        }
    }

    /// Makes sure that journal time never falls below `time` again.
    pub fn observe_time(&mut self, time: Timestamp) {
        self.clock.time = self.clock.time.max(time);
    }

    /// The journal time of an event that is decided next, at clock time `now`.
    pub(crate) fn moment(&self, now: Timestamp) -> Timestamp {
        now.max(self.clock.time.next())
    }
}
