//! Questions to the state.

use super::recent::IdWord;
use super::{Account, Hold, Ledger, Slot, State};
use crate::{
    AccountId, GroupId, Journal, LedgerId, OldId, Sequence, Timestamp, TransferId, Unreadable,
    UpdateId,
};

impl State {
    /// The position of the newest event.
    #[must_use]
    pub fn sequence(&self) -> Sequence {
        self.clock.sequence
    }

    /// Journal time: that of the newest event, or a later one that was observed.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.clock.time
    }

    /// The number of transfers ever created.
    #[must_use]
    pub fn transfer_count(&self) -> u64 {
        self.clock.transfers
    }

    /// The account with this id.
    #[must_use]
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.account_slot(id).map(|slot| &self.accounts[slot])
    }

    /// The number of accounts ever created.
    #[must_use]
    pub fn account_count(&self) -> usize {
        self.accounts.len()
    }

    /// The accounts in the order of their creation, from a position on.
    pub fn accounts_from(&self, position: usize) -> impl Iterator<Item = &Account> {
        self.accounts.iter_from(position)
    }

    /// The open reservation of this pending transfer.
    #[must_use]
    pub fn hold(&self, id: TransferId) -> Option<&Hold> {
        self.hold_slot(id).map(|slot| &self.holds[slot])
    }

    /// The open reservations, in no order that means anything.
    pub fn holds(&self) -> impl Iterator<Item = &Hold> {
        self.holds.iter_from(0).filter(|hold| !hold.id.is_zero())
    }

    /// The number of open reservations.
    #[must_use]
    pub fn open_holds(&self) -> usize {
        self.open_holds
    }

    /// When the next reservation expires.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Timestamp> {
        self.expiries.first_key_value().map(|(&(time, _), _)| time)
    }

    /// The ledgers, by id.
    pub fn ledgers(&self) -> impl Iterator<Item = &Ledger> {
        self.ledger_index.values().map(|&slot| &self.ledgers[slot])
    }

    /// The ledger with this id, if it is registered or has had an account.
    #[must_use]
    pub fn ledger(&self, id: LedgerId) -> Option<&Ledger> {
        self.ledger_index.get(&id).map(|&slot| &self.ledgers[slot])
    }

    /// What a transfer id stands for, however old it is.
    ///
    /// # Errors
    /// [`Unreadable`] if the journal cannot tell.
    pub fn find_transfer<J: Journal>(
        &self,
        journal: &J,
        id: TransferId,
    ) -> Result<Option<OldId>, Unreadable> {
        let recent = self.recent.transfer(id);
        let old = match recent {
            // What is recent and has an event of its own cannot be older as well.
            Some(word) if word.sequence() > Sequence::ZERO => None,
            _ => journal.old_id(id)?,
        };
        if recent.is_none() && old.is_none() {
            return Ok(None);
        }
        let old = old.unwrap_or(OldId {
            sequence: Sequence::ZERO,
            fenced: false,
            act: Sequence::ZERO,
        });
        Ok(Some(OldId {
            sequence: recent.map_or(old.sequence, |word| word.sequence().max(old.sequence)),
            fenced: old.fenced || recent.is_some_and(IdWord::fenced),
            act: self.recent.act(id).unwrap_or(old.act),
        }))
    }

    pub(crate) fn ledger_by_code(&self, code: &str) -> Option<LedgerId> {
        self.ledger_codes.get(code).copied()
    }

    pub(crate) fn account_slot(&self, id: AccountId) -> Option<Slot> {
        let hash = self.hasher.hash(id.get());
        self.account_index
            .find(hash, |slot| self.accounts[slot].id == id)
    }

    pub(crate) fn account_at(&self, slot: Slot) -> &Account {
        &self.accounts[slot]
    }

    pub(crate) fn hold_slot(&self, id: TransferId) -> Option<Slot> {
        if self.open_holds == 0 {
            return None;
        }
        self.hold_index
            .find(self.hasher.hash(id.get()), |slot| self.holds[slot].id == id)
    }

    pub(crate) fn hold_at(&self, slot: Slot) -> &Hold {
        &self.holds[slot]
    }

    /// The reservation that expires next, if its moment has come.
    pub(crate) fn due_hold(&self, now: Timestamp) -> Option<Slot> {
        let (&(time, _), &slot) = self.expiries.first_key_value()?;
        (time <= now).then_some(slot)
    }

    /// How many reservations were ever made in a group.
    pub(crate) fn group_holds<J: Journal>(
        &self,
        journal: &J,
        id: GroupId,
    ) -> Result<u64, Unreadable> {
        let old = journal.old_group_holds(id, self.recent_from())?;
        Ok(u64::from(old) + self.recent.group_holds(id))
    }

    /// The event that made a change of an account, however old it is.
    pub(crate) fn find_update<J: Journal>(
        &self,
        journal: &J,
        id: UpdateId,
    ) -> Result<Option<Sequence>, Unreadable> {
        match self.recent.update(id) {
            Some(sequence) => Ok(Some(sequence)),
            None => journal.old_update(id),
        }
    }

    pub(crate) fn newest_account(&self) -> Timestamp {
        self.clock.newest_account
    }

    pub(crate) fn newest_transfer(&self) -> Timestamp {
        self.clock.newest_transfer
    }
}
