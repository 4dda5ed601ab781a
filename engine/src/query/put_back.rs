//! Accounts as they stood: the newest state is put back to an earlier moment.

use ledger_core::{
    Account, AccountFlags, AccountId, Amount, Event, Fact, Sequence, Totals, TransferId,
};

use super::past::Past;
use crate::runs::{Postings, Role, Section};
use crate::{Direction, QueryError, ReadError};

/// How many changes of an account are looked up at once.
const CHANGES_AT_ONCE: usize = 16;

impl Past {
    /// Puts an account, known as of `known`, back to `as_of`, at which it was there already.
    pub(super) fn put_back(
        &self,
        account: &mut Account,
        known: Sequence,
        as_of: Sequence,
    ) -> Result<(), QueryError> {
        if account.changed > as_of {
            let (changed, totals) = match self.totals_at(account.id, as_of)? {
                Some((changed, totals)) => (changed, totals),
                None => (account.created, Totals::ZERO),
            };
            account.changed = changed;
            account.totals = totals;
            // What closes an account or opens it again changes its totals, too.
            let open = account.flags.without(AccountFlags::CLOSED);
            account.flags = if self.is_closed_by_hold(account.id, as_of)? {
                open.with(AccountFlags::CLOSED)
            } else {
                open
            };
        }
        if self.is_updated_after(account.id, as_of, known)? {
            self.put_updates_back(account, as_of)?;
        }
        Ok(())
    }

    /// The totals of an account after its newest event at or before `as_of`, and that event;
    /// `None` if there is none: there is no such account, or nothing has touched it.
    pub(super) fn totals_at(
        &self,
        id: AccountId,
        as_of: Sequence,
    ) -> Result<Option<(Sequence, Totals)>, QueryError> {
        let Some((sequence, _)) = self.newest(Section::Account, id.get(), as_of)? else {
            return Ok(None);
        };
        let totals = totals_after(&self.event(sequence)?, id)?;
        Ok(Some((sequence, totals)))
    }

    /// Whether the account was there.
    pub(super) fn is_there(&self, id: AccountId, as_of: Sequence) -> Result<bool, QueryError> {
        let newest = self.newest(Section::AccountChange, id.get(), as_of)?;
        Ok(newest.is_some())
    }

    /// Whether a limit or the name changed after `as_of`, through `known`.
    pub(super) fn is_updated_after(
        &self,
        id: AccountId,
        as_of: Sequence,
        known: Sequence,
    ) -> Result<bool, QueryError> {
        let mut changes = self.changes(id, as_of.next(), known);
        while let Some((_, role)) = changes.next()? {
            if role == Role::UPDATED {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a hold kept the account closed: the newest one that closed it was neither voided
    /// nor had it expired.
    fn is_closed_by_hold(&self, id: AccountId, as_of: Sequence) -> Result<bool, QueryError> {
        let mut changes = self.changes(id, Sequence::new(1), as_of);
        while let Some((sequence, role)) = changes.next()? {
            if role == Role::CLOSED {
                let hold = closing_hold(&self.event(sequence)?)?;
                let act = self.newest(Section::Pending, hold.get(), as_of)?;
                return Ok(!act.is_some_and(|(_, role)| matches!(role, Role::VOID | Role::EXPIRY)));
            }
        }
        Ok(false)
    }

    /// Gives the account the limits and the name that it had.
    fn put_updates_back(&self, account: &mut Account, as_of: Sequence) -> Result<(), QueryError> {
        let mut had = Had::default();
        let mut changes = self.changes(account.id, Sequence::new(1), as_of);
        while !had.is_whole() {
            let Some((sequence, role)) = changes.next()? else {
                return Err(ReadError::Contradiction { sequence: as_of }.into());
            };
            if role != Role::CLOSED {
                had.fill(&self.event(sequence)?)?;
            }
        }
        let Had {
            overdraft_limit: Some(overdraft_limit),
            balance_max: Some(balance_max),
            named: Some(named),
        } = had
        else {
            unreachable!("it is whole");
        };
        account.overdraft_limit = overdraft_limit;
        account.balance_max = balance_max;
        account.named = named;
        Ok(())
    }

    /// The events that changed the fields of an account, the newest first.
    fn changes(&self, id: AccountId, from: Sequence, through: Sequence) -> Changes<'_> {
        Changes {
            past: self,
            id,
            from,
            through: Some(through).filter(|&through| from <= through),
            read: Vec::new(),
        }
    }
}

/// The changes of an account, read a few at a time.
struct Changes<'a> {
    past: &'a Past,
    id: AccountId,
    from: Sequence,
    /// Where to read on; `None` at the end.
    through: Option<Sequence>,
    /// Those that were read, the next one last.
    read: Vec<(Sequence, Role)>,
}

impl Changes<'_> {
    fn next(&mut self) -> Result<Option<(Sequence, Role)>, QueryError> {
        if let (true, Some(through)) = (self.read.is_empty(), self.through) {
            self.past.view.read(
                Section::AccountChange,
                self.id.get(),
                self.from,
                through,
                Direction::Descending,
                CHANGES_AT_ONCE,
                &mut self.read,
            )?;
            let oldest = self.read.last().map(|&(sequence, _)| sequence);
            self.through = oldest
                .filter(|&oldest| self.read.len() == CHANGES_AT_ONCE && oldest > self.from)
                .map(|oldest| Sequence::new(oldest.get() - 1));
            self.read.reverse();
        }
        Ok(self.read.pop())
    }
}

/// What an account had, as far as it is known.
#[derive(Default)]
struct Had {
    overdraft_limit: Option<Amount>,
    balance_max: Option<Amount>,
    named: Option<Sequence>,
}

impl Had {
    fn is_whole(&self) -> bool {
        self.overdraft_limit.is_some() && self.balance_max.is_some() && self.named.is_some()
    }

    /// Takes from an event what no newer one said.
    fn fill(&mut self, event: &Event) -> Result<(), ReadError> {
        let (overdraft_limit, balance_max, name) = match &event.fact {
            Fact::AccountCreated(account) => (
                Some(account.overdraft_limit),
                Some(account.balance_max),
                Some(&account.name),
            ),
            Fact::AccountUpdated(update) => (
                update.overdraft_limit,
                update.balance_max,
                update.name.as_ref(),
            ),
            _ => return Err(contradiction(event)),
        };
        self.overdraft_limit = self.overdraft_limit.or(overdraft_limit);
        self.balance_max = self.balance_max.or(balance_max);
        self.named = self.named.or(name.map(|name| {
            if name.is_empty() {
                Sequence::ZERO
            } else {
                event.sequence
            }
        }));
        Ok(())
    }
}

/// The totals that an event left an account with.
pub(super) fn totals_after(event: &Event, id: AccountId) -> Result<Totals, ReadError> {
    match event.fact.effect() {
        Some(effect) if effect.debit_account_id == id => Ok(effect.debit_after),
        Some(effect) if effect.credit_account_id == id => Ok(effect.credit_after),
        _ => Err(contradiction(event)),
    }
}

fn closing_hold(event: &Event) -> Result<TransferId, ReadError> {
    match &event.fact {
        Fact::TransferCreated(created) => Ok(created.transfer.id),
        _ => Err(contradiction(event)),
    }
}

/// The index leads to an event that does not tell what it was looked up for.
pub(super) fn contradiction(event: &Event) -> ReadError {
    ReadError::Contradiction {
        sequence: event.sequence,
    }
}
