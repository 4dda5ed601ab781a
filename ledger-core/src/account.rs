//! Accounts, as a client asks for them and as the ledger keeps them.

use alloc::boxed::Box;

use crate::{AccountId, Amount, LedgerId, Timestamp, UpdateId};

/// The flag bits of an account.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct AccountFlags(u32);

impl AccountFlags {
    /// No flag.
    pub const NONE: Self = Self(0);
    /// Tied to the next account in the request.
    pub const LINKED: Self = Self(1 << 0);
    /// Debits, pending ones included, never exceed posted credits and the overdraft limit.
    pub const DEBITS_MUST_NOT_EXCEED_CREDITS: Self = Self(1 << 1);
    /// Credits, pending ones included, never exceed posted debits and the overdraft limit.
    pub const CREDITS_MUST_NOT_EXCEED_DEBITS: Self = Self(1 << 2);
    /// Accepted, and means nothing: every account has history.
    pub const HISTORY: Self = Self(1 << 3);
    /// Brought from elsewhere with a timestamp of its own.
    pub const IMPORTED: Self = Self(1 << 4);
    /// Accepts nothing but a void.
    pub const CLOSED: Self = Self(1 << 5);

    const KNOWN: u32 = (1 << 6) - 1;

    /// Wraps bits as they came; unknown ones are judged later.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether all flags of `other` are set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any bit is set that has no meaning.
    #[must_use]
    pub const fn has_reserved(self) -> bool {
        self.0 & !Self::KNOWN != 0
    }

    /// These flags and those of `other`.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These flags without those of `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// An account as a client asks for it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct NewAccount {
    /// The client's choice; neither zero nor the maximum; unique over the database.
    pub id: AccountId,
    /// The one asset that this account holds.
    pub ledger: LedgerId,
    /// What kind of account this is, in the client's terms; not zero.
    pub code: u16,
    /// See [`AccountFlags`].
    pub flags: AccountFlags,
    /// The client's, never interpreted.
    pub user_data_128: u128,
    /// The client's, never interpreted.
    pub user_data_64: u64,
    /// The client's, never interpreted.
    pub user_data_32: u32,
    /// How far the side that a flag limits may go beyond the other one.
    pub overdraft_limit: Amount,
    /// The ceiling of the balance; zero means none.
    pub balance_max: Amount,
    /// UTF-8, at most [`NewAccount::NAME_BYTES_MAX`] bytes, may be empty, need not be unique.
    pub name: Box<str>,
    /// Zero, or the account's own moment if it is imported.
    pub timestamp: Timestamp,
    /// Zero, as are the other three: only the database changes totals.
    pub totals: Totals,
}

impl NewAccount {
    /// The longest name, in bytes.
    pub const NAME_BYTES_MAX: usize = 255;
}

/// The four running totals of an account. A balance is the difference of two of them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct Totals {
    /// Reserved by pending transfers that debit the account.
    pub debits_pending: Amount,
    /// Debited for good.
    pub debits_posted: Amount,
    /// Reserved by pending transfers that credit the account.
    pub credits_pending: Amount,
    /// Credited for good.
    pub credits_posted: Amount,
}

impl Totals {
    /// The totals of an account that nothing has touched.
    pub const ZERO: Self = Self {
        debits_pending: Amount::ZERO,
        debits_posted: Amount::ZERO,
        credits_pending: Amount::ZERO,
        credits_posted: Amount::ZERO,
    };
}

/// A change of an account, as a client asks for it. An absent field stays as it is.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct AccountUpdate {
    /// Names this change for ever.
    pub update_id: UpdateId,
    /// The account to change.
    pub id: AccountId,
    /// The new limit, if it changes.
    pub overdraft_limit: Option<Amount>,
    /// The new ceiling, if it changes; zero removes it.
    pub balance_max: Option<Amount>,
    /// The new name, if it changes; empty removes it.
    pub name: Option<Box<str>>,
}
