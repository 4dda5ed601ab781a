//! Going back through the changes of an account, as far as the work of a page reaches.

use ledger_core::{AccountId, Amount, Event, Fact, Sequence, TransferFlags, TransferId};

use super::past::Past;
use super::put_back::contradiction;
use super::work::Work;
use crate::runs::{Postings, Role, Section};
use crate::{Direction, QueryError, ReadError};

/// How many changes of an account are looked up at first.
const CHANGES_MIN: usize = 16;
/// The most that are looked up at once.
const CHANGES_MAX: usize = 2048;

/// How far the changes of an account were gone back through, where that took more work than a page
/// may take. The next page begins with this account, and goes on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct Retraced {
    /// The newest event that was not looked at; zero if all are still to be.
    pub next: Sequence,
    /// Whether updates were looked at, and not only what closed the account.
    pub updates: bool,
    /// The newest event that closed the account; zero if none was met.
    pub closed: Sequence,
    /// The newest event that gave it its overdraft limit; zero if none was met.
    pub overdraft_limit: Sequence,
    /// The newest event that gave it its ceiling; zero if none was met.
    pub balance_max: Sequence,
    /// The newest event that gave it its name, or took it; zero if none was met.
    pub name: Sequence,
}

/// What is to be known of an account as it was.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Sought {
    /// What closed it.
    pub(super) closing: bool,
    /// Its overdraft limit and its ceiling.
    pub(super) limits: bool,
    /// Its name.
    pub(super) name: bool,
}

impl Sought {
    fn updates(self) -> bool {
        self.limits || self.name
    }
}

/// What the changes of an account tell of it, from some event on back.
pub(super) struct Retrace<'a> {
    past: &'a Past,
    id: AccountId,
    sought: Sought,
    /// The newest event that was not looked at.
    next: Sequence,
    /// Whether a client said how far the page before had come.
    is_resumed: bool,
    closed: Option<Sequence>,
    /// With the event that says so, as are the others.
    overdraft_limit: Option<(Sequence, Amount)>,
    balance_max: Option<(Sequence, Amount)>,
    /// The value is what `Account::named` was.
    name: Option<(Sequence, Sequence)>,
}

impl<'a> Retrace<'a> {
    /// Begins with the account as it was at `as_of`, or where `retraced` left off.
    pub(super) fn new(
        past: &'a Past,
        id: AccountId,
        as_of: Sequence,
        sought: Sought,
        retraced: Retraced,
        work: &mut Work,
    ) -> Result<Self, QueryError> {
        let mut retrace = Self {
            past,
            id,
            sought,
            next: as_of,
            is_resumed: false,
            closed: None,
            overdraft_limit: None,
            balance_max: None,
            name: None,
        };
        // Meanwhile the account may have been updated for the first time since: then there is
        // something else to look for, once, from the beginning.
        let goes_on = retraced.updates || !sought.updates();
        if retraced.next != Sequence::ZERO && goes_on {
            retrace.resume(as_of, retraced, work)?;
        }
        Ok(retrace)
    }

    fn resume(
        &mut self,
        as_of: Sequence,
        retraced: Retraced,
        work: &mut Work,
    ) -> Result<(), QueryError> {
        self.is_resumed = true;
        let Retraced {
            next,
            updates: _,
            closed,
            overdraft_limit,
            balance_max,
            name,
        } = retraced;
        let met = [closed, overdraft_limit, balance_max, name];
        if next >= as_of || met.iter().any(|&met| met > as_of) {
            return Err(QueryError::Position);
        }
        self.next = next;
        self.closed = (closed != Sequence::ZERO).then_some(closed);
        for met in [overdraft_limit, balance_max, name] {
            if met == Sequence::ZERO {
                continue;
            }
            work.read_event();
            let event = self.past.event(met)?;
            let told = told(&event, self.id).ok_or(QueryError::Position)?;
            if met == overdraft_limit {
                self.overdraft_limit = told.overdraft_limit.map(|limit| (met, limit));
            }
            if met == balance_max {
                self.balance_max = told.balance_max.map(|limit| (met, limit));
            }
            if met == name {
                self.name = told.named.map(|named| (met, named));
            }
        }
        Ok(())
    }

    /// The event that gave the account its name is known.
    pub(super) fn know_name(&mut self, named: Sequence) {
        self.name = Some((named, named));
    }

    /// Goes back until everything that is sought is found; or until the work is done, and then
    /// tells how far it came. Looks at one change at least.
    pub(super) fn go(&mut self, work: &mut Work) -> Result<Option<Retraced>, QueryError> {
        let mut changes = self.past.changes(self.id, Sequence::new(1), self.next);
        while !self.is_found() {
            let Some((sequence, role)) = changes.next(work)? else {
                // The oldest change is the creation, which says everything but what closed it.
                if self.sought.updates() && !self.knows_updates() {
                    return Err(self.contradiction(self.next));
                }
                return Ok(None);
            };
            let is_read = role != Role::CLOSED && self.sought.updates();
            if is_read {
                work.read_event();
                let event = self.past.event(sequence)?;
                self.take(sequence, &event)?;
            } else if role == Role::CLOSED {
                self.closed = self.closed.or(Some(sequence));
            }
            self.next = Sequence::new(sequence.get() - 1);
            // What was looked up already costs no more, unless an event is read for it.
            let costs_more = is_read || changes.read.is_empty();
            if work.is_done() && costs_more && self.next != Sequence::ZERO && !self.is_found() {
                return Ok(Some(self.retraced()));
            }
        }
        Ok(None)
    }

    /// The hold that closed the account last, if one did.
    pub(super) fn closing_hold(&self, work: &mut Work) -> Result<Option<TransferId>, QueryError> {
        let Some(closed) = self.closed else {
            return Ok(None);
        };
        work.read_event();
        let event = self.past.event(closed)?;
        match &event.fact {
            Fact::TransferCreated(created)
                if [
                    (
                        TransferFlags::CLOSING_DEBIT,
                        created.transfer.debit_account_id,
                    ),
                    (
                        TransferFlags::CLOSING_CREDIT,
                        created.transfer.credit_account_id,
                    ),
                ]
                .iter()
                .any(|&(flag, id)| created.transfer.flags.contains(flag) && id == self.id) =>
            {
                Ok(Some(created.transfer.id))
            }
            _ => Err(self.contradiction(closed)),
        }
    }

    /// The overdraft limit and the ceiling, once they were sought and found.
    pub(super) fn limits(&self) -> Option<(Amount, Amount)> {
        let (_, overdraft_limit) = self.overdraft_limit?;
        let (_, balance_max) = self.balance_max?;
        Some((overdraft_limit, balance_max))
    }

    /// The event that gave the name, zero if there was none, once it was sought and found.
    pub(super) fn named(&self) -> Option<Sequence> {
        self.name.map(|(_, named)| named)
    }

    /// Takes from an event what no newer one said.
    fn take(&mut self, sequence: Sequence, event: &Event) -> Result<(), QueryError> {
        let told = told(event, self.id).ok_or_else(|| contradiction(event))?;
        let with = |value: Option<Amount>| value.map(|value| (sequence, value));
        self.overdraft_limit = self.overdraft_limit.or(with(told.overdraft_limit));
        self.balance_max = self.balance_max.or(with(told.balance_max));
        let named = told.named.map(|named| (sequence, named));
        self.name = self.name.or(named);
        Ok(())
    }

    fn is_found(&self) -> bool {
        (self.closed.is_some() || !self.sought.closing) && self.knows_updates()
    }

    fn knows_updates(&self) -> bool {
        (self.limits().is_some() || !self.sought.limits)
            && (self.name.is_some() || !self.sought.name)
    }

    fn retraced(&self) -> Retraced {
        let of = |found: Option<(Sequence, Amount)>| found.map_or(Sequence::ZERO, |(at, _)| at);
        Retraced {
            next: self.next,
            updates: self.sought.updates(),
            closed: self.closed.unwrap_or(Sequence::ZERO),
            overdraft_limit: of(self.overdraft_limit),
            balance_max: of(self.balance_max),
            name: self.name.map_or(Sequence::ZERO, |(at, _)| at),
        }
    }

    /// What is not as it must be: the journal, or what a client said of the page before.
    fn contradiction(&self, sequence: Sequence) -> QueryError {
        if self.is_resumed {
            QueryError::Position
        } else {
            ReadError::Contradiction { sequence }.into()
        }
    }
}

/// What an event says of an account.
struct Told {
    overdraft_limit: Option<Amount>,
    balance_max: Option<Amount>,
    named: Option<Sequence>,
}

/// What an event that created or updated an account says of it; `None` for any other event.
fn told(event: &Event, id: AccountId) -> Option<Told> {
    let named = |name: &str| match name {
        "" => Sequence::ZERO,
        _ => event.sequence,
    };
    match &event.fact {
        Fact::AccountCreated(account) if account.id == id => Some(Told {
            overdraft_limit: Some(account.overdraft_limit),
            balance_max: Some(account.balance_max),
            named: Some(named(&account.name)),
        }),
        Fact::AccountUpdated(update) if update.id == id => Some(Told {
            overdraft_limit: update.overdraft_limit,
            balance_max: update.balance_max,
            named: update.name.as_deref().map(named),
        }),
        _ => None,
    }
}

impl Past {
    /// Whether a limit or the name changed after `as_of`, through `known`; also if there were so
    /// many changes that it takes as long to tell as to look what they had been.
    pub(super) fn may_be_updated_after(
        &self,
        id: AccountId,
        as_of: Sequence,
        known: Sequence,
        work: &mut Work,
    ) -> Result<bool, QueryError> {
        let mut changes = self.changes(id, as_of.next(), known);
        for _ in 0..CHANGES_MIN {
            match changes.next(work)? {
                None => return Ok(false),
                Some((_, Role::UPDATED)) => return Ok(true),
                Some(_) => {}
            }
        }
        Ok(true)
    }

    /// The events that changed the fields of an account, the newest first.
    fn changes(&self, id: AccountId, from: Sequence, through: Sequence) -> Changes<'_> {
        Changes {
            past: self,
            id,
            from,
            through: Some(through).filter(|&through| from <= through),
            batch: CHANGES_MIN,
            read: Vec::new(),
        }
    }
}

/// The changes of an account, read piece by piece.
struct Changes<'a> {
    past: &'a Past,
    id: AccountId,
    from: Sequence,
    /// Where to read on; `None` at the end.
    through: Option<Sequence>,
    /// How many are read next.
    batch: usize,
    /// Those that were read, the next one last.
    read: Vec<(Sequence, Role)>,
}

impl Changes<'_> {
    fn next(&mut self, work: &mut Work) -> Result<Option<(Sequence, Role)>, QueryError> {
        if let (true, Some(through)) = (self.read.is_empty(), self.through) {
            self.past.view.read(
                Section::AccountChange,
                self.id.get(),
                self.from,
                through,
                Direction::Descending,
                self.batch,
                &mut self.read,
            )?;
            work.read_postings(self.read.len());
            let oldest = self.read.last().map(|&(sequence, _)| sequence);
            self.through = oldest
                .filter(|&oldest| self.read.len() == self.batch && oldest > self.from)
                .map(|oldest| Sequence::new(oldest.get() - 1));
            self.batch = (self.batch * 2).min(CHANGES_MAX);
            self.read.reverse();
        }
        Ok(self.read.pop())
    }
}
