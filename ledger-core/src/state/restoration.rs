//! A state that is put together from its records instead of the events that led to them.

use super::recent::Recent;
use super::record::Place;
use super::{Account, Contradiction, Hold, Ledger, Slot, Standing, State};
use crate::{Amount, NewAccount, Sequence, Sum, Timestamp, TransferId};

/// A state in the making: from the records of a snapshot.
///
/// Ledgers come first, then accounts, then reservations; within their kind they come in any order.
/// What comes is checked as it comes, and the whole of it at the end, so that a state that is made
/// of wrong records is never used.
pub struct Restoration {
    state: State,
    /// How many accounts are still to come.
    missing: usize,
}

impl Restoration {
    /// Begins a state with so many accounts. `hash_seed` is to be drawn anew by each process.
    ///
    /// # Panics
    /// If memory cannot hold so many.
    #[must_use]
    pub fn new(hash_seed: u64, accounts: usize) -> Self {
        let mut state = State::new(hash_seed);
        let vacant = Account::new(&NewAccount::default(), Sequence::ZERO);
        state.accounts.fill(accounts, &vacant);
        Self {
            state,
            missing: accounts,
        }
    }

    /// Takes a ledger with its sums.
    ///
    /// # Errors
    /// A [`Contradiction`] if its id or code was taken before.
    pub fn ledger(&mut self, ledger: Ledger) -> Result<(), Contradiction> {
        let (id, state) = (ledger.id, &mut self.state);
        if id.is_zero() || state.ledger_index.contains_key(&id) {
            return Err(Contradiction::LedgerRepeated(id));
        }
        if !ledger.code.is_empty()
            && let Some(other) = state.ledger_codes.insert(ledger.code.clone(), id)
        {
            return Err(Contradiction::LedgerRepeated(other));
        }
        let slot = state.ledgers.push(ledger);
        state.ledger_index.insert(id, slot);
        Ok(())
    }

    /// Takes an account. `position` is its rank in the order of creation, from zero.
    ///
    /// # Errors
    /// A [`Contradiction`] if its ledger did not come, or its id or position was taken before.
    pub fn account(&mut self, position: usize, mut account: Account) -> Result<(), Contradiction> {
        let (id, state) = (account.id, &mut self.state);
        let ledger = state.ledger_index.get(&account.ledger);
        let &ledger_slot = ledger.ok_or(Contradiction::LedgerUnknown(account.ledger))?;
        if position >= state.accounts.len() {
            return Err(Contradiction::AccountMisplaced(id));
        }
        let slot = Slot::new(position);
        if id.is_zero() || !state.accounts[slot].id.is_zero() {
            return Err(Contradiction::AccountMisplaced(id));
        }
        let accounts = &state.accounts;
        let known =
            state
                .account_index
                .find_or_insert(state.hasher.hash(id.get()), slot, |other| {
                    accounts[other].id == id
                });
        if known.is_some() {
            return Err(Contradiction::AccountRepeated(id));
        }
        account.ledger_slot = Place(ledger_slot);
        state.accounts[slot] = account;
        self.missing -= 1;
        Ok(())
    }

    /// Takes an open reservation.
    ///
    /// # Errors
    /// A [`Contradiction`] if its accounts did not come or are of another ledger, its amounts do
    /// not add up, or it was taken before.
    pub fn hold(&mut self, mut hold: Hold) -> Result<(), Contradiction> {
        let (id, state) = (hold.id, &mut self.state);
        for (account_id, place) in [
            (hold.debit_account_id, &mut hold.debit),
            (hold.credit_account_id, &mut hold.credit),
        ] {
            let slot = state.existing_account(account_id)?;
            if state.accounts[slot].ledger != hold.ledger {
                return Err(Contradiction::LedgerDifferent(id, hold.ledger));
            }
            *place = Place(slot);
        }
        // What was released of it without being posted is in neither.
        let kept = hold.posted.checked_add(hold.rest);
        if hold.rest.is_zero() && !hold.amount.is_zero()
            || kept.is_none_or(|kept| kept > hold.amount)
        {
            return Err(Contradiction::HoldSplitWrong(id));
        }
        if id == TransferId::ZERO || state.hold_slot(id).is_some() {
            return Err(Contradiction::HoldRepeated(id));
        }
        state.insert_hold(hold);
        Ok(())
    }

    /// The state, if its records agree with each other.
    ///
    /// What it is asked of ids, it asks the journal: [`State::recent_from`] is the next sequence.
    ///
    /// # Errors
    /// A [`Contradiction`] if anything is missing, comes after `standing`, or does not add up: the
    /// sums of each ledger are those of its accounts, its debits equal its credits, and the pending
    /// totals of each account are what is left of its reservations.
    pub fn finish(self, standing: Standing) -> Result<State, Contradiction> {
        let mut state = self.state;
        if self.missing > 0 {
            return Err(Contradiction::AccountsMissing(self.missing));
        }
        state.check_accounts(&standing)?;
        state.check_ledgers(&standing)?;
        state.check_reserved(&standing)?;
        state.clock = standing;
        state.recent = Recent::new(state.hasher.clone(), standing.sequence.next());
        Ok(state)
    }
}

/// What the accounts of a ledger add up to.
#[derive(Clone)]
struct LedgerSums {
    sums: [Sum; 4],
    accounts: u64,
}

impl State {
    /// Accounts were created in the order of their positions, and none of them after the end.
    fn check_accounts(&self, standing: &Standing) -> Result<(), Contradiction> {
        let (mut created, mut newest) = (Sequence::ZERO, Timestamp::ZERO);
        for account in self.accounts.iter_from(0) {
            if account.created <= created {
                return Err(Contradiction::AccountMisplaced(account.id));
            }
            created = account.created;
            newest = newest.max(account.timestamp);
            let latest = account.changed.max(account.named).max(account.created);
            check_not_beyond(latest, standing)?;
        }
        if newest == standing.newest_account {
            Ok(())
        } else {
            Err(Contradiction::StandingWrong)
        }
    }

    fn check_ledgers(&self, standing: &Standing) -> Result<(), Contradiction> {
        let none = LedgerSums {
            sums: [Sum::ZERO; 4],
            accounts: 0,
        };
        let mut by_accounts = alloc::vec![none; self.ledgers.len()];
        for account in self.accounts.iter_from(0) {
            let ledger = &mut by_accounts[account.ledger_slot.0.position()];
            ledger.accounts += 1;
            let totals = &account.totals;
            for (sum, total) in ledger.sums.iter_mut().zip([
                totals.debits_pending,
                totals.debits_posted,
                totals.credits_pending,
                totals.credits_posted,
            ]) {
                sum.add(total);
            }
        }
        let mut transfers: u64 = 0;
        for (ledger, by_accounts) in self.ledgers.iter_from(0).zip(by_accounts) {
            let sums = [
                ledger.debits_pending,
                ledger.debits_posted,
                ledger.credits_pending,
                ledger.credits_posted,
            ];
            if sums != by_accounts.sums || ledger.accounts != by_accounts.accounts {
                return Err(Contradiction::LedgerSumsWrong(ledger.id));
            }
            if !ledger.is_balanced() {
                return Err(Contradiction::LedgerUnbalanced(ledger.id));
            }
            transfers = transfers.saturating_add(ledger.transfers);
        }
        if transfers == standing.transfers {
            Ok(())
        } else {
            Err(Contradiction::StandingWrong)
        }
    }

    /// What is reserved in each account is what is left of its reservations. It is taken out of
    /// the totals and put back, which takes no memory however many there are.
    fn check_reserved(&mut self, standing: &Standing) -> Result<(), Contradiction> {
        let holds = &self.holds;
        let open = || holds.iter_from(0).filter(|hold| !hold.id.is_zero());
        for hold in open() {
            check_not_beyond(hold.sequence, standing)?;
            let debits = &mut self.accounts[hold.debit.0].totals.debits_pending;
            *debits = debits
                .checked_sub(hold.rest)
                .ok_or(Contradiction::PendingWrong(hold.debit_account_id))?;
            let credits = &mut self.accounts[hold.credit.0].totals.credits_pending;
            *credits = credits
                .checked_sub(hold.rest)
                .ok_or(Contradiction::PendingWrong(hold.credit_account_id))?;
        }
        let reserved_by_none = self.accounts.iter_from(0).find(|account| {
            let totals = &account.totals;
            !(totals.debits_pending.is_zero() && totals.credits_pending.is_zero())
        });
        if let Some(account) = reserved_by_none {
            return Err(Contradiction::PendingWrong(account.id));
        }
        let put_back = |total: &mut Amount, rest| {
            *total = total.checked_add(rest).expect("it was taken out before");
        };
        for hold in open() {
            let debit = &mut self.accounts[hold.debit.0].totals;
            put_back(&mut debit.debits_pending, hold.rest);
            let credit = &mut self.accounts[hold.credit.0].totals;
            put_back(&mut credit.credits_pending, hold.rest);
        }
        Ok(())
    }
}

fn check_not_beyond(found: Sequence, standing: &Standing) -> Result<(), Contradiction> {
    if found <= standing.sequence {
        Ok(())
    } else {
        Err(Contradiction::BeyondEnd {
            newest: standing.sequence,
            found,
        })
    }
}
