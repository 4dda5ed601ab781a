//! Looking ahead: memory that the next transfers need is waited for in parallel.

use super::{AccountSlots, Slot, State};
use crate::{AccountId, Transfer, TransferId};

/// How many transfers are looked at ahead of being judged or replayed: few enough for what is read
/// to stay in the nearest cache until then.
pub(crate) const LOOK_AHEAD: usize = 32;

/// What a transfer's ids are looked up by.
#[derive(Clone, Copy, Default)]
struct Wanted {
    id: (TransferId, u64),
    debit: (AccountId, u64),
    credit: (AccountId, u64),
}

impl State {
    /// Looks up the accounts of these transfers, at most [`LOOK_AHEAD`], and brings what will be
    /// read of their ids and accounts into the caches.
    ///
    /// It goes over them in a few short loops, in none of which a step waits for what another one
    /// reads. Judging one transfer after the other would wait at each step.
    pub(crate) fn look_ahead<'a>(
        &self,
        transfers: impl Iterator<Item = Option<&'a Transfer>>,
        accounts: &mut [AccountSlots; LOOK_AHEAD],
    ) {
        let mut all = [Wanted::default(); LOOK_AHEAD];
        let mut count = 0;
        let has_ids = !self.recent.is_empty();
        for (transfer, wanted) in transfers.zip(&mut all) {
            count += 1;
            if let Some(transfer) = transfer {
                let hash = |id: u128| self.hasher.hash(id);
                let with_hash = |id: AccountId| (id, hash(id.get()));
                let id_hash = if has_ids { hash(transfer.id.get()) } else { 0 };
                *wanted = Wanted {
                    id: (transfer.id, id_hash),
                    debit: with_hash(transfer.debit_account_id),
                    credit: with_hash(transfer.credit_account_id),
                };
            }
        }
        let all = &all[..count];
        let mut touched = 0;
        for wanted in all.iter().filter(|_| has_ids) {
            touched ^= self.recent.touch(wanted.id.1, wanted.id.0);
        }
        for wanted in all {
            touched ^= self.account_index.touch(wanted.debit.1);
            touched ^= self.account_index.touch(wanted.credit.1);
        }
        // Mostly the first account with the same part of its hash is the one. Whether it is, is
        // not asked yet, so that nothing here waits for an account.
        let mut likely = [(None, None); LOOK_AHEAD];
        for (wanted, likely) in all.iter().zip(&mut likely) {
            let first = |hash| self.account_index.find(hash, |_| true);
            *likely = (first(wanted.debit.1), first(wanted.credit.1));
        }
        let likely = &likely[..count];
        for slot in likely.iter().flat_map(|&(debit, credit)| [debit, credit]) {
            touched ^= slot.map_or(0, |slot| self.touch_account(slot));
        }
        for ((wanted, likely), slots) in all.iter().zip(likely).zip(accounts) {
            *slots = AccountSlots {
                debit: self.account_near(likely.0, wanted.debit),
                credit: self.account_near(likely.1, wanted.credit),
            };
        }
        core::hint::black_box(touched);
    }

    /// The slot of an account, which is `likely` if any.
    fn account_near(&self, likely: Option<Slot>, (id, hash): (AccountId, u64)) -> Option<Slot> {
        let likely = likely?;
        if self.accounts[likely].id == id {
            return Some(likely);
        }
        self.account_index
            .find(hash, |slot| self.accounts[slot].id == id)
    }

    /// Reads something of each cache line that a transfer needs of an account.
    fn touch_account(&self, slot: Slot) -> u64 {
        let account = &self.accounts[slot];
        let total = u64::from(account.totals.debits_pending.is_zero());
        total ^ account.changed.get() ^ u64::from(account.ledger_slot.0.number())
    }
}
