//! Transfers: bytes ↔ core without a step between, for the hot path, and the generated message ↔
//! core for everything else.

use bytes::BufMut;
use ledger_core::{
    AccountId, Amount, GroupId, LedgerId, Timestamp, Transfer, TransferFlags, TransferId,
};

use crate::{
    Defect, FieldPath, Malformed,
    uint128::{amount, number, present},
    v1,
    wire::{Key, Kind, Piece, Reader},
};

/// A text that is longer than this cannot be meant. Between what the ledger accepts and this the
/// answer is a status, so that it is told for each event.
pub(crate) const TEXT_BYTES_MAX: usize = 4096;

/// The field numbers of `pacioli.v1.Transfer`.
mod field {
    pub(super) const ID: u32 = 1;
    pub(super) const DEBIT_ACCOUNT_ID: u32 = 2;
    pub(super) const CREDIT_ACCOUNT_ID: u32 = 3;
    pub(super) const AMOUNT: u32 = 4;
    pub(super) const PENDING_ID: u32 = 5;
    pub(super) const USER_DATA_128: u32 = 6;
    pub(super) const USER_DATA_64: u32 = 7;
    pub(super) const USER_DATA_32: u32 = 8;
    pub(super) const TIMEOUT: u32 = 9;
    pub(super) const LEDGER: u32 = 10;
    pub(super) const CODE: u32 = 11;
    pub(super) const FLAGS: u32 = 12;
    pub(super) const GROUP_ID: u32 = 13;
    pub(super) const REFERENCE: u32 = 14;
    pub(super) const REVERSES_ID: u32 = 16;
    pub(super) const TIMESTAMP: u32 = 17;
}

/// Reads the transfer at `at`, which names it where it is malformed.
#[inline]
pub(crate) fn decode(bytes: &[u8], at: FieldPath) -> Result<Transfer, Malformed> {
    let broken = |defect| Malformed::Protobuf { at, defect };
    let mut fields = Fields::default();
    fields.read(bytes).map_err(broken)?;
    let Fields {
        id,
        debit_account_id,
        credit_account_id,
        amount,
        pending_id,
        reverses_id,
        group_id,
        user_data_128,
        user_data_64,
        user_data_32,
        reference,
        timeout,
        ledger,
        code,
        flags,
        timestamp,
    } = fields;
    Ok(Transfer {
        id: TransferId::new(id),
        debit_account_id: AccountId::new(debit_account_id),
        credit_account_id: AccountId::new(credit_account_id),
        amount: Amount::new(amount),
        pending_id: TransferId::new(pending_id),
        reverses_id: TransferId::new(reverses_id),
        group_id: GroupId::new(group_id),
        user_data_128,
        user_data_64,
        user_data_32,
        reference: if reference.is_empty() {
            Box::default()
        } else {
            text(reference, at.with("reference"))?.into()
        },
        timeout,
        ledger: LedgerId::new(ledger),
        code: code16(code, at.with("code"))?,
        flags: TransferFlags::from_bits(flags),
        timestamp: Timestamp::new(timestamp),
    })
}

/// The fields of a transfer as they come: a field that comes twice holds what came last.
#[derive(Default)]
struct Fields<'a> {
    id: u128,
    debit_account_id: u128,
    credit_account_id: u128,
    amount: u128,
    pending_id: u128,
    reverses_id: u128,
    group_id: u128,
    user_data_128: u128,
    user_data_64: u64,
    user_data_32: u32,
    reference: &'a str,
    timeout: u32,
    ledger: u32,
    code: u32,
    flags: u32,
    timestamp: u64,
}

impl<'a> Fields<'a> {
    #[inline]
    fn read(&mut self, bytes: &'a [u8]) -> Result<(), Defect> {
        const fn message(number: u32) -> Key {
            Key::new(number, Kind::Length)
        }
        const fn varint(number: u32) -> Key {
            Key::new(number, Kind::Varint)
        }
        const ID: Key = message(field::ID);
        const DEBIT_ACCOUNT_ID: Key = message(field::DEBIT_ACCOUNT_ID);
        const CREDIT_ACCOUNT_ID: Key = message(field::CREDIT_ACCOUNT_ID);
        const AMOUNT: Key = message(field::AMOUNT);
        const PENDING_ID: Key = message(field::PENDING_ID);
        const USER_DATA_128: Key = message(field::USER_DATA_128);
        const USER_DATA_64: Key = varint(field::USER_DATA_64);
        const USER_DATA_32: Key = varint(field::USER_DATA_32);
        const TIMEOUT: Key = varint(field::TIMEOUT);
        const LEDGER: Key = varint(field::LEDGER);
        const CODE: Key = varint(field::CODE);
        const FLAGS: Key = varint(field::FLAGS);
        const GROUP_ID: Key = message(field::GROUP_ID);
        const REFERENCE: Key = message(field::REFERENCE);
        const REVERSES_ID: Key = message(field::REVERSES_ID);
        const TIMESTAMP: Key = Key::new(field::TIMESTAMP, Kind::Fixed64);

        let mut reader = Reader::new(bytes);
        while let Some(key) = reader.key()? {
            match key {
                ID => reader.uint128(&mut self.id)?,
                DEBIT_ACCOUNT_ID => reader.uint128(&mut self.debit_account_id)?,
                CREDIT_ACCOUNT_ID => reader.uint128(&mut self.credit_account_id)?,
                AMOUNT => reader.uint128(&mut self.amount)?,
                PENDING_ID => reader.uint128(&mut self.pending_id)?,
                USER_DATA_128 => reader.uint128(&mut self.user_data_128)?,
                USER_DATA_64 => self.user_data_64 = reader.varint()?,
                USER_DATA_32 => self.user_data_32 = reader.varint32()?,
                TIMEOUT => self.timeout = reader.varint32()?,
                LEDGER => self.ledger = reader.varint32()?,
                CODE => self.code = reader.varint32()?,
                FLAGS => self.flags = reader.varint32()?,
                GROUP_ID => reader.uint128(&mut self.group_id)?,
                REFERENCE => self.reference = reader.text()?,
                REVERSES_ID => reader.uint128(&mut self.reverses_id)?,
                TIMESTAMP => self.timestamp = reader.fixed64()?,
                _ => unknown(key, &mut reader)?,
            }
        }
        Ok(())
    }
}

/// A field that is none of a transfer's, or one of them of another kind.
#[cold]
fn unknown(key: Key, reader: &mut Reader<'_>) -> Result<(), Defect> {
    match key.number() {
        field::ID..=field::REFERENCE | field::REVERSES_ID | field::TIMESTAMP => Err(Defect::Kind),
        _ => reader.skip(key),
    }
}

/// A transfer whose reference the ledger accepts.
pub(crate) type TransferPiece = Piece<
    {
        Piece::HEAD
            + 8 * Piece::UINT128
            + 7 * Piece::UINT64
            + Piece::bytes_of(Transfer::REFERENCE_BYTES_MAX)
    },
>;

/// Writes a transfer as one entry of the list `list`, with the help of `piece`.
#[inline]
pub(crate) fn encode(
    list: u32,
    transfer: &Transfer,
    piece: &mut TransferPiece,
    buffer: &mut impl BufMut,
) {
    if transfer.reference.len() > Transfer::REFERENCE_BYTES_MAX {
        return encode_generated(list, transfer, buffer);
    }
    piece.clear();
    piece.uint128(field::ID, transfer.id.get());
    piece.uint128(field::DEBIT_ACCOUNT_ID, transfer.debit_account_id.get());
    piece.uint128(field::CREDIT_ACCOUNT_ID, transfer.credit_account_id.get());
    piece.uint128(field::AMOUNT, transfer.amount.get());
    piece.uint128(field::PENDING_ID, transfer.pending_id.get());
    piece.uint128(field::USER_DATA_128, transfer.user_data_128);
    piece.uint64(field::USER_DATA_64, transfer.user_data_64);
    piece.uint64(field::USER_DATA_32, transfer.user_data_32.into());
    piece.uint64(field::TIMEOUT, transfer.timeout.into());
    piece.uint64(field::LEDGER, transfer.ledger.get().into());
    piece.uint64(field::CODE, transfer.code.into());
    piece.uint64(field::FLAGS, transfer.flags.bits().into());
    piece.uint128(field::GROUP_ID, transfer.group_id.get());
    if !transfer.reference.is_empty() {
        piece.bytes(field::REFERENCE, transfer.reference.as_bytes());
    }
    piece.uint128(field::REVERSES_ID, transfer.reverses_id.get());
    piece.fixed64(field::TIMESTAMP, transfer.timestamp.get());
    buffer.put_slice(piece.entry(list));
}

/// A transfer that the ledger will refuse, because its reference is too long.
#[cold]
fn encode_generated(list: u32, transfer: &Transfer, buffer: &mut impl BufMut) {
    prost::encoding::message::encode(list, &v1::Transfer::from(transfer), buffer);
}

/// About what `transfers` take when they are encoded, to make room at once; exact room is not
/// needed, since a buffer grows.
pub(crate) fn room(transfers: &[Transfer]) -> usize {
    transfers
        .iter()
        .map(|transfer| 128 + transfer.reference.len())
        .sum()
}

impl From<&Transfer> for v1::Transfer {
    fn from(transfer: &Transfer) -> Self {
        Self {
            id: present(transfer.id.get()),
            debit_account_id: present(transfer.debit_account_id.get()),
            credit_account_id: present(transfer.credit_account_id.get()),
            amount: present(transfer.amount.get()),
            pending_id: present(transfer.pending_id.get()),
            user_data_128: present(transfer.user_data_128),
            user_data_64: transfer.user_data_64,
            user_data_32: transfer.user_data_32,
            timeout: transfer.timeout,
            ledger: transfer.ledger.get(),
            code: transfer.code.into(),
            flags: transfer.flags.bits(),
            group_id: present(transfer.group_id.get()),
            reference: transfer.reference.to_string(),
            reverses_id: present(transfer.reverses_id.get()),
            timestamp: transfer.timestamp.get(),
        }
    }
}

impl v1::Transfer {
    /// The transfer that this message is; `at` names it where it is malformed.
    ///
    /// # Errors
    /// A code above 65535, a reference that is far too long.
    pub fn read(self, at: FieldPath) -> Result<Transfer, Malformed> {
        Ok(Transfer {
            id: TransferId::new(number(self.id)),
            debit_account_id: AccountId::new(number(self.debit_account_id)),
            credit_account_id: AccountId::new(number(self.credit_account_id)),
            amount: amount(self.amount),
            pending_id: TransferId::new(number(self.pending_id)),
            reverses_id: TransferId::new(number(self.reverses_id)),
            group_id: GroupId::new(number(self.group_id)),
            user_data_128: number(self.user_data_128),
            user_data_64: self.user_data_64,
            user_data_32: self.user_data_32,
            reference: text(&self.reference, at.with("reference"))?.into(),
            timeout: self.timeout,
            ledger: LedgerId::new(self.ledger),
            code: code16(self.code, at.with("code"))?,
            flags: TransferFlags::from_bits(self.flags),
            timestamp: Timestamp::new(self.timestamp),
        })
    }
}

/// A code, which is a `uint32` on the wire since protobuf has nothing smaller.
pub(crate) fn code16(code: u32, at: FieldPath) -> Result<u16, Malformed> {
    u16::try_from(code).map_err(|_| Malformed::NumberTooLarge {
        at,
        number: code.into(),
        number_max: u16::MAX.into(),
    })
}

/// A text that is not so long that it cannot be meant.
pub(crate) fn text(text: &str, at: FieldPath) -> Result<&str, Malformed> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(Malformed::TextTooLong {
            at,
            bytes: text.len(),
            bytes_max: TEXT_BYTES_MAX,
        });
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
