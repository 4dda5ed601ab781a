//! Accounts in a snapshot.

use std::sync::LazyLock;

use ledger_core::{
    Account, AccountFlags, AccountId, Amount, LedgerId, NewAccount, Sequence, StateDigest,
    Timestamp,
};

use super::{Entry, present, put_int};
use crate::journal::DecodeError;
use crate::journal::integer::Cursor;
use crate::snapshot::block::Kind;

/// An account with its rank in the order of creation, from 0.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Positioned {
    /// The rank.
    pub position: u32,
    /// The account.
    pub account: Account,
}

/// What accounts are read into.
static BLANK: LazyLock<Account> =
    LazyLock::new(|| Account::new(&NewAccount::default(), Sequence::ZERO));

const FLAGS: u16 = 1 << 0;
const USER_DATA_128: u16 = 1 << 1;
const USER_DATA_64: u16 = 1 << 2;
const USER_DATA_32: u16 = 1 << 3;
const OVERDRAFT_LIMIT: u16 = 1 << 4;
const BALANCE_MAX: u16 = 1 << 5;
const DEBITS_PENDING: u16 = 1 << 6;
const DEBITS_POSTED: u16 = 1 << 7;
const CREDITS_PENDING: u16 = 1 << 8;
const CREDITS_POSTED: u16 = 1 << 9;
const CHANGED: u16 = 1 << 10;
const NAMED: u16 = 1 << 11;
const KNOWN: u16 = (1 << 12) - 1;

impl Entry for Positioned {
    type Key = AccountId;
    const KIND: Kind = Kind::Accounts;

    fn key(&self) -> AccountId {
        self.account.id
    }

    fn follows(&self, before: &AccountId) -> bool {
        self.account.id > *before
    }

    fn digest(&self, digest: &mut StateDigest) {
        digest.account(&self.account, self.position as usize);
    }

    fn put(&self, bytes: &mut Vec<u8>) {
        let account = &self.account;
        let totals = &account.totals;
        let changed = match account.changed == account.created {
            true => 0,
            false => account.changed.get(),
        };
        let rarer = [
            (FLAGS, u128::from(account.flags.bits())),
            (USER_DATA_128, account.user_data_128),
            (USER_DATA_64, account.user_data_64.into()),
            (USER_DATA_32, account.user_data_32.into()),
            (OVERDRAFT_LIMIT, account.overdraft_limit.get()),
            (BALANCE_MAX, account.balance_max.get()),
            (DEBITS_PENDING, totals.debits_pending.get()),
            (DEBITS_POSTED, totals.debits_posted.get()),
            (CREDITS_PENDING, totals.credits_pending.get()),
            (CREDITS_POSTED, totals.credits_posted.get()),
            (CHANGED, changed.into()),
            (NAMED, account.named.get().into()),
        ];
        let presence = rarer
            .iter()
            .filter(|(_, value)| *value != 0)
            .fold(0, |presence, (bit, _)| presence | bit);
        bytes.extend(account.id.get().to_le_bytes());
        bytes.extend(self.position.to_le_bytes());
        bytes.extend(account.fingerprint);
        bytes.extend(presence.to_le_bytes());
        bytes.extend(account.code.to_le_bytes());
        put_int(bytes, account.ledger.get().into());
        put_int(bytes, account.created.get().into());
        put_int(bytes, account.timestamp.get().into());
        for (_, value) in rarer.into_iter().filter(|(_, value)| *value != 0) {
            put_int(bytes, value);
        }
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        let id = AccountId::new(cursor.u128()?);
        let position = cursor.u32()?;
        let fingerprint = cursor.array()?;
        let presence = cursor.u16()?;
        if presence & !KNOWN != 0 {
            return Err(DecodeError::NotCanonical);
        }
        let mut account = BLANK.clone();
        account.id = id;
        account.fingerprint = fingerprint;
        account.code = cursor.u16()?;
        account.ledger = LedgerId::new(cursor.narrow()?);
        account.created = Sequence::new(cursor.narrow()?);
        account.timestamp = Timestamp::new(cursor.narrow()?);
        let mut rarer = |bit: u16| match presence & bit != 0 {
            true => present(cursor.integer()?),
            false => Ok(0),
        };
        let narrow = |_| DecodeError::NotCanonical;
        let flags = u32::try_from(rarer(FLAGS)?).map_err(narrow)?;
        account.flags = AccountFlags::from_bits(flags);
        account.user_data_128 = rarer(USER_DATA_128)?;
        account.user_data_64 = u64::try_from(rarer(USER_DATA_64)?).map_err(narrow)?;
        account.user_data_32 = u32::try_from(rarer(USER_DATA_32)?).map_err(narrow)?;
        account.overdraft_limit = Amount::new(rarer(OVERDRAFT_LIMIT)?);
        account.balance_max = Amount::new(rarer(BALANCE_MAX)?);
        account.totals.debits_pending = Amount::new(rarer(DEBITS_PENDING)?);
        account.totals.debits_posted = Amount::new(rarer(DEBITS_POSTED)?);
        account.totals.credits_pending = Amount::new(rarer(CREDITS_PENDING)?);
        account.totals.credits_posted = Amount::new(rarer(CREDITS_POSTED)?);
        let changed = u64::try_from(rarer(CHANGED)?).map_err(narrow)?;
        account.changed = match presence & CHANGED != 0 {
            true => Sequence::new(changed),
            false => account.created,
        };
        let named = u64::try_from(rarer(NAMED)?).map_err(narrow)?;
        account.named = Sequence::new(named);
        Ok(Self { position, account })
    }
}
