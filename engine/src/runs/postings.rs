//! What is indexed: the one definition, for the runs and for whatever looks at newer events.

use ledger_core::{AccountId, Event, Fact, Sequence, Transfer, TransferCreated, TransferFlags};

use super::RunError;
use crate::Direction;

/// A kind of key. The numbers are those of the files.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub(crate) enum Section {
    /// Transfer ids: [`Role::OWN`], [`Role::FENCED`], [`Role::ACT`]. Of each id and role only the
    /// newest posting is kept, so that an id costs one block however often it was reversed. What
    /// became of a transfer as of an earlier moment is in [`Section::Pending`] and
    /// [`Section::Reverses`], which keep everything.
    Transfer = 1,
    /// Update ids.
    Update = 2,
    /// Accounts whose totals an event changed: [`Role::DEBIT`], [`Role::CREDIT`].
    Account = 3,
    /// Accounts whose other fields an event changed: [`Role::CREATED`], [`Role::UPDATED`],
    /// [`Role::CLOSED`]. The release of a closing hold does not say that the hold was a closing
    /// one, so it is not here: an account that a hold closed is open again from the void or the
    /// expiry that ended this hold, which [`Section::Pending`] knows. At most one hold closes an
    /// account at a time, since a closed account accepts none.
    AccountChange = 4,
    /// Group ids: [`Role::HOLD`], [`Role::LEG`].
    Group = 5,
    /// Reservations that an event acted on: [`Role::POST`], [`Role::VOID`], [`Role::EXPIRY`],
    /// [`Role::FENCE`].
    Pending = 6,
    /// Transfers that an event reversed, [`Role::REVERSAL`], or meant to: [`Role::FENCE`].
    Reverses = 7,
    /// References of transfers, by [`reference_key`].
    Reference = 8,
    /// `user_data_128`: [`Role::OF_TRANSFER`], [`Role::OF_ACCOUNT`].
    UserData128 = 9,
    /// `user_data_64`, as [`Section::UserData128`].
    UserData64 = 10,
}

impl Section {
    /// All of them, in the order of their numbers.
    pub(crate) const ALL: [Self; 10] = [
        Self::Transfer,
        Self::Update,
        Self::Account,
        Self::AccountChange,
        Self::Group,
        Self::Pending,
        Self::Reverses,
        Self::Reference,
        Self::UserData128,
        Self::UserData64,
    ];

    /// The number in the files.
    pub(crate) const fn number(self) -> u8 {
        self as u8
    }

    /// Whether a filter says of most keys that they are not there. These are the sections that a
    /// write asks for keys which are mostly new.
    pub(crate) const fn has_filter(self) -> bool {
        matches!(self, Self::Transfer | Self::Update | Self::Group)
    }

    /// Whether only the newest posting of each key and role is kept.
    pub(crate) const fn keeps_newest(self) -> bool {
        matches!(self, Self::Transfer)
    }
}

/// What an event has to do with a key; the meaning depends on the section.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Role(u8);

impl Role {
    /// A transfer id: the event created or used up the id, or it is a fence with this id.
    pub(crate) const OWN: Self = Self(0);
    /// A transfer id: the event fenced it.
    pub(crate) const FENCED: Self = Self(1);
    /// A transfer id: the event ended the reservation (post, void or expiry), or reversed the
    /// transfer.
    pub(crate) const ACT: Self = Self(2);
    /// An update id: the event is that update.
    pub(crate) const UPDATE: Self = Self(0);
    /// An account that was debited.
    pub(crate) const DEBIT: Self = Self(0);
    /// An account that was credited.
    pub(crate) const CREDIT: Self = Self(1);
    /// An account that was created.
    pub(crate) const CREATED: Self = Self(0);
    /// An account whose limits or name changed.
    pub(crate) const UPDATED: Self = Self(1);
    /// An account that a hold closed.
    pub(crate) const CLOSED: Self = Self(2);
    /// A group: a transfer of it that is no hold.
    pub(crate) const LEG: Self = Self(0);
    /// A group: a hold of it.
    pub(crate) const HOLD: Self = Self(1);
    /// A reservation that was posted, wholly or in part.
    pub(crate) const POST: Self = Self(0);
    /// A reservation that was voided.
    pub(crate) const VOID: Self = Self(1);
    /// A reservation that expired.
    pub(crate) const EXPIRY: Self = Self(2);
    /// A transfer that was reversed.
    pub(crate) const REVERSAL: Self = Self(0);
    /// A reservation or transfer that did not exist and was fenced.
    pub(crate) const FENCE: Self = Self(3);
    /// A reference or user data of a transfer.
    pub(crate) const OF_TRANSFER: Self = Self(0);
    /// User data of an account, from the event that created it.
    pub(crate) const OF_ACCOUNT: Self = Self(1);

    /// Two bits are there for it.
    pub(crate) const BITS: u32 = 2;

    pub(crate) const fn bits(self) -> u8 {
        self.0
    }

    pub(crate) const fn from_bits(bits: u8) -> Self {
        Self(bits & ((1 << Self::BITS) - 1))
    }
}

/// That an event has to do with a key. Postings are ordered by key, sequence and role.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Posting {
    pub(crate) key: u128,
    pub(crate) sequence: Sequence,
    pub(crate) role: Role,
}

/// Where postings can be looked up, up to some sequence.
pub(crate) trait Postings {
    /// The newest posting of a key at or before `through`.
    ///
    /// # Errors
    /// If that cannot be told. It is never taken for "there is none".
    fn newest(
        &self,
        section: Section,
        key: u128,
        through: Sequence,
    ) -> Result<Option<(Sequence, Role)>, RunError>;

    /// Appends the postings of a key from `from` through `through`, both included, to `out`, at
    /// most `limit` of them, those that come first in `direction`.
    ///
    /// # Errors
    /// As [`Postings::newest`]; `out` may then hold some of them.
    #[expect(
        clippy::too_many_arguments,
        reason = "a range, an order and a bound of one key"
    )]
    fn read(
        &self,
        section: Section,
        key: u128,
        from: Sequence,
        through: Sequence,
        direction: Direction,
        limit: usize,
        out: &mut Vec<(Sequence, Role)>,
    ) -> Result<(), RunError>;
}

/// The key under which a reference is found: the first 128 bits of the text's BLAKE3 hash, little
/// endian; zero, which is never looked up, for an empty one.
pub(crate) fn reference_key(reference: &str) -> u128 {
    if reference.is_empty() {
        return 0;
    }
    let hash = blake3::hash(reference.as_bytes());
    let (first, _) = hash.as_bytes().split_first_chunk().expect("32 bytes");
    u128::from_le_bytes(*first)
}

/// Tells the sink each key of an event, except zero keys, which mean that there is none.
pub(crate) fn postings(event: &Event, sink: &mut impl FnMut(Section, u128, Role)) {
    let mut sink = |section, key, role| {
        if key != 0 {
            sink(section, key, role);
        }
    };
    match &event.fact {
        Fact::TransferCreated(created) => created_postings(created, &mut sink),
        Fact::TransferFenced(transfer) => {
            sink(Section::Transfer, transfer.id.get(), Role::OWN);
            let target = if is_void(transfer) {
                transfer.pending_id
            } else {
                transfer.reverses_id
            };
            sink(Section::Transfer, target.get(), Role::FENCED);
            sink(Section::Pending, transfer.pending_id.get(), Role::FENCE);
            sink(Section::Reverses, transfer.reverses_id.get(), Role::FENCE);
            field_postings(transfer, &mut sink);
        }
        Fact::TransferExpired(expired) => {
            let pending = expired.pending_id.get();
            sink(Section::Transfer, pending, Role::ACT);
            sink(Section::Pending, pending, Role::EXPIRY);
            let (debit, credit) = (expired.debit_account_id, expired.credit_account_id);
            sink(Section::Account, debit.get(), Role::DEBIT);
            sink(Section::Account, credit.get(), Role::CREDIT);
        }
        Fact::TransferRejected(rejected) => {
            sink(Section::Transfer, rejected.id.get(), Role::OWN);
        }
        Fact::AccountCreated(account) => {
            sink(Section::AccountChange, account.id.get(), Role::CREATED);
            sink(
                Section::UserData128,
                account.user_data_128,
                Role::OF_ACCOUNT,
            );
            let user_data_64 = u128::from(account.user_data_64);
            sink(Section::UserData64, user_data_64, Role::OF_ACCOUNT);
        }
        Fact::AccountUpdated(update) => {
            sink(Section::Update, update.update_id.get(), Role::UPDATE);
            sink(Section::AccountChange, update.id.get(), Role::UPDATED);
        }
        // Ledgers are few and in memory; nothing else has a key.
        _ => {}
    }
}

fn created_postings(created: &TransferCreated, sink: &mut impl FnMut(Section, u128, Role)) {
    let transfer = &created.transfer;
    let (debit, credit) = (transfer.debit_account_id, transfer.credit_account_id);
    sink(Section::Transfer, transfer.id.get(), Role::OWN);
    sink(Section::Account, debit.get(), Role::DEBIT);
    sink(Section::Account, credit.get(), Role::CREDIT);
    if !transfer.pending_id.is_zero() {
        let pending = transfer.pending_id.get();
        if created.hold.rest.is_zero() {
            sink(Section::Transfer, pending, Role::ACT);
        }
        let role = if is_void(transfer) {
            Role::VOID
        } else {
            Role::POST
        };
        sink(Section::Pending, pending, role);
    }
    if !transfer.reverses_id.is_zero() {
        let reversed = transfer.reverses_id.get();
        sink(Section::Transfer, reversed, Role::ACT);
        sink(Section::Reverses, reversed, Role::REVERSAL);
    }
    let mut closes = |flag, account: AccountId| {
        if transfer.flags.contains(flag) {
            sink(Section::AccountChange, account.get(), Role::CLOSED);
        }
    };
    closes(TransferFlags::CLOSING_DEBIT, debit);
    closes(TransferFlags::CLOSING_CREDIT, credit);
    field_postings(transfer, sink);
}

/// What is the same for all that is recorded with the fields of a transfer.
fn field_postings(transfer: &Transfer, sink: &mut impl FnMut(Section, u128, Role)) {
    let holds = transfer.flags.contains(TransferFlags::PENDING);
    let role = if holds { Role::HOLD } else { Role::LEG };
    sink(Section::Group, transfer.group_id.get(), role);
    let reference = reference_key(&transfer.reference);
    sink(Section::Reference, reference, Role::OF_TRANSFER);
    sink(
        Section::UserData128,
        transfer.user_data_128,
        Role::OF_TRANSFER,
    );
    let user_data_64 = u128::from(transfer.user_data_64);
    sink(Section::UserData64, user_data_64, Role::OF_TRANSFER);
}

fn is_void(transfer: &Transfer) -> bool {
    transfer
        .flags
        .contains(TransferFlags::VOID_PENDING_TRANSFER)
}

#[cfg(test)]
mod tests;
