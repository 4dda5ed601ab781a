//! Accounts as they stood: the newest state is put back to an earlier moment.

use ledger_core::{Account, AccountFlags, AccountId, Event, Sequence, Totals, TransferId};

use super::past::Past;
use super::retrace::{Retrace, Retraced, Sought};
use super::work::Work;
use crate::runs::{Role, Section};
use crate::{QueryError, ReadError};

/// What of an account is put back. The rest stays as it is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Aspect {
    /// Totals, and the event that changed them last.
    Totals,
    /// These, and the event that gave the name.
    Name,
    /// Everything.
    Whole,
}

/// From where to where an account is put back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    /// The moment that the account is known as of.
    pub(super) known: Sequence,
    /// The earlier one, at which it was there already.
    pub(super) as_of: Sequence,
}

impl Past {
    /// Puts an account back, going on where `retraced` left off.
    ///
    /// If the work is done before, it tells how far it came, and the account is worth nothing.
    pub(super) fn put_back(
        &self,
        account: &mut Account,
        span: Span,
        aspect: Aspect,
        retraced: Retraced,
        work: &mut Work,
    ) -> Result<Option<Retraced>, QueryError> {
        let Span { known, as_of } = span;
        let is_changed = account.changed > as_of;
        if is_changed {
            work.read_postings(1);
            work.read_event();
            let (changed, totals) = match self.totals_at(account.id, as_of)? {
                Some((changed, totals)) => (changed, totals),
                None => (account.created, Totals::ZERO),
            };
            account.changed = changed;
            account.totals = totals;
        }
        // The name is still the one that it was, if no later event gave it.
        let is_name_old = account.named != Sequence::ZERO && account.named <= as_of;
        let is_updated = match aspect {
            Aspect::Totals => false,
            Aspect::Name if is_name_old => false,
            Aspect::Name | Aspect::Whole => {
                retraced.updates || self.may_be_updated_after(account.id, as_of, known, work)?
            }
        };
        let sought = Sought {
            // What closes an account or opens it again changes its totals, too.
            closing: is_changed && aspect == Aspect::Whole,
            limits: is_updated && aspect == Aspect::Whole,
            name: is_updated,
        };
        let mut retrace = Retrace::new(self, account.id, as_of, sought, retraced, work)?;
        if is_name_old {
            retrace.know_name(account.named);
        }
        if let Some(retraced) = retrace.go(work)? {
            return Ok(Some(retraced));
        }
        if sought.closing {
            let open = account.flags.without(AccountFlags::CLOSED);
            let closed = match retrace.closing_hold(work)? {
                Some(hold) => self.is_open(hold, as_of, work)?,
                None => false,
            };
            account.flags = if closed {
                open.with(AccountFlags::CLOSED)
            } else {
                open
            };
        }
        if let (true, Some((overdraft_limit, balance_max))) = (sought.limits, retrace.limits()) {
            account.overdraft_limit = overdraft_limit;
            account.balance_max = balance_max;
        }
        if let (true, Some(named)) = (sought.name, retrace.named()) {
            account.named = named;
        }
        Ok(None)
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

    /// Whether a hold that closed an account kept it closed: it was neither voided nor had it
    /// expired.
    fn is_open(
        &self,
        hold: TransferId,
        as_of: Sequence,
        work: &mut Work,
    ) -> Result<bool, QueryError> {
        work.read_postings(1);
        let act = self.newest(Section::Pending, hold.get(), as_of)?;
        Ok(!act.is_some_and(|(_, role)| matches!(role, Role::VOID | Role::EXPIRY)))
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

/// The index leads to an event that does not tell what it was looked up for.
pub(super) fn contradiction(event: &Event) -> ReadError {
    ReadError::Contradiction {
        sequence: event.sequence,
    }
}
