//! Open holds in a snapshot.

use ledger_core::{
    AccountId, Amount, GroupId, Hold, LedgerId, Sequence, StateDigest, Timestamp, TransferFlags,
    TransferId,
};

use super::{Entry, present, put_int, put_text, read_text};
use crate::journal::DecodeError;
use crate::journal::integer::Cursor;
use crate::snapshot::block::Kind;

const POSTED: u16 = 1 << 0;
const GROUP_ID: u16 = 1 << 1;
const USER_DATA_128: u16 = 1 << 2;
const USER_DATA_64: u16 = 1 << 3;
const USER_DATA_32: u16 = 1 << 4;
const REFERENCE: u16 = 1 << 5;
const EXPIRES_AT: u16 = 1 << 6;
const KNOWN: u16 = (1 << 7) - 1;

impl Entry for Hold {
    type Key = Sequence;
    const KIND: Kind = Kind::Holds;

    fn key(&self) -> Sequence {
        self.sequence
    }

    fn follows(&self, before: &Sequence) -> bool {
        self.sequence > *before
    }

    fn digest(&self, digest: &mut StateDigest) {
        digest.hold(self);
    }

    fn put(&self, bytes: &mut Vec<u8>) {
        let expires_at = self.expires_at.map_or(0, Timestamp::get);
        let present = [
            (POSTED, !self.posted.is_zero()),
            (GROUP_ID, !self.group_id.is_zero()),
            (USER_DATA_128, self.user_data_128 != 0),
            (USER_DATA_64, self.user_data_64 != 0),
            (USER_DATA_32, self.user_data_32 != 0),
            (REFERENCE, !self.reference.is_empty()),
            (EXPIRES_AT, expires_at != 0),
        ];
        let presence = present
            .into_iter()
            .filter(|(_, is_present)| *is_present)
            .fold(0, |presence, (bit, _)| presence | bit);
        bytes.extend(self.id.get().to_le_bytes());
        bytes.extend(self.debit_account_id.get().to_le_bytes());
        bytes.extend(self.credit_account_id.get().to_le_bytes());
        bytes.extend(presence.to_le_bytes());
        bytes.extend(self.code.to_le_bytes());
        put_int(bytes, self.ledger.get().into());
        put_int(bytes, self.flags.bits().into());
        put_int(bytes, self.amount.get());
        put_int(bytes, self.rest.get());
        put_int(bytes, self.timestamp.get().into());
        put_int(bytes, self.sequence.get().into());
        if presence & POSTED != 0 {
            put_int(bytes, self.posted.get());
        }
        if presence & GROUP_ID != 0 {
            bytes.extend(self.group_id.get().to_le_bytes());
        }
        let user_data = [
            self.user_data_128,
            self.user_data_64.into(),
            self.user_data_32.into(),
        ];
        for value in user_data.into_iter().filter(|value| *value != 0) {
            put_int(bytes, value);
        }
        if presence & REFERENCE != 0 {
            put_text(bytes, &self.reference);
        }
        if presence & EXPIRES_AT != 0 {
            put_int(bytes, expires_at.into());
        }
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        let mut hold = Self::default();
        hold.id = TransferId::new(cursor.u128()?);
        hold.debit_account_id = AccountId::new(cursor.u128()?);
        hold.credit_account_id = AccountId::new(cursor.u128()?);
        let presence = cursor.u16()?;
        if presence & !KNOWN != 0 {
            return Err(DecodeError::NotCanonical);
        }
        let has = |bit| presence & bit != 0;
        hold.code = cursor.u16()?;
        hold.ledger = LedgerId::new(cursor.narrow()?);
        hold.flags = TransferFlags::from_bits(cursor.narrow()?);
        hold.amount = Amount::new(cursor.integer()?);
        hold.rest = Amount::new(cursor.integer()?);
        hold.timestamp = Timestamp::new(cursor.narrow()?);
        hold.sequence = Sequence::new(cursor.narrow()?);
        if has(POSTED) {
            hold.posted = Amount::new(present(cursor.integer()?)?);
        }
        if has(GROUP_ID) {
            hold.group_id = GroupId::new(present(cursor.u128()?)?);
        }
        if has(USER_DATA_128) {
            hold.user_data_128 = present(cursor.integer()?)?;
        }
        if has(USER_DATA_64) {
            hold.user_data_64 = present(cursor.narrow()?)?;
        }
        if has(USER_DATA_32) {
            hold.user_data_32 = present(cursor.narrow()?)?;
        }
        if has(REFERENCE) {
            hold.reference = present(read_text(cursor)?)?;
        }
        if has(EXPIRES_AT) {
            hold.expires_at = Some(Timestamp::new(present(cursor.narrow()?)?));
        }
        Ok(hold)
    }
}
