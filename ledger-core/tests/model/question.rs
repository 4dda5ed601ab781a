//! All that the rules for transfers look at: the event, the one that has its id already, the
//! transfer that it names, and its accounts.

use ledger_core::{Amount, Timestamp, Transfer, TransferFlags as F, TransferId};

use super::Place;
use super::world::{Account, End, HoldState, Made, Meaning, World};

/// The kinds of transfer that the rules tell apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Single,
    Pending,
    Reversal,
    Post,
    Void,
}

impl Kind {
    pub fn of(transfer: &Transfer) -> Self {
        if transfer.flags.contains(F::POST_PENDING_TRANSFER) {
            Self::Post
        } else if transfer.flags.contains(F::VOID_PENDING_TRANSFER) {
            Self::Void
        } else if !transfer.reverses_id.is_zero() {
            Self::Reversal
        } else if transfer.flags.contains(F::PENDING) {
            Self::Pending
        } else {
            Self::Single
        }
    }

    /// Whether accounts and ledger may be left zero, to be taken from the target.
    pub fn fills_in(self) -> bool {
        matches!(self, Self::Post | Self::Void | Self::Reversal)
    }
}

/// Everything that the answer to a transfer depends on.
pub struct Question<'a> {
    pub world: &'a World,
    /// The journal time at which it is judged.
    pub moment: Timestamp,
    pub asked: &'a Transfer,
    pub place: Place,
}

/// Which kinds of transfer fill in a field that was left zero.
#[derive(Clone, Copy)]
pub enum Filled {
    Never,
    ByPostAndVoid,
    ByPostVoidAndReversal,
}

impl Question<'_> {
    pub fn kind(&self) -> Kind {
        Kind::of(self.asked)
    }

    pub fn has(&self, flag: F) -> bool {
        self.asked.flags.contains(flag)
    }

    pub fn is_single_or_pending(&self) -> bool {
        matches!(self.kind(), Kind::Single | Kind::Pending)
    }

    pub fn is_reversal(&self) -> bool {
        self.kind() == Kind::Reversal
    }

    pub fn is_post_or_void(&self) -> bool {
        matches!(self.kind(), Kind::Post | Kind::Void)
    }

    pub fn moves(&self) -> bool {
        !self.is_post_or_void()
    }

    // ---- The event that has this id already.

    pub fn existing(&self) -> Option<&Made> {
        self.world.made(self.asked.id)
    }

    /// Whether a field differs from the existing transfer's. In a post, void or reversal a field
    /// left zero compares as what it was filled with.
    pub fn differs<T: PartialEq + Default>(
        &self,
        field: fn(&Transfer) -> T,
        filled: Filled,
    ) -> bool {
        let asked = field(self.asked);
        let existing = match self.world.ids.get(&self.asked.id) {
            Some(Meaning::Created(made)) => made,
            // A fence was recorded as it was asked; nothing was filled in.
            Some(Meaning::Fence { asked: earlier, .. }) => return field(earlier) != asked,
            _ => return false,
        };
        let was_left = asked == T::default();
        let existing_resolves = matches!(Kind::of(&existing.transfer), Kind::Post | Kind::Void);
        let expected = match filled {
            Filled::ByPostVoidAndReversal
                if was_left && Kind::of(&existing.transfer).fills_in() =>
            {
                Some(field(&existing.transfer))
            }
            Filled::ByPostAndVoid if was_left && existing_resolves => {
                let pending = self.world.made(existing.transfer.pending_id);
                pending.map(|pending| field(&pending.transfer))
            }
            _ => None,
        };
        expected.unwrap_or(asked) != field(&existing.transfer)
    }

    pub fn amount_differs(&self) -> bool {
        let asked = self.asked.amount;
        let existing = match self.world.ids.get(&self.asked.id) {
            Some(Meaning::Created(made)) => made,
            Some(Meaning::Fence { asked: earlier, .. }) => return earlier.amount != asked,
            _ => return false,
        };
        let stored = existing.transfer.amount;
        let balancing = F::BALANCING_DEBIT.with(F::BALANCING_CREDIT);
        match Kind::of(&existing.transfer) {
            Kind::Post | Kind::Reversal if asked.is_max() => !existing.took_all && !stored.is_max(),
            Kind::Void => {
                let pending = self.world.made(existing.transfer.pending_id);
                let original = pending.map(|pending| pending.transfer.amount);
                !asked.is_zero() && asked != stored && Some(asked) != original
            }
            _ if existing.transfer.flags.intersects(balancing) => asked < stored,
            _ => asked != stored,
        }
    }

    // ---- The transfer that a post or void resolves, or that a reversal gives back.

    pub fn target_id(&self) -> TransferId {
        if self.is_post_or_void() {
            self.asked.pending_id
        } else {
            self.asked.reverses_id
        }
    }

    pub fn target(&self) -> Option<&Made> {
        if self.is_single_or_pending() {
            None
        } else {
            self.world.made(self.target_id())
        }
    }

    /// Whether the target does not exist; one whose id was used up does not.
    pub fn target_is_missing(&self) -> bool {
        !matches!(
            self.world.ids.get(&self.target_id()),
            Some(Meaning::Created(_) | Meaning::Fence { .. })
        )
    }

    pub fn target_is_fenced(&self) -> bool {
        self.world.fenced.contains(&self.target_id())
    }

    /// Whether this event, if nothing refuses it, fences its target.
    pub fn is_fence(&self) -> bool {
        self.has(F::FENCE)
            && (self.kind() == Kind::Void || self.is_reversal())
            && self.target_is_missing()
            && !self.target_is_fenced()
    }

    /// The reservation that a post or void names.
    pub fn hold(&self) -> Option<(&Transfer, &HoldState)> {
        if !self.is_post_or_void() {
            return None;
        }
        let made = self.target()?;
        made.hold.as_ref().map(|hold| (&made.transfer, hold))
    }

    /// Whether a post or void gives a field and the reservation has another value there.
    pub fn hold_has_different<T: PartialEq + Default>(&self, field: fn(&Transfer) -> T) -> bool {
        let given = field(self.asked);
        self.hold()
            .is_some_and(|(hold, _)| given != T::default() && given != field(hold))
    }

    pub fn ended(&self, end: End) -> bool {
        self.hold().is_some_and(|(_, hold)| hold.end == Some(end))
    }

    /// The transfer that a reversal may give back.
    pub fn reversible(&self) -> Option<&Made> {
        let target = self.target().filter(|_| self.is_reversal())?;
        let flags = target.transfer.flags;
        let moved = !flags.contains(F::PENDING) && !flags.contains(F::VOID_PENDING_TRANSFER);
        moved.then_some(target)
    }

    pub fn reversible_rest(&self) -> Option<u128> {
        self.reversible()
            .map(|target| target.transfer.amount.get() - target.reversed)
    }

    // ---- The accounts.

    pub fn debit(&self) -> Option<&Account> {
        let id = match self.kind() {
            Kind::Single | Kind::Pending => self.asked.debit_account_id,
            Kind::Post | Kind::Void => self.hold()?.0.debit_account_id,
            Kind::Reversal => self.reversible()?.transfer.credit_account_id,
        };
        self.world.accounts.get(&id)
    }

    pub fn credit(&self) -> Option<&Account> {
        let id = match self.kind() {
            Kind::Single | Kind::Pending => self.asked.credit_account_id,
            Kind::Post | Kind::Void => self.hold()?.0.credit_account_id,
            Kind::Reversal => self.reversible()?.transfer.debit_account_id,
        };
        self.world.accounts.get(&id)
    }

    /// What would move; unknown where an account or target that decides it is not there.
    pub fn actual_amount(&self) -> Option<u128> {
        let asked = self.asked.amount;
        match self.kind() {
            Kind::Single | Kind::Pending => {
                let mut amount = asked.get();
                if self.has(F::BALANCING_DEBIT) {
                    let totals = self.debit()?.totals;
                    let spent = totals
                        .debits_posted
                        .get()
                        .saturating_add(totals.debits_pending.get());
                    amount = amount.min(totals.credits_posted.get().saturating_sub(spent));
                }
                if self.has(F::BALANCING_CREDIT) {
                    let totals = self.credit()?.totals;
                    let received = totals
                        .credits_posted
                        .get()
                        .saturating_add(totals.credits_pending.get());
                    amount = amount.min(totals.debits_posted.get().saturating_sub(received));
                }
                Some(amount)
            }
            Kind::Reversal if asked.is_max() => self.reversible_rest(),
            Kind::Post if asked.is_max() => self.hold().map(|(_, hold)| hold.rest),
            Kind::Void => self.hold().map(|(_, hold)| hold.rest),
            Kind::Reversal | Kind::Post => Some(asked.get()),
        }
    }

    /// Whether adding the amount to this number of an account's passes 128 bits.
    pub fn overflows(&self, account: Option<&Account>, number: fn(&Account) -> Amount) -> bool {
        let (Some(account), Some(amount)) = (account, self.actual_amount()) else {
            return false;
        };
        self.moves() && number(account).checked_add(Amount::new(amount)).is_none()
    }

    pub fn moves_past_limit(
        &self,
        account: Option<&Account>,
        applies: fn(&Account) -> bool,
        spent: fn(&Account) -> [Amount; 2],
        allowed: fn(&Account) -> [Amount; 2],
    ) -> bool {
        let (Some(account), Some(amount)) = (account, self.actual_amount()) else {
            return false;
        };
        let sum = |amounts: [Amount; 2]| wide_sum(amounts.map(Amount::get));
        let (spent_high, spent_low) = sum(spent(account));
        let (low, carry) = spent_low.overflowing_add(amount);
        self.moves()
            && applies(account)
            && (spent_high + u128::from(carry), low) > sum(allowed(account))
    }

    /// The timestamp that the transfer would get.
    pub fn stamp(&self) -> Timestamp {
        if self.has(F::IMPORTED) {
            self.asked.timestamp
        } else {
            self.moment
        }
    }
}

/// The sum of two numbers as (high, low) parts, since it may pass 128 bits.
fn wide_sum([a, b]: [u128; 2]) -> (u128, u128) {
    let (low, carry) = a.overflowing_add(b);
    (u128::from(carry), low)
}
