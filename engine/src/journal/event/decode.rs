//! Reading events. Whatever the bytes are, the answer is an event or an error, and an event only
//! if writing it again would give the same bytes.

use ledger_core::{
    AccountFlags, AccountId, AccountUpdate, Amount, Event, Fact, GroupId, HoldAfter, LedgerId,
    NewAccount, NewLedger, Sequence, Timestamp, Totals, Transfer, TransferCreated, TransferExpired,
    TransferFlags, TransferId, TransferRejected, TransferStatus, UpdateId,
};

use super::{account_bits, transfer_bits, update_bits};
use crate::journal::FORMAT_VERSION;
use crate::journal::integer::Cursor;
use crate::journal::payload::{
    ACCOUNT_CREATED, ACCOUNT_UPDATED, DecodeError, Item, LEDGER_REGISTERED, TRANSFER_CREATED,
    TRANSFER_EXPIRED, TRANSFER_FENCED, TRANSFER_REJECTED,
};

/// Reads an event from its item.
pub(in crate::journal) fn read_event(
    item: &Item<'_>,
    sequence: Sequence,
    base_time: Timestamp,
) -> Result<Event, DecodeError> {
    let cursor = &mut Cursor::new(item.body);
    let after_base: u64 = cursor.narrow()?;
    let time = base_time
        .get()
        .checked_add(after_base)
        .map(Timestamp::new)
        .filter(|&time| time <= Timestamp::MAX)
        .ok_or(DecodeError::Time)?;
    let fact = match item.item_type {
        TRANSFER_CREATED => Fact::TransferCreated(transfer_created(cursor, time)?),
        TRANSFER_REJECTED => Fact::TransferRejected(transfer_rejected(cursor)?),
        TRANSFER_EXPIRED => Fact::TransferExpired(transfer_expired(cursor)?),
        TRANSFER_FENCED => {
            let presence = presence(cursor, transfer_bits::OF_FENCED)?;
            Fact::TransferFenced(transfer(cursor, presence, time)?)
        }
        ACCOUNT_CREATED => Fact::AccountCreated(account_created(cursor, time)?),
        ACCOUNT_UPDATED => Fact::AccountUpdated(account_updated(cursor)?),
        LEDGER_REGISTERED => Fact::LedgerRegistered(ledger_registered(cursor)?),
        _ => return Err(DecodeError::NotCanonical),
    };
    cursor.finish()?;
    Ok(Event {
        sequence,
        time,
        chained: item.chained,
        fact,
    })
}

fn presence(cursor: &mut Cursor<'_>, known: u16) -> Result<u16, DecodeError> {
    let presence = cursor.u16()?;
    if presence & !known != 0 {
        return Err(DecodeError::NotCanonical);
    }
    Ok(presence)
}

/// Insists that a field that is said to be present is not zero.
fn present<T: PartialEq + Default>(value: T) -> Result<T, DecodeError> {
    if value == T::default() {
        return Err(DecodeError::NotCanonical);
    }
    Ok(value)
}

#[inline]
fn transfer_created(
    cursor: &mut Cursor<'_>,
    time: Timestamp,
) -> Result<TransferCreated, DecodeError> {
    let presence = presence(cursor, transfer_bits::OF_CREATED)?;
    let totals_presence = cursor.u8()?;
    let transfer = transfer(cursor, presence, time)?;
    let has = |bit| presence & bit != 0;
    let hold = if has(transfer_bits::HOLD) {
        present(HoldAfter {
            posted: amount(cursor)?,
            released: amount(cursor)?,
            rest: amount(cursor)?,
        })?
    } else {
        HoldAfter::default()
    };
    let reversed = if has(transfer_bits::REVERSED) {
        present(amount(cursor)?)?
    } else {
        Amount::ZERO
    };
    Ok(TransferCreated {
        transfer,
        took_all: has(transfer_bits::TOOK_ALL),
        hold,
        reversed,
        debit_after: totals(cursor, totals_presence)?,
        credit_after: totals(cursor, totals_presence >> 4)?,
    })
}

#[inline]
fn transfer(
    cursor: &mut Cursor<'_>,
    presence: u16,
    time: Timestamp,
) -> Result<Transfer, DecodeError> {
    let mut transfer = Transfer {
        id: TransferId::new(cursor.u128()?),
        debit_account_id: AccountId::new(cursor.u128()?),
        credit_account_id: AccountId::new(cursor.u128()?),
        code: cursor.u16()?,
        ledger: LedgerId::new(cursor.narrow()?),
        amount: amount(cursor)?,
        timestamp: time,
        ..Transfer::default()
    };
    let has = |bit| presence & bit != 0;
    if !has(transfer_bits::OF_FENCED) {
        return Ok(transfer);
    }
    if has(transfer_bits::PENDING_ID) {
        transfer.pending_id = present(TransferId::new(cursor.u128()?))?;
    }
    if has(transfer_bits::REVERSES_ID) {
        transfer.reverses_id = present(TransferId::new(cursor.u128()?))?;
    }
    if has(transfer_bits::GROUP_ID) {
        transfer.group_id = present(GroupId::new(cursor.u128()?))?;
    }
    if has(transfer_bits::USER_DATA_128) {
        transfer.user_data_128 = present(cursor.integer()?)?;
    }
    if has(transfer_bits::USER_DATA_64) {
        transfer.user_data_64 = present(cursor.narrow()?)?;
    }
    if has(transfer_bits::USER_DATA_32) {
        transfer.user_data_32 = present(cursor.narrow()?)?;
    }
    if has(transfer_bits::REFERENCE) {
        transfer.reference = present(text(cursor, Transfer::REFERENCE_BYTES_MAX)?)?;
    }
    if has(transfer_bits::TIMEOUT) {
        transfer.timeout = present(cursor.narrow()?)?;
    }
    if has(transfer_bits::FLAGS) {
        transfer.flags = TransferFlags::from_bits(present(cursor.narrow()?)?);
    }
    if has(transfer_bits::TIMESTAMP) {
        transfer.timestamp = own_timestamp(cursor, time)?;
    }
    Ok(transfer)
}

/// A timestamp that is written out because it is not the event's time.
fn own_timestamp(cursor: &mut Cursor<'_>, time: Timestamp) -> Result<Timestamp, DecodeError> {
    let timestamp = Timestamp::new(cursor.narrow()?);
    if timestamp == time {
        return Err(DecodeError::NotCanonical);
    }
    Ok(timestamp)
}

#[inline]
fn amount(cursor: &mut Cursor<'_>) -> Result<Amount, DecodeError> {
    cursor.integer().map(Amount::new)
}

fn text(cursor: &mut Cursor<'_>, bytes_max: usize) -> Result<Box<str>, DecodeError> {
    let length = usize::from(cursor.u8()?);
    if length > bytes_max {
        return Err(DecodeError::NotCanonical);
    }
    cursor.text(length).map(Box::from)
}

#[inline]
fn totals(cursor: &mut Cursor<'_>, presence: u8) -> Result<Totals, DecodeError> {
    let mut total = |index: u8| {
        if presence & (1 << index) == 0 {
            return Ok(Amount::ZERO);
        }
        present(Amount::new(cursor.integer()?))
    };
    Ok(Totals {
        debits_pending: total(0)?,
        debits_posted: total(1)?,
        credits_pending: total(2)?,
        credits_posted: total(3)?,
    })
}

fn transfer_rejected(cursor: &mut Cursor<'_>) -> Result<TransferRejected, DecodeError> {
    let id = TransferId::new(cursor.u128()?);
    let number = cursor.u8()?;
    let status = TransferStatus::from_number(number).ok_or(DecodeError::UnknownStatus {
        found: number,
        version: FORMAT_VERSION,
    })?;
    Ok(TransferRejected {
        id,
        status,
        control_id: cursor.integer()?,
    })
}

fn transfer_expired(cursor: &mut Cursor<'_>) -> Result<TransferExpired, DecodeError> {
    let totals_presence = cursor.u8()?;
    Ok(TransferExpired {
        pending_id: TransferId::new(cursor.u128()?),
        debit_account_id: AccountId::new(cursor.u128()?),
        credit_account_id: AccountId::new(cursor.u128()?),
        ledger: LedgerId::new(cursor.narrow()?),
        posted: amount(cursor)?,
        released: amount(cursor)?,
        debit_after: totals(cursor, totals_presence)?,
        credit_after: totals(cursor, totals_presence >> 4)?,
    })
}

fn account_created(cursor: &mut Cursor<'_>, time: Timestamp) -> Result<NewAccount, DecodeError> {
    let presence = cursor.u8()?;
    let has = |bit| presence & bit != 0;
    let mut account = NewAccount {
        id: AccountId::new(cursor.u128()?),
        code: cursor.u16()?,
        ledger: LedgerId::new(cursor.narrow()?),
        timestamp: time,
        ..NewAccount::default()
    };
    if has(account_bits::FLAGS) {
        account.flags = AccountFlags::from_bits(present(cursor.narrow()?)?);
    }
    if has(account_bits::USER_DATA_128) {
        account.user_data_128 = present(cursor.integer()?)?;
    }
    if has(account_bits::USER_DATA_64) {
        account.user_data_64 = present(cursor.narrow()?)?;
    }
    if has(account_bits::USER_DATA_32) {
        account.user_data_32 = present(cursor.narrow()?)?;
    }
    if has(account_bits::OVERDRAFT_LIMIT) {
        account.overdraft_limit = present(amount(cursor)?)?;
    }
    if has(account_bits::BALANCE_MAX) {
        account.balance_max = present(amount(cursor)?)?;
    }
    if has(account_bits::NAME) {
        account.name = present(text(cursor, NewAccount::NAME_BYTES_MAX)?)?;
    }
    if has(account_bits::TIMESTAMP) {
        account.timestamp = own_timestamp(cursor, time)?;
    }
    Ok(account)
}

fn account_updated(cursor: &mut Cursor<'_>) -> Result<AccountUpdate, DecodeError> {
    let presence = cursor.u8()?;
    if presence & !update_bits::ALL != 0 {
        return Err(DecodeError::NotCanonical);
    }
    let has = |bit| presence & bit != 0;
    let mut update = AccountUpdate {
        update_id: UpdateId::new(cursor.u128()?),
        id: AccountId::new(cursor.u128()?),
        ..AccountUpdate::default()
    };
    if has(update_bits::OVERDRAFT_LIMIT) {
        update.overdraft_limit = Some(amount(cursor)?);
    }
    if has(update_bits::BALANCE_MAX) {
        update.balance_max = Some(amount(cursor)?);
    }
    if has(update_bits::NAME) {
        update.name = Some(text(cursor, NewAccount::NAME_BYTES_MAX)?);
    }
    Ok(update)
}

fn ledger_registered(cursor: &mut Cursor<'_>) -> Result<NewLedger, DecodeError> {
    Ok(NewLedger {
        id: LedgerId::new(cursor.narrow()?),
        scale: cursor.narrow()?,
        code: text(cursor, NewLedger::CODE_BYTES_MAX)?,
    })
}
