//! What an event does to the totals of the two accounts that it touches.

use crate::{
    AccountId, Amount, Fact, LedgerId, Totals, TransferCreated, TransferExpired, TransferFlags,
};

/// The change of two accounts' totals by one event: the same amounts on the debit side of one and
/// the credit side of the other, so that no event can unbalance a ledger.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Effect {
    /// The account that is debited.
    pub debit_account_id: AccountId,
    /// The account that is credited.
    pub credit_account_id: AccountId,
    /// The ledger of both.
    pub ledger: LedgerId,
    /// Newly reserved.
    pub reserved: Amount,
    /// No longer reserved.
    pub released: Amount,
    /// Newly posted.
    pub posted: Amount,
    /// The debit account's totals after the event.
    pub debit_after: Totals,
    /// The credit account's totals after the event.
    pub credit_after: Totals,
}

impl Effect {
    /// The debit account's totals before the event, or `None` if the event's own totals
    /// contradict its amounts.
    #[must_use]
    pub fn debit_before(&self) -> Option<Totals> {
        let (pending, posted) = self.before(
            self.debit_after.debits_pending,
            self.debit_after.debits_posted,
        )?;
        Some(Totals {
            debits_pending: pending,
            debits_posted: posted,
            ..self.debit_after
        })
    }

    /// The credit account's totals before the event, or `None` if the event's own totals
    /// contradict its amounts.
    #[must_use]
    pub fn credit_before(&self) -> Option<Totals> {
        let (pending, posted) = self.before(
            self.credit_after.credits_pending,
            self.credit_after.credits_posted,
        )?;
        Some(Totals {
            credits_pending: pending,
            credits_posted: posted,
            ..self.credit_after
        })
    }

    fn before(&self, pending: Amount, posted: Amount) -> Option<(Amount, Amount)> {
        let pending = pending
            .checked_sub(self.reserved)?
            .checked_add(self.released)?;
        Some((pending, posted.checked_sub(self.posted)?))
    }
}

impl Fact {
    /// What this does to accounts' totals; `None` if it touches none.
    #[must_use]
    pub fn effect(&self) -> Option<Effect> {
        match self {
            Self::TransferCreated(created) => Some(created.effect()),
            Self::TransferExpired(expired) => Some(expired.effect()),
            _ => None,
        }
    }
}

impl TransferCreated {
    /// What this does to accounts' totals.
    #[must_use]
    pub fn effect(&self) -> Effect {
        let transfer = &self.transfer;
        let moved = Moved::new(transfer.flags, transfer.amount, self.hold.released);
        Effect {
            debit_account_id: transfer.debit_account_id,
            credit_account_id: transfer.credit_account_id,
            ledger: transfer.ledger,
            reserved: moved.reserved,
            released: moved.released,
            posted: moved.posted,
            debit_after: self.debit_after,
            credit_after: self.credit_after,
        }
    }
}

impl TransferExpired {
    /// What this does to accounts' totals.
    #[must_use]
    pub fn effect(&self) -> Effect {
        Effect {
            debit_account_id: self.debit_account_id,
            credit_account_id: self.credit_account_id,
            ledger: self.ledger,
            reserved: Amount::ZERO,
            released: self.released,
            posted: Amount::ZERO,
            debit_after: self.debit_after,
            credit_after: self.credit_after,
        }
    }
}

/// The amounts that one event moves, before it is known where to.
#[derive(Clone, Copy)]
pub(crate) struct Moved {
    pub(crate) reserved: Amount,
    pub(crate) released: Amount,
    pub(crate) posted: Amount,
}

impl Moved {
    /// What a transfer with these flags and this actual amount moves; `released` is what a post or
    /// a void frees of a reservation without posting it.
    pub(crate) fn new(flags: TransferFlags, amount: Amount, released: Amount) -> Self {
        let none = Amount::ZERO;
        if flags.contains(TransferFlags::PENDING) {
            Self {
                reserved: amount,
                released: none,
                posted: none,
            }
        } else if flags.contains(TransferFlags::POST_PENDING_TRANSFER) {
            Self {
                reserved: none,
                released: amount.saturating_add(released),
                posted: amount,
            }
        } else if flags.contains(TransferFlags::VOID_PENDING_TRANSFER) {
            Self {
                reserved: none,
                released,
                posted: none,
            }
        } else {
            Self {
                reserved: none,
                released: none,
                posted: amount,
            }
        }
    }

    pub(crate) fn release(released: Amount) -> Self {
        Self {
            reserved: Amount::ZERO,
            released,
            posted: Amount::ZERO,
        }
    }

    /// The totals of the debit account afterwards, or `None` where they cannot be.
    pub(crate) fn debit(self, totals: &Totals) -> Option<Totals> {
        let (pending, posted) = self.after(totals.debits_pending, totals.debits_posted)?;
        Some(Totals {
            debits_pending: pending,
            debits_posted: posted,
            ..*totals
        })
    }

    /// The totals of the credit account afterwards, or `None` where they cannot be.
    pub(crate) fn credit(self, totals: &Totals) -> Option<Totals> {
        let (pending, posted) = self.after(totals.credits_pending, totals.credits_posted)?;
        Some(Totals {
            credits_pending: pending,
            credits_posted: posted,
            ..*totals
        })
    }

    /// Whether `after` is what the totals of the debit account become.
    #[inline]
    pub(crate) fn leads_debit(self, totals: &Totals, after: &Totals) -> bool {
        let moved = self.after(totals.debits_pending, totals.debits_posted);
        moved == Some((after.debits_pending, after.debits_posted))
            && totals.credits_pending == after.credits_pending
            && totals.credits_posted == after.credits_posted
    }

    /// Whether `after` is what the totals of the credit account become.
    #[inline]
    pub(crate) fn leads_credit(self, totals: &Totals, after: &Totals) -> bool {
        let moved = self.after(totals.credits_pending, totals.credits_posted);
        moved == Some((after.credits_pending, after.credits_posted))
            && totals.debits_pending == after.debits_pending
            && totals.debits_posted == after.debits_posted
    }

    #[inline]
    fn after(self, pending: Amount, posted: Amount) -> Option<(Amount, Amount)> {
        let pending = pending
            .checked_sub(self.released)?
            .checked_add(self.reserved)?;
        Some((pending, posted.checked_add(self.posted)?))
    }
}
