//! What some events, in order, do to one account.

use ledger_core::{
    AccountFlags, AccountId, AccountUpdate, Amount, LedgerId, Sequence, StateDigest, Totals,
};

use super::error::Difference;
use super::net::{Movement, Net};
use crate::journal::DecodeError;
use crate::journal::integer::Cursor;
use crate::snapshot::block::Kind;
use crate::snapshot::entry::{Entry, Positioned, put_int};

/// What some events, in order, do to one account. It lies in files for as long as one derivation
/// takes, so its form is nobody's business.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Change {
    pub(super) id: AccountId,
    pub(super) moved: Movement,
    pub(super) last: Option<Last>,
    pub(super) rarer: Option<Box<Rarer>>,
}

/// What the last event among them that touched the account's totals says of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Last {
    pub(super) sequence: Sequence,
    pub(super) ledger: LedgerId,
    pub(super) totals: Totals,
}

/// What happens to few accounts.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Rarer {
    pub(super) created: Option<Positioned>,
    pub(super) overdraft_limit: Option<Amount>,
    pub(super) balance_max: Option<Amount>,
    /// The event with the newest name; zero if it took the name away.
    pub(super) named: Option<Sequence>,
    /// The last event that closed or opened it, and which it was.
    pub(super) closed: Option<(Sequence, bool)>,
}

impl Change {
    pub(super) const fn none(id: AccountId) -> Self {
        Self {
            id,
            moved: Movement::from_sides([Net::from_parts(0, 0); 4]),
            last: None,
            rarer: None,
        }
    }

    pub(super) fn rarer(&mut self) -> &mut Rarer {
        self.rarer.get_or_insert_default()
    }

    pub(super) fn update(&mut self, update: &AccountUpdate, sequence: Sequence) {
        let rarer = self.rarer();
        rarer.overdraft_limit = update.overdraft_limit.or(rarer.overdraft_limit);
        rarer.balance_max = update.balance_max.or(rarer.balance_max);
        if let Some(name) = &update.name {
            rarer.named = Some(match name.is_empty() {
                true => Sequence::ZERO,
                false => sequence,
            });
        }
    }

    /// The account is closed or opened by an event. Of several the last one counts, in whatever
    /// order they are told.
    pub(super) fn close(&mut self, sequence: Sequence, closed: bool) {
        let before = &mut self.rarer().closed;
        if before.is_none_or(|(newest, _)| newest <= sequence) {
            *before = Some((sequence, closed));
        }
    }

    /// Adds what later events do.
    pub(super) fn join(&mut self, later: Self) -> Result<(), Difference> {
        self.moved.join(&later.moved);
        self.last = later.last.or(self.last);
        let Some(rarer) = later.rarer else {
            return Ok(());
        };
        let mine = self.rarer();
        if let Some(created) = rarer.created {
            if mine.created.is_some() {
                return Err(Difference::AccountRepeated(self.id));
            }
            mine.created = Some(created);
        }
        mine.overdraft_limit = rarer.overdraft_limit.or(mine.overdraft_limit);
        mine.balance_max = rarer.balance_max.or(mine.balance_max);
        mine.named = rarer.named.or(mine.named);
        if let Some((sequence, closed)) = rarer.closed {
            self.close(sequence, closed);
        }
        Ok(())
    }

    /// The account after it. The amounts, added up, must give the totals that the last event says.
    pub(super) fn apply(mut self, before: Option<Positioned>) -> Result<Positioned, Difference> {
        let created = self.rarer.as_mut().and_then(|rarer| rarer.created.take());
        let mut after = match (before, created) {
            (Some(_), Some(_)) => return Err(Difference::AccountRepeated(self.id)),
            (None, None) => return Err(Difference::AccountUnknown(self.id)),
            (Some(one), None) | (None, Some(one)) => one,
        };
        let account = &mut after.account;
        let totals = self.moved.after(&account.totals);
        if let Some(last) = self.last {
            if totals != Some(last.totals) {
                return Err(Difference::TotalsDiffer {
                    account: self.id,
                    last: last.sequence,
                });
            }
            if account.ledger != last.ledger {
                return Err(Difference::LedgerDifferent(self.id));
            }
            account.totals = last.totals;
            account.changed = last.sequence;
        }
        if let Some(rarer) = self.rarer {
            account.overdraft_limit = rarer.overdraft_limit.unwrap_or(account.overdraft_limit);
            account.balance_max = rarer.balance_max.unwrap_or(account.balance_max);
            account.named = rarer.named.unwrap_or(account.named);
            account.flags = match rarer.closed {
                Some((_, true)) => account.flags.with(AccountFlags::CLOSED),
                Some((_, false)) => account.flags.without(AccountFlags::CLOSED),
                None => account.flags,
            };
        }
        Ok(after)
    }
}

const MOVED: u8 = 1 << 0;
const CREATED: u8 = 1 << 1;
const OVERDRAFT_LIMIT: u8 = 1 << 2;
const BALANCE_MAX: u8 = 1 << 3;
const NAMED: u8 = 1 << 4;
const CLOSED: u8 = 1 << 5;
const OPENED: u8 = 1 << 6;

impl Entry for Change {
    type Key = AccountId;
    const KIND: Kind = Kind::Changes;

    fn key(&self) -> AccountId {
        self.id
    }

    fn follows(&self, before: &AccountId) -> bool {
        self.id > *before
    }

    fn digest(&self, _: &mut StateDigest) {}

    fn put(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.id.get().to_le_bytes());
        let presence_at = bytes.len();
        bytes.push(0);
        let mut presence = 0;
        if let Some(last) = self.last {
            presence |= MOVED;
            for side in self.moved.sides() {
                let (high, low) = side.parts();
                bytes.extend(high.to_le_bytes());
                put_int(bytes, low);
            }
            put_int(bytes, last.sequence.get().into());
            put_int(bytes, last.ledger.get().into());
            let totals = last.totals;
            for total in [
                totals.debits_pending,
                totals.debits_posted,
                totals.credits_pending,
                totals.credits_posted,
            ] {
                put_int(bytes, total.get());
            }
        }
        if let Some(rarer) = &self.rarer {
            if let Some(created) = &rarer.created {
                presence |= CREATED;
                created.put(bytes);
            }
            let closed = match rarer.closed {
                Some((_, true)) => CLOSED,
                _ => OPENED,
            };
            let numbers = [
                (OVERDRAFT_LIMIT, rarer.overdraft_limit.map(Amount::get)),
                (BALANCE_MAX, rarer.balance_max.map(Amount::get)),
                (NAMED, rarer.named.map(|named| named.get().into())),
                (closed, rarer.closed.map(|(closed, _)| closed.get().into())),
            ];
            for (bit, number) in numbers {
                if let Some(number) = number {
                    presence |= bit;
                    put_int(bytes, number);
                }
            }
        }
        bytes[presence_at] = presence;
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        let mut change = Self::none(AccountId::new(cursor.u128()?));
        let presence = cursor.u8()?;
        let has = |bit| presence & bit != 0;
        if has(MOVED) {
            let mut side = || {
                let high = i64::from_le_bytes(cursor.array()?);
                Ok(Net::from_parts(high, cursor.integer()?))
            };
            change.moved = Movement::from_sides([side()?, side()?, side()?, side()?]);
            change.last = Some(Last {
                sequence: Sequence::new(cursor.narrow()?),
                ledger: LedgerId::new(cursor.narrow()?),
                totals: Totals {
                    debits_pending: Amount::new(cursor.integer()?),
                    debits_posted: Amount::new(cursor.integer()?),
                    credits_pending: Amount::new(cursor.integer()?),
                    credits_posted: Amount::new(cursor.integer()?),
                },
            });
        }
        if has(CREATED) {
            change.rarer().created = Some(Positioned::read(cursor)?);
        }
        if has(OVERDRAFT_LIMIT) {
            change.rarer().overdraft_limit = Some(Amount::new(cursor.integer()?));
        }
        if has(BALANCE_MAX) {
            change.rarer().balance_max = Some(Amount::new(cursor.integer()?));
        }
        if has(NAMED) {
            change.rarer().named = Some(Sequence::new(cursor.narrow()?));
        }
        if has(CLOSED) || has(OPENED) {
            change.rarer().closed = Some((Sequence::new(cursor.narrow()?), has(CLOSED)));
        }
        Ok(change)
    }
}
