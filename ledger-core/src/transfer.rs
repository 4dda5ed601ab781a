//! Transfers: value that moves from one account to another of the same ledger.

use alloc::boxed::Box;

use crate::{AccountId, Amount, GroupId, LedgerId, Timestamp, TransferId};

/// The flag bits of a transfer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct TransferFlags(u32);

impl TransferFlags {
    /// No flag.
    pub const NONE: Self = Self(0);
    /// Tied to the next transfer in the request.
    pub const LINKED: Self = Self(1 << 0);
    /// Reserves (try).
    pub const PENDING: Self = Self(1 << 1);
    /// Posts a reservation, wholly or in part (confirm).
    pub const POST_PENDING_TRANSFER: Self = Self(1 << 2);
    /// Releases a reservation (cancel).
    pub const VOID_PENDING_TRANSFER: Self = Self(1 << 3);
    /// Moves at most what the debit account has.
    pub const BALANCING_DEBIT: Self = Self(1 << 4);
    /// Moves at most what the credit account owes.
    pub const BALANCING_CREDIT: Self = Self(1 << 5);
    /// Closes the debit account while the reservation stands, and after it is posted.
    pub const CLOSING_DEBIT: Self = Self(1 << 6);
    /// Closes the credit account while the reservation stands, and after it is posted.
    pub const CLOSING_CREDIT: Self = Self(1 << 7);
    /// Brought from elsewhere with a timestamp of its own.
    pub const IMPORTED: Self = Self(1 << 8);
    /// A partial post that leaves the rest reserved.
    pub const KEEP_OPEN: Self = Self(1 << 14);
    /// A void or a reversal that, if its target does not exist, keeps it from ever existing.
    pub const FENCE: Self = Self(1 << 15);

    const KNOWN: u32 = 0b1100_0001_1111_1111;

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

    /// Whether any flag of `other` is set.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
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

/// A transfer: as a client asks for it, and, inside an event, as it was recorded, with every
/// field filled in. Immutable once created.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Transfer {
    /// Names this transfer for the life of the database; neither zero nor the maximum.
    pub id: TransferId,
    /// Where value is taken from.
    pub debit_account_id: AccountId,
    /// Where value goes to.
    pub credit_account_id: AccountId,
    /// How much moves; [`Amount::MAX`] in a post or a reversal asks for all that is left.
    pub amount: Amount,
    /// The reservation that a post or a void resolves.
    pub pending_id: TransferId,
    /// The transfer whose value this one gives back.
    pub reverses_id: TransferId,
    /// The business event that this is a leg of.
    pub group_id: GroupId,
    /// The client's, never interpreted.
    pub user_data_128: u128,
    /// The client's, never interpreted.
    pub user_data_64: u64,
    /// The client's, never interpreted.
    pub user_data_32: u32,
    /// UTF-8, at most [`Transfer::REFERENCE_BYTES_MAX`] bytes: the provider's or order's own id.
    pub reference: Box<str>,
    /// Seconds until a reservation expires; zero means never.
    pub timeout: u32,
    /// The ledger of both accounts.
    pub ledger: LedgerId,
    /// What kind of transfer this is, in the client's terms.
    pub code: u16,
    /// See [`TransferFlags`].
    pub flags: TransferFlags,
    /// Zero, or the transfer's own moment if it is imported; once recorded, its moment.
    pub timestamp: Timestamp,
}

impl Transfer {
    /// The longest reference, in bytes.
    pub const REFERENCE_BYTES_MAX: usize = 64;
}
