//! What the books say of the whole, to be compared with what was made from the same events.

use ledger_core::{Account, AccountFlags, AccountId, Hold, Ledger, Sequence, Standing, TransferId};

use super::{Books, NameHash};

impl Books {
    /// Whether the counters of a state after these events can be these. Its time may be later than
    /// that of the last event, if that was observed.
    pub(in crate::verify) fn stand_as(&self, standing: &Standing) -> bool {
        let found = (standing.sequence, standing.transfers);
        let newest = (standing.newest_account, standing.newest_transfer);
        found == (self.sequence, self.transfers)
            && newest == (self.newest_account, self.newest_transfer)
            && standing.time >= self.time
    }

    /// The account at a place in the order of creation, as it stands now.
    pub(in crate::verify) fn account(&self, position: u32) -> Option<Account> {
        let books = self.accounts.get(position as usize)?;
        let mut account = books.account.clone();
        if books.is_closed() {
            account.flags = account.flags.with(AccountFlags::CLOSED);
        }
        Some(account)
    }

    /// An open reservation as it stands now.
    pub(in crate::verify) fn hold(&self, id: TransferId) -> Option<&Hold> {
        self.open_holds.get(&id.get()).map(|open| &open.hold)
    }

    /// The ledgers in the order of their ids.
    pub(in crate::verify) fn ledgers(&self) -> Vec<Ledger> {
        let proofs = self.proofs().into_iter();
        proofs
            .map(|proof| Ledger {
                code: proof.code,
                scale: proof.scale,
                debits_pending: proof.debits_pending,
                debits_posted: proof.debits_posted,
                credits_pending: proof.credits_pending,
                credits_posted: proof.credits_posted,
                accounts: proof.accounts,
                transfers: self.transfers_of.get(&proof.ledger).copied().unwrap_or(0),
                ..Ledger::new(proof.ledger)
            })
            .collect()
    }

    /// The event that gave an account its name, and the name's hash.
    pub(in crate::verify) fn name(&self, account: AccountId) -> Option<(Sequence, NameHash)> {
        self.names.get(&account).copied()
    }

    /// The accounts that have a name.
    pub(in crate::verify) fn named(&self) -> impl Iterator<Item = AccountId> {
        self.names.keys().copied()
    }
}
