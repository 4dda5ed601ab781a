//! The records that the state is made of.

use alloc::boxed::Box;

use super::Slot;
use crate::effect::Moved;
use crate::{
    AccountFlags, AccountId, Amount, GroupId, LedgerId, NewAccount, Sequence, Sum, Timestamp,
    Totals, Transfer, TransferFlags, TransferId,
};

/// Where a record is that this one belongs to. It is not part of what a record says, so all are
/// equal.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Place(pub(crate) Slot);

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Place {}

/// An account as it stands. Its name is not here: it is in the event [`Account::named`].
///
/// The fields lie in this order, so that what every transfer reads lies together.
#[derive(Clone, PartialEq, Eq, Debug)]
#[repr(C)]
pub struct Account {
    /// Unique over the database.
    pub id: AccountId,
    /// The four running totals.
    pub totals: Totals,
    /// The newest event that changed its totals, or the one that created it.
    pub changed: Sequence,
    /// The one asset that this account holds.
    pub ledger: LedgerId,
    /// As created, but for `CLOSED`, which tells whether the account is closed now.
    pub flags: AccountFlags,
    pub(crate) ledger_slot: Place,
    /// The client's.
    pub user_data_32: u32,
    /// The event that created it.
    pub created: Sequence,
    /// How far the side that a flag limits may go beyond the other one.
    pub overdraft_limit: Amount,
    /// The ceiling of the balance; zero means none.
    pub balance_max: Amount,
    /// The client's.
    pub user_data_128: u128,
    /// The client's.
    pub user_data_64: u64,
    /// When it was created, or its own moment if it was imported.
    pub timestamp: Timestamp,
    /// The event that gave it its name; zero if it has none.
    pub named: Sequence,
    /// What kind of account this is, in the client's terms.
    pub code: u16,
    /// Of the account as it was asked for, so that a retry is recognised without reading.
    pub fingerprint: [u8; 16],
}

const _: () = assert!(
    size_of::<Account>() <= 208,
    "with its places in the index an account stays below 256 bytes"
);

impl Account {
    /// The account that an event at `created` makes, with nothing on it.
    #[must_use]
    pub fn new(account: &NewAccount, created: Sequence) -> Self {
        Self {
            id: account.id,
            totals: Totals::ZERO,
            overdraft_limit: account.overdraft_limit,
            balance_max: account.balance_max,
            user_data_128: account.user_data_128,
            user_data_64: account.user_data_64,
            user_data_32: account.user_data_32,
            ledger: account.ledger,
            flags: account.flags,
            code: account.code,
            timestamp: account.timestamp,
            created,
            changed: created,
            named: if account.name.is_empty() {
                Sequence::ZERO
            } else {
                created
            },
            fingerprint: fingerprint(account),
            ledger_slot: Place::default(),
        }
    }

    pub(crate) fn limits_debits(&self) -> bool {
        self.flags
            .contains(AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS)
    }

    pub(crate) fn limits_credits(&self) -> bool {
        self.flags
            .contains(AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS)
    }

    /// Whether this account was created from the same words.
    #[must_use]
    pub fn is_same_creation(&self, account: &NewAccount) -> bool {
        self.fingerprint == fingerprint(account)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.flags.contains(AccountFlags::CLOSED)
    }
}

/// The first 16 bytes of the BLAKE3 hash of all that a client says of a new account.
fn fingerprint(account: &NewAccount) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&account.id.get().to_le_bytes());
    hasher.update(&account.ledger.get().to_le_bytes());
    hasher.update(&account.code.to_le_bytes());
    hasher.update(&account.flags.bits().to_le_bytes());
    hasher.update(&account.user_data_128.to_le_bytes());
    hasher.update(&account.user_data_64.to_le_bytes());
    hasher.update(&account.user_data_32.to_le_bytes());
    hasher.update(&account.overdraft_limit.get().to_le_bytes());
    hasher.update(&account.balance_max.get().to_le_bytes());
    hasher.update(account.name.as_bytes());
    let mut fingerprint = [0; 16];
    hasher.finalize_xof().fill(&mut fingerprint);
    fingerprint
}

/// A ledger and the sums over its accounts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ledger {
    /// Not zero.
    pub id: LedgerId,
    /// Such as `USD`; empty if the ledger is not registered.
    pub code: Box<str>,
    /// Decimal places.
    pub scale: u32,
    /// Over all accounts.
    pub debits_pending: Sum,
    /// Over all accounts.
    pub debits_posted: Sum,
    /// Over all accounts.
    pub credits_pending: Sum,
    /// Over all accounts.
    pub credits_posted: Sum,
    /// How many accounts it has.
    pub accounts: u64,
    /// How many transfers it has.
    pub transfers: u64,
}

impl Ledger {
    /// A ledger that is not registered and has no accounts.
    #[must_use]
    pub fn new(id: LedgerId) -> Self {
        Self {
            id,
            code: Box::default(),
            scale: 0,
            debits_pending: Sum::ZERO,
            debits_posted: Sum::ZERO,
            credits_pending: Sum::ZERO,
            credits_posted: Sum::ZERO,
            accounts: 0,
            transfers: 0,
        }
    }

    #[inline]
    pub(crate) fn move_by(&mut self, moved: Moved) {
        if !moved.reserved.is_zero() {
            self.debits_pending.add(moved.reserved);
            self.credits_pending.add(moved.reserved);
        }
        if !moved.released.is_zero() {
            self.debits_pending.sub(moved.released);
            self.credits_pending.sub(moved.released);
        }
        self.debits_posted.add(moved.posted);
        self.credits_posted.add(moved.posted);
    }

    pub(crate) fn unmove(&mut self, moved: Moved) {
        self.debits_pending.add(moved.released);
        self.credits_pending.add(moved.released);
        self.debits_pending.sub(moved.reserved);
        self.credits_pending.sub(moved.reserved);
        self.debits_posted.sub(moved.posted);
        self.credits_posted.sub(moved.posted);
    }

    /// Whether debits equal credits, pending and posted each.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        self.debits_pending == self.credits_pending && self.debits_posted == self.credits_posted
    }
}

/// A reservation that may still be posted or released.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Hold {
    /// The pending transfer.
    pub id: TransferId,
    /// Where value is reserved.
    pub debit_account_id: AccountId,
    /// Where it is to go.
    pub credit_account_id: AccountId,
    /// What was reserved at first.
    pub amount: Amount,
    /// What has been posted of it.
    pub posted: Amount,
    /// What is still reserved.
    pub rest: Amount,
    /// The leg's business event; zero if none.
    pub group_id: GroupId,
    /// The client's.
    pub user_data_128: u128,
    /// The client's.
    pub user_data_64: u64,
    /// The client's.
    pub user_data_32: u32,
    /// The provider's or order's own id.
    pub reference: Box<str>,
    /// The ledger of both accounts.
    pub ledger: LedgerId,
    /// What kind of transfer this is, in the client's terms.
    pub code: u16,
    /// As created.
    pub flags: TransferFlags,
    /// When it was created, or its own moment if it was imported.
    pub timestamp: Timestamp,
    /// When it is released by itself; `None` means never.
    pub expires_at: Option<Timestamp>,
    /// The event that created it.
    pub sequence: Sequence,
    pub(crate) debit: Place,
    pub(crate) credit: Place,
}

impl Hold {
    /// The reservation that a pending transfer makes, as it was created by an event at `sequence`;
    /// `None` if it would expire past the end of time.
    #[must_use]
    pub fn new(transfer: &Transfer, sequence: Sequence) -> Option<Self> {
        let expires_at = match transfer.timeout {
            0 => None,
            timeout => Some(transfer.timestamp.checked_add_seconds(timeout)?),
        };
        Some(Self {
            id: transfer.id,
            debit_account_id: transfer.debit_account_id,
            credit_account_id: transfer.credit_account_id,
            amount: transfer.amount,
            posted: Amount::ZERO,
            rest: transfer.amount,
            group_id: transfer.group_id,
            user_data_128: transfer.user_data_128,
            user_data_64: transfer.user_data_64,
            user_data_32: transfer.user_data_32,
            reference: transfer.reference.clone(),
            ledger: transfer.ledger,
            code: transfer.code,
            flags: transfer.flags,
            timestamp: transfer.timestamp,
            expires_at,
            sequence,
            debit: Place::default(),
            credit: Place::default(),
        })
    }

    /// Whether the moment of its expiry has come.
    #[must_use]
    pub fn is_due(&self, at: Timestamp) -> bool {
        self.expires_at.is_some_and(|expiry| expiry <= at)
    }
}
